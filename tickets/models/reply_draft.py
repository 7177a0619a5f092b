"""What somebody is writing on a ticket."""

from __future__ import annotations

from typing import Any

from django.db import models

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel
from tickets.models.ticket import Ticket

CARRIED = "carried"
"""The field that says which ticket a text was brought from; the next save, which a composer sends, has none."""


class ReplyDraft(VendorModel):
    """One text of one person on one ticket, not sent. Nobody reads another's: not a colleague, not the customer.

    ``content`` has the composer's fields with their values, as the form sends them; files are not in it.
    """

    person = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="reply_drafts", db_index=False)
    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="reply_drafts", db_index=False)
    content = models.JSONField(default=dict)
    saved_at = models.DateTimeField()

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "ticket", "person"], name="replydraft_once")]

    def __str__(self) -> str:
        return f"{self.person_id} on {self.ticket_id}"

    @property
    def carried_from(self) -> str:
        """The number of the ticket that it was brought from and stands as it came; empty for all others."""
        return next(iter(self.content.get(CARRIED, ())), "")

    @property
    def initial(self) -> dict[str, Any]:
        """What a form that goes on with it begins with."""
        return {name: values[0] for name, values in self.content.items() if values}
