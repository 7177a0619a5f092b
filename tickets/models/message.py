"""What people wrote on a ticket."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models.ticket import Ticket


class MessageKind(models.TextChoices):
    PUBLIC = "public", _("Public")
    NOTE = "note", _("Internal note")
    AUTO = "auto", _("Automatic")


class MessageChannel(models.TextChoices):
    PORTAL = "portal", _("Portal")
    DESK = "desk", _("Desk")
    EMAIL = "email", _("E-mail")
    PHONE = "phone", _("Phone")
    API = "api", _("API")
    SYSTEM = "system", _("System")


class MessageQuerySet(VendorQuerySet["Message"]):
    def visible_to(self, who: Membership) -> MessageQuerySet:
        """Notes are for the vendor's own people."""
        return self if who.is_staff_side else self.exclude(kind=MessageKind.NOTE)


class Message(VendorModel):
    """``author`` None is the system itself."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages", db_index=False)
    author = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField(max_length=6, choices=MessageKind)
    channel = models.CharField(max_length=6, choices=MessageChannel)
    body = models.TextField()
    created_at = models.DateTimeField()

    objects = VendorManager.from_queryset(MessageQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [models.CheckConstraint(condition=~Q(body=""), name="message_has_body")]
        indexes = [models.Index(fields=["vendor", "ticket", "created_at", "id"], name="message_conversation")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.ticket_id}"
