"""A colleague named in an internal note."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models.message import Message
from tickets.models.ticket import Ticket


class MentionQuerySet(VendorQuerySet["Mention"]):
    def of(self, person: Membership) -> MentionQuerySet:
        """Where this person was named, the newest first."""
        return self.filter(person=person).order_by("-at", "-pk")

    def unread(self) -> MentionQuerySet:
        """On tickets that the person has not opened since."""
        return self.filter(read_at__isnull=True)

    def read(self, *, at: datetime) -> int:
        """They have been read by ``at``; how many."""
        return self.order_by().update(read_at=Greatest(F("at"), Value(at)))

    def with_notes(self) -> MentionQuerySet:
        """With the note, who wrote it, and the ticket."""
        return self.select_related("message__author__user", "ticket__organization")


class Mention(VendorModel):
    """``read_at`` is when the person next opened the ticket."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    message = VendorForeignKey(Message, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    person = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = VendorManager.from_queryset(MentionQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "message", "person"], name="mention_once"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True) | Q(read_at__gte=F("at")), name="mention_read_after"
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "person", "-at"], condition=Q(read_at__isnull=True), name="mention_unread"),
            models.Index(fields=["vendor", "ticket"], name="mention_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.message_id}"
