"""Who of the team has a ticket before them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel
from tickets.models.ticket import Ticket

WRITING = ("", "reply", "note", "call")


class Presence(VendorModel):
    """One person at one ticket, as their page last said: ``seen_at`` when, ``writing`` what they had begun to write,
    and ``read_to`` the last message (its id) that was on their page.

    The table is UNLOGGED: a page says so again within seconds, and nothing of it is worth a write-ahead log. What a
    crash of the database forgets is who is looking and where reading ended.
    """

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    person = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField()
    writing = models.CharField(max_length=5, blank=True)
    read_to = models.BigIntegerField(default=0)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "ticket", "person"], name="presence_once"),
            models.CheckConstraint(condition=Q(writing__in=WRITING), name="presence_writing_known"),
        ]
        indexes = [models.Index(fields=["vendor", "person", "seen_at"], name="presence_person")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.ticket_id}"
