"""Whether support covers what a ticket asks for, as the team decided."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel
from tickets.models.ticket import Ticket


class ScopeAction(models.TextChoices):
    """What is done with a request that the contract excludes; the words of its ``scope.exclusions``."""

    FORWARD = "forward_to_sales", _("Forward to sales")
    FEE = "additional_fee", _("Additional fee")
    LIMITED = "limited", _("Limited support")
    DECLINE = "decline", _("Decline")


class ScopeDecision(VendorModel):
    """The decision in force on a ticket; the timeline keeps the earlier ones.

    ``exclusion`` is the contract's slug and ``name`` and ``text`` its words on that day; all empty when the request is
    in scope. Of a fee ``is_agreed`` is None until the customer answers; ``fee`` says how much it is.
    """

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="scope_decisions", db_index=False)
    exclusion = models.CharField(max_length=63, blank=True)
    name = models.CharField(max_length=200, blank=True)
    action = models.CharField(max_length=16, choices=ScopeAction, blank=True)
    text = models.TextField(blank=True)
    reason = models.CharField(max_length=1000, blank=True)
    fee = models.CharField(max_length=200, blank=True)
    by = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    is_agreed = models.BooleanField(null=True)
    answered_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    answered_at = models.DateTimeField(null=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "ticket"], name="scopedecision_once"),
            models.CheckConstraint(
                condition=Q(exclusion="", action="") | (~Q(exclusion="") & ~Q(action="")),
                name="scopedecision_exclusion_has_action",
            ),
            models.CheckConstraint(
                condition=Q(is_agreed__isnull=True, answered_by__isnull=True, answered_at__isnull=True)
                | Q(
                    action=ScopeAction.FEE,
                    is_agreed__isnull=False,
                    answered_by__isnull=False,
                    answered_at__isnull=False,
                ),
                name="scopedecision_only_fees_are_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name or 'in scope'} on {self.ticket_id}"

    @property
    def awaits_customer(self) -> bool:
        """Whether the customer has been asked for a fee and has not answered: no work before."""
        return self.action == ScopeAction.FEE and self.is_agreed is None
