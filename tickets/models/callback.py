"""A customer who wants to be called."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets import phone_numbers
from tickets.models.ticket import Ticket


class CallbackOutcome(models.TextChoices):
    CALLED = "called", _("Called")
    CANCELLED = "cancelled", _("Cancelled")
    RESOLVED = "resolved", _("Resolved before the call")


class CallbackQuerySet(VendorQuerySet["Callback"]):
    def open(self) -> CallbackQuerySet:
        """Those that still wait for the call."""
        return self.filter(ended_at__isnull=True)


class Callback(VendorModel):
    """``number`` in E.164 (+4930901820). Without ``starts_at`` and ``ends_at`` the call is wanted as soon as possible;
    with them between these instants. At most one on a ticket is open. ``claimed_by`` is the agent who makes the call;
    ``note`` is what an agent who arranged it wrote down for whoever calls."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="callbacks", db_index=False)
    number = models.CharField(max_length=16)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    asked_by = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=CallbackOutcome, blank=True)
    note = models.CharField(max_length=300, blank=True)
    claimed_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    objects = VendorManager.from_queryset(CallbackQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "ticket"], condition=Q(ended_at__isnull=True), name="callback_one_open"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True) | Q(starts_at__lt=F("ends_at")),
                name="callback_window_in_order",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="callback_ended_has_outcome",
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "ticket", "-id"], name="callback_ticket"),
            models.Index(fields=["vendor", "starts_at"], name="callback_open", condition=Q(ended_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.number} for {self.ticket_id}"

    @property
    def shown_number(self) -> str:
        """As people read it, in groups."""
        return phone_numbers.readable(self.number)

    @property
    def mark(self) -> str:
        """Changes with what a list shows of it."""
        return f"{self.pk}-{self.claimed_by_id or 0}"
