"""The rows of a ticket's clocks: one ``Clock`` per run, and one ``TicketBook`` for what later facts are judged by.

Rows are written by ``sla.ledger`` and ``sla.alarms`` only, from the pure values of ``sla.runs`` and ``sla.book``. The
terms are not copied: plan versions never change, so the version and the key of the target are the frozen terms.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from sla.runs import Outcome
from sla.targets import Audience, Metric
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet
from tickets.models import Ticket

METRICS = [
    (Metric.FIRST_RESPONSE.value, _("First response")),
    (Metric.NEXT_RESPONSE.value, _("Next response")),
    (Metric.UPDATE.value, _("Update")),
    (Metric.RESOLUTION.value, _("Resolution")),
    (Metric.DELIVERY.value, _("Delivery")),
    (Metric.CALLBACK.value, _("Call-back")),
]
AUDIENCES = [(Audience.CONTRACT.value, _("Contract")), (Audience.INTERNAL.value, _("Internal"))]
OUTCOMES = [(Outcome.MET.value, _("Met")), (Outcome.LATE.value, _("Late")), (Outcome.CANCELLED.value, _("Cancelled"))]


class ClockQuerySet(VendorQuerySet["Clock"]):
    def open(self) -> ClockQuerySet:
        return self.filter(settled_at__isnull=True)

    def for_customers(self) -> ClockQuerySet:
        """What was promised to them; internal objectives are the desk's own."""
        return self.filter(audience=Audience.CONTRACT.value)

    def shown(self) -> ClockQuerySet:
        """Without the runs that ended with nothing owed."""
        return self.exclude(outcome=Outcome.CANCELLED.value)


class Clock(VendorModel):
    """One run of one target on one ticket; the fields are those of ``sla.runs.Run``. ``pauses`` is a list of
    ``[began_at, ended_at, reason]`` in ISO 8601; ``promise`` is the wording of the target, for lists and exports."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    plan_version = VendorForeignKey("plans.PlanVersion", on_delete=models.PROTECT, related_name="+", db_index=False)
    target_key = models.CharField(max_length=120)
    metric = models.CharField(max_length=14, choices=METRICS)
    audience = models.CharField(max_length=8, choices=AUDIENCES)
    priority = models.CharField(max_length=31)
    promise = models.TextField()
    is_best_effort = models.BooleanField(default=False)
    cycle = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    pauses = models.JSONField(default=list)
    paused_at = models.DateTimeField(null=True)
    paused_reason = models.TextField(blank=True)
    promised_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9, choices=OUTCOMES, blank=True)
    open_seconds = models.PositiveIntegerField(null=True, help_text="Open time used, of those met or late.")

    objects = VendorManager.from_queryset(ClockQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "ticket", "metric", "audience", "cycle"], name="clock_cycle_once"
            ),
            models.UniqueConstraint(
                fields=["vendor", "ticket", "metric", "audience"],
                condition=Q(settled_at__isnull=True),
                name="clock_one_open",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, outcome="") | (Q(settled_at__isnull=False) & ~Q(outcome="")),
                name="clock_settled_has_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome="")
                | Q(outcome=Outcome.LATE.value, breached_at__isnull=False)
                | Q(outcome__in=[Outcome.MET.value, Outcome.CANCELLED.value], breached_at__isnull=True),
                name="clock_late_is_breached",
            ),
            models.CheckConstraint(
                condition=Q(breached_at__isnull=True) | Q(breached_at=F("due_at")), name="clock_breached_when_due"
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(settled_at__isnull=True), name="clock_settled_is_not_paused"
            ),
            models.CheckConstraint(
                condition=Q(is_best_effort=False) | Q(promised_at__isnull=False) | Q(due_at__isnull=True),
                name="clock_best_effort_is_never_due",
            ),
            models.CheckConstraint(
                condition=Q(open_seconds__isnull=True) | Q(outcome__in=[Outcome.MET.value, Outcome.LATE.value]),
                name="clock_measured_when_answered",
            ),
        ]
        indexes = [
            models.Index(fields=["vendor", "ticket"], name="clock_open", condition=Q(settled_at__isnull=True)),
            models.Index(
                fields=["vendor", "plan_version"], name="clock_open_plan", condition=Q(settled_at__isnull=True)
            ),
            models.Index(fields=["vendor", "settled_at"], name="clock_settled", condition=Q(settled_at__isnull=False)),
            # Reports read a year of a vendor's clocks from here and never touch the wide rows.
            models.Index(
                fields=["vendor", "started_at"],
                include=[
                    "metric",
                    "audience",
                    "priority",
                    "plan_version",
                    "ticket",
                    "outcome",
                    "due_at",
                    "is_best_effort",
                    "promised_at",
                    "open_seconds",
                ],
                name="clock_reported",
            ),
            models.Index(
                fields=["vendor", "started_at", "id"],
                name="clock_late_or_open",
                condition=Q(outcome__in=["", Outcome.LATE.value]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_metric_display()} of {self.ticket_id}, {self.outcome or 'open'}"


class TicketBook(VendorModel):
    """What the clocks remember of one ticket between two facts; the fields are those of ``sla.book.Book``. ``stays`` is
    a list of ``[state, at, reason, is_held]``, ``cycles`` counts the runs by ``metric:audience``, ``merged_away``
    has under the same names the cycle that ended with a merging."""

    ticket = VendorForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    plan_version = VendorForeignKey(
        "plans.PlanVersion", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    priority = models.CharField(max_length=31)
    severity = models.CharField(max_length=31, blank=True)
    stays = models.JSONField(default=list)
    cycles = models.JSONField(default=dict)
    merged_away = models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
    open_since = models.DateTimeField(null=True)
    is_answered = models.BooleanField(default=False)
    asked_at = models.DateTimeField(null=True)
    unanswered_at = models.DateTimeField(null=True)
    promised_at = models.DateTimeField(null=True)
    callback_at = models.DateTimeField(null=True)
    delivery_at = models.DateTimeField(null=True)
    delivery_key = models.CharField(max_length=120, blank=True)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "ticket"], name="ticketbook_once")]

    def __str__(self) -> str:
        return f"Clock book of {self.ticket_id}"


class Backtest(VendorModel):
    """A backtest that the workers are asked for: the drafts as a contract's canonical document. Its parts carry the
    answers; with the row they are gone."""

    document = models.JSONField()
    start = models.DateTimeField()
    end = models.DateTimeField()
    at = models.DateTimeField()
    is_against_present = models.BooleanField(default=False)
    asked_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta(VendorModel.Meta):
        constraints = [models.CheckConstraint(condition=Q(start__lt=F("end")), name="backtest_lasts")]

    def __str__(self) -> str:
        return f"Backtest {self.pk} of {self.start:%Y-%m-%d} to {self.end:%Y-%m-%d}"


class BacktestPart(VendorModel):
    """Some of its tickets, for one task. ``answer`` is a ``sla.backtest.Comparison`` as JSON; null until it is done."""

    backtest = VendorForeignKey(Backtest, on_delete=models.CASCADE, related_name="parts", db_index=False)
    ticket_ids = models.JSONField()
    answer = models.JSONField(null=True)

    class Meta(VendorModel.Meta):
        indexes = [models.Index(fields=["vendor", "backtest"], name="backtestpart_of")]

    def __str__(self) -> str:
        return f"Part {self.pk} of backtest {self.backtest_id}"
