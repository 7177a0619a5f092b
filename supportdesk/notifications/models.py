"""What people are told: a notice in the product's own inbox, and a delivery for every way out of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class NoticeQuerySet(VendorQuerySet["Notice"]):
    def of(self, person: Membership) -> NoticeQuerySet:
        """This person's inbox, the newest first."""
        return self.filter(membership=person).order_by("-id")

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)

    def count_up_to(self, most: int) -> int:
        """How many there are, counting no further than ``most``."""
        return self.order_by()[:most].count()


class Notice(VendorModel):
    """Something a person is told inside the product. ``key`` names the occasion: it is told once."""

    membership = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="notices", db_index=False)
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    path = models.CharField(max_length=500)
    ticket_number = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = VendorManager.from_queryset(NoticeQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "membership", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["vendor", "membership", "-id"], name="notice_inbox"),
            models.Index(fields=["vendor", "membership"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Given up")


class Delivery(VendorModel):
    """A message on its way out: one per occasion, channel and recipient, whatever is repeated.

    ``key`` names all three and never changes, so the identity that the other side sees (a Message-ID, a deduplication
    key) is derived from it and a repeat is recognised there. ``headers`` are the e-mail headers that hold a ticket's
    messages together.
    """

    channel = models.CharField(max_length=30)
    membership = VendorForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries", db_index=False
    )
    address = models.CharField(max_length=500)
    key = models.CharField(max_length=300)
    kind = models.CharField(max_length=60)
    ticket_number = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    path = models.CharField(max_length=500, blank=True)
    headers = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    reference = models.CharField(max_length=300, blank=True, default="")
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "channel", "key"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~Q(state=DeliveryState.SENT) & Q(sent_at__isnull=True)),
                name="delivery_sent_has_instant",
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "-id"], condition=Q(state=DeliveryState.DEAD), name="delivery_dead"),
            models.Index(fields=["vendor", "membership"], name="delivery_person"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}: {self.subject}"

    @property
    def is_settled(self) -> bool:
        return self.state in (DeliveryState.SENT, DeliveryState.DEAD)


class KeptMail(models.Model):
    """An e-mail that was kept instead of sent: the demo's stand-in for every mailbox in the world.

    Like those mailboxes it is outside the vendors' walls: ``vendor_slug`` is read from the message, and empty for
    e-mails of the product itself, such as a password reset.
    """

    vendor_slug = models.CharField(max_length=63, blank=True, default="")
    message_id = models.CharField(max_length=300)
    sender = models.CharField(max_length=300)
    recipients = models.TextField()
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField(blank=True, default="")
    headers = models.JSONField(default=dict)
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-sent_at", "-id"], name="keptmail_latest"),
            models.Index(fields=["vendor_slug", "-sent_at", "-id"], name="keptmail_vendor"),
        ]

    def __str__(self) -> str:
        return self.subject
