"""A page: people are being woken about a ticket, by one policy, until somebody answers for it."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from escalation.ladder import Standing
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models import Ticket


class PageState(models.TextChoices):
    OPEN = "open", _("Open")
    ACKNOWLEDGED = "acknowledged", _("Acknowledged")
    RESOLVED = "resolved", _("Resolved")


class PageQuerySet(VendorQuerySet["Page"]):
    def unsettled(self) -> PageQuerySet:
        """Those that nobody has resolved."""
        return self.filter(resolved_at__isnull=True)

    def waiting(self) -> PageQuerySet:
        """Those that nobody answers for yet."""
        return self.filter(state=PageState.OPEN)

    def for_rows(self) -> PageQuerySet:
        """With what a row of a list shows."""
        return self.select_related(
            "ticket__organization",
            "ticket__priority",
            "contract_version",
            "acknowledged_by__user",
            "resolved_by__user",
            "holder__user",
        ).defer("contract_version__document", "contract_version__source_text", "ticket__fields")


class Page(VendorModel):
    """At most one of a policy is unsettled on a ticket. It runs under the contract it was opened under.

    ``step``, ``round`` and the flags are where it stands on its policy's ladder (``ladder.Standing``); ``next_at`` is
    when it goes on, or when its acknowledgement runs out; None: it waits for people alone. ``landings`` counts how
    often people were told. ``posted_to`` names the integrations that have an incident of it. ``acknowledged_as`` and
    ``resolved_as`` say who it was where it was nobody with a place here: a director, a service.
    """

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="pages", db_index=False)
    policy = models.SlugField(max_length=63)
    contract_version = VendorForeignKey(
        "plans.ContractVersion", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    trigger = models.CharField(max_length=20)
    priority = models.CharField(max_length=31)
    rank = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    opened_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=12, choices=PageState, default=PageState.OPEN)
    step = models.PositiveSmallIntegerField(default=0)
    round = models.PositiveSmallIntegerField(default=0)
    has_reached = models.BooleanField(default=False)
    round_reached = models.BooleanField(default=False)
    fell_back = models.BooleanField(default=False)
    landings = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    holder = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    bridge = models.URLField(max_length=500, blank=True)
    posted_to = ArrayField(models.CharField(max_length=100), default=list)
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = VendorForeignKey(
        Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    acknowledged_as = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    resolved_as = models.CharField(max_length=200, blank=True)

    objects = VendorManager.from_queryset(PageQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "ticket", "policy"], condition=Q(resolved_at__isnull=True), name="page_one_unsettled"
            ),
            models.CheckConstraint(
                condition=Q(state=PageState.OPEN, acknowledged_at__isnull=True, resolved_at__isnull=True)
                | Q(state=PageState.ACKNOWLEDGED, acknowledged_at__isnull=False, resolved_at__isnull=True)
                | Q(state=PageState.RESOLVED, resolved_at__isnull=False),
                name="page_state_has_instant",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=False) | Q(acknowledged_by__isnull=True, acknowledged_as=""),
                name="page_acknowledged_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=False) | Q(resolved_by__isnull=True, resolved_as=""),
                name="page_resolved_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=PageState.RESOLVED) | Q(next_at__isnull=True), name="page_resolved_is_over"
            ),
            models.CheckConstraint(
                condition=Q(bridge="") | Q(bridge__startswith="https://"), name="page_bridge_is_https"
            ),
        ]
        indexes = [
            models.Index(
                fields=["vendor", "state", "-id"], condition=Q(resolved_at__isnull=True), name="page_unsettled"
            ),
            models.Index(fields=["vendor", "-id"], name="page_latest"),
            models.Index(fields=["vendor", "ticket", "-id"], name="page_ticket"),
        ]

    def __str__(self) -> str:
        return f"page {self.pk} of {self.ticket_id} by {self.policy}"

    @property
    def is_settled(self) -> bool:
        return self.resolved_at is not None

    @property
    def is_open(self) -> bool:
        return self.state == PageState.OPEN

    @property
    def is_held(self) -> bool:
        """Whether it waits in its waiting room, before anybody was reached."""
        return self.is_open and self.landings > 0 and self.next_at is not None and not self.has_reached

    @property
    def standing(self) -> Standing:
        return Standing(self.step, self.round, self.has_reached, self.round_reached, self.fell_back)

    @standing.setter
    def standing(self, standing: Standing) -> None:
        self.step, self.round = standing.step, standing.round
        self.has_reached, self.round_reached = standing.has_reached, standing.round_reached
        self.fell_back = standing.fell_back

    @property
    def incident_key(self) -> str:
        """What services know the incident by."""
        return f"page-{self.pk}"

    @property
    def answered_by(self) -> str:
        """Who acknowledged it, by name; empty when nobody has."""
        return self.acknowledged_by.name if self.acknowledged_by is not None else self.acknowledged_as

    @property
    def settled_by(self) -> str:
        """Who resolved it, by name; empty when it is not resolved or nobody in particular did."""
        return self.resolved_by.name if self.resolved_by is not None else self.resolved_as


class PageLink(VendorModel):
    """An e-mail's link by which its reader answers a page once, signed in or not. Only the digest is kept. ``holder``
    is who was written to: a person with a place here, or by name a director."""

    page = VendorForeignKey(Page, on_delete=models.CASCADE, related_name="links", db_index=False)
    holder = VendorForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    holder_name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_for = models.CharField(max_length=20, blank=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "digest"], name="pagelink_digest_once"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True, used_for="") | (Q(used_at__isnull=False) & ~Q(used_for="")),
                name="pagelink_used_for_something",
            ),
        ]
        indexes = [models.Index(fields=["vendor", "page"], name="pagelink_page")]

    def __str__(self) -> str:
        return f"link of {self.holder_name} to page {self.page_id}"

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    def is_live(self, at: datetime) -> bool:
        return self.used_at is None and at < self.expires_at
