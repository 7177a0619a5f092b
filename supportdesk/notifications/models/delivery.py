"""A message on its way out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.notifications.models.integration import Integration
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class DeliveryState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Sent")
    DEAD = "dead", _("Given up")
    CANCELLED = "cancelled", _("No longer needed")
    SKIPPED = "skipped", _("Not possible")


UNSETTLED = (DeliveryState.PENDING, DeliveryState.SENDING)


class DeliveryQuerySet(VendorQuerySet["Delivery"]):
    def about(self, occasions: Iterable[str]) -> DeliveryQuerySet:
        """All copies of what was told under these keys, on every channel, the first one first."""
        return self.filter(occasion__in=list(occasions)).order_by("id")

    def dead(self) -> DeliveryQuerySet:
        """The letters that were given up, the newest first."""
        return self.filter(state=DeliveryState.DEAD).order_by("-id")

    def unsettled(self) -> DeliveryQuerySet:
        return self.filter(state__in=UNSETTLED)


class Delivery(VendorModel):
    """A message on its way out: one per occasion, channel and recipient, whatever is repeated.

    ``key`` names all three and never changes, so the identity that the other side sees (a Message-ID, a deduplication
    key) is derived from it and a repeat is recognised there. ``occasion`` is the part of it that all copies share.
    ``headers`` are the e-mail headers that hold a ticket's messages together; ``payload`` is what an incident is made
    of. Deliveries of one ``order_key`` leave in the order of their ids. ``destination`` is whose health decides when it
    leaves; urgent ones have a lane and a faster schedule of their own. Those that are ``is_bundled`` may travel
    together: ``bundle`` is the delivery that carries this one along in its e-mail. ``answer`` is what the other side
    last said, for people to read.

    ``state`` is what became of it here. What a carrier reports later (``receipts``) stands beside it: ``delivered_at``
    the telephone had it, ``seen_at`` a person took it, or ``lost_at`` nobody did, ``lost_because`` of this.
    """

    channel = models.CharField(max_length=30)
    membership = VendorForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries", db_index=False
    )
    integration = VendorForeignKey(
        Integration, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries", db_index=False
    )
    address = models.CharField(max_length=500)
    key = models.CharField(max_length=300)
    occasion = models.CharField(max_length=200, blank=True, default="")
    kind = models.CharField(max_length=60)
    ticket_number = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    path = models.CharField(max_length=500, blank=True)
    headers = models.JSONField(default=dict)
    payload = models.JSONField(default=dict)
    is_urgent = models.BooleanField(default=False)
    is_bundled = models.BooleanField(default=False)
    destination = models.CharField(max_length=60, blank=True, default="")
    order_key = models.CharField(max_length=300, blank=True, default="")
    bundle = VendorForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="bundled", db_index=False
    )
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="")
    answer = models.TextField(blank=True, default="")
    reference = models.CharField(max_length=300, blank=True, default="")
    queued_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    lost_because = models.CharField(max_length=200, blank=True, default="", db_default="")

    along: Sequence[Delivery] = ()
    """While it is being sent: the deliveries that travel with it."""
    tried_at: datetime | None = None
    """While it is being sent: when this attempt began."""

    objects = VendorManager.from_queryset(DeliveryQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "channel", "key"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.SENT, sent_at__isnull=False)
                | (~Q(state=DeliveryState.SENT) & Q(sent_at__isnull=True)),
                name="delivery_sent_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(lost_at__isnull=True, lost_because="")
                | Q(lost_at__isnull=False, delivered_at__isnull=True),
                name="delivery_lost_or_delivered",
            ),
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True) | Q(delivered_at__isnull=False), name="delivery_seen_was_delivered"
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "-id"], condition=Q(state=DeliveryState.DEAD), name="delivery_dead"),
            models.Index(fields=["vendor", "membership"], name="delivery_person"),
            models.Index(fields=["vendor", "occasion"], condition=~Q(occasion=""), name="delivery_occasion"),
            models.Index(
                fields=["vendor", "order_key", "id"],
                condition=Q(state__in=UNSETTLED) & ~Q(order_key=""),
                name="delivery_order",
            ),
            models.Index(fields=["vendor", "destination", "id"], condition=Q(state="pending"), name="delivery_waiting"),
            models.Index(
                fields=["vendor", "membership", "-sent_at"],
                condition=Q(state="sent", channel="email"),
                name="delivery_last_email",
            ),
            models.Index(fields=["vendor", "bundle"], condition=Q(bundle__isnull=False), name="delivery_bundle"),
            models.Index(
                fields=["vendor", "integration", "order_key", "id"],
                condition=Q(integration__isnull=False),
                name="delivery_incident",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}: {self.subject}"

    @property
    def is_settled(self) -> bool:
        return self.state not in UNSETTLED

    @property
    def has_failed(self) -> bool:
        """Whether it is known that nobody got it: given up here, or lost on its way."""
        return self.state == DeliveryState.DEAD or self.lost_at is not None
