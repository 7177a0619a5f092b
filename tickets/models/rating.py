"""What the customer thinks of the outcome."""

from __future__ import annotations

from django.db import models

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel
from tickets.models.ticket import Ticket


class Rating(VendorModel):
    """One answer per ticket, given once it was resolved; a later answer replaces it and the timeline keeps both."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="ratings", db_index=False)
    is_good = models.BooleanField()
    comment = models.TextField(blank=True, max_length=2000)
    by = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "ticket"], name="rating_once")]
        indexes = [models.Index(fields=["vendor", "at"], name="rating_at")]

    def __str__(self) -> str:
        return f"{'good' if self.is_good else 'not good'} on {self.ticket_id}"
