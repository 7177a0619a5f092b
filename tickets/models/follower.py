"""Who is kept informed of a ticket beside those who work on it."""

from __future__ import annotations

from django.db import models

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class FollowerQuerySet(VendorQuerySet["Follower"]):
    def with_people(self) -> FollowerQuerySet:
        """Those who are still here, by name."""
        return self.filter(person__is_active=True).select_related("person__user").order_by("person__user__name", "pk")


class Follower(VendorModel):
    """A person who follows a ticket: told of what happens to it, and able to read it although it is private."""

    ticket = VendorForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="followers", db_index=False)
    person = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="+", db_index=False)
    added_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    since = models.DateTimeField()

    objects = VendorManager.from_queryset(FollowerQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "ticket", "person"], name="follower_once")]
        indexes = [models.Index(fields=["vendor", "person", "ticket"], name="follower_person")]

    def __str__(self) -> str:
        return f"{self.person_id} follows {self.ticket_id}"
