"""Tags: the team's own words for what tickets have in common. Customers never see them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models.ticket import Ticket


class TagQuerySet(VendorQuerySet["Tag"]):
    def by_name(self) -> TagQuerySet:
        return self.order_by("name", "pk")

    def beginning(self, text: str) -> TagQuerySet:
        """Those with a word that begins so, for a field that completes."""
        return self.filter(Q(name__istartswith=text) | Q(name__icontains=f" {text}"))


class Tag(VendorModel):
    """``slug`` is what addresses and saved views name it by: made from the first name, it stays when the name
    changes."""

    name = models.CharField(_("name"), max_length=40)
    slug = models.SlugField(max_length=63, allow_unicode=True)

    objects = VendorManager.from_queryset(TagQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "slug"], name="tag_slug_once"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(slug=""), name="tag_is_named"),
        ]

    def __str__(self) -> str:
        return self.name


class TicketTag(VendorModel):
    """A tag on a ticket, and who put it there."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="tagged", db_index=False)
    tag = VendorForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged", db_index=False)
    by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "ticket", "tag"], name="tickettag_once")]
        indexes = [models.Index(fields=["vendor", "tag", "ticket"], name="tickettag_tag")]

    def __str__(self) -> str:
        return f"{self.tag_id} on {self.ticket_id}"
