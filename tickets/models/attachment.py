"""Files that came with a message."""

from __future__ import annotations

import uuid

from django.core.files.storage import default_storage
from django.db import models

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models.message import Message, MessageKind
from tickets.models.ticket import Ticket


def place(attachment: Attachment, _name: str) -> str:
    """A name nobody can guess and no customer chose; the name they gave is kept in the row."""
    return f"attachments/{attachment.vendor_id}/{uuid.uuid4().hex}"


class AttachmentQuerySet(VendorQuerySet["Attachment"]):
    def visible_to(self, who: Membership) -> AttachmentQuerySet:
        """Through a visible ticket, and not on an internal note when a customer asks."""
        rows = self.filter(ticket__in=Ticket.objects.visible_to(who))
        return rows if who.is_staff_side else rows.exclude(message__kind=MessageKind.NOTE)


class Attachment(VendorModel):
    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    message = VendorForeignKey(Message, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    file = models.FileField(upload_to=place, storage=default_storage, max_length=200)
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    content_type = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    objects = VendorManager.from_queryset(AttachmentQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        indexes = [
            models.Index(fields=["vendor", "ticket"], name="attachment_ticket"),
            models.Index(fields=["vendor", "message"], name="attachment_message"),
        ]

    def __str__(self) -> str:
        return self.name
