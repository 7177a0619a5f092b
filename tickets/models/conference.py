"""Where people meet on a ticket to talk or to share a screen."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models.ticket import Ticket


class ConferenceQuerySet(VendorQuerySet["Conference"]):
    def open(self) -> ConferenceQuerySet:
        return self.filter(ended_at__isnull=True)


class Conference(VendorModel):
    """A link for both sides; without ``starts_at`` it is now. At most one on a ticket is open."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="conferences", db_index=False)
    url = models.URLField(max_length=500)
    starts_at = models.DateTimeField(null=True)
    added_by = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = VendorManager.from_queryset(ConferenceQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "ticket"], condition=Q(ended_at__isnull=True), name="conference_one_open"
            ),
            models.CheckConstraint(condition=Q(url__startswith="https://"), name="conference_is_https"),
        ]

    def __str__(self) -> str:
        return f"conference on {self.ticket_id}"
