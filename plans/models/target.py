"""Targets: the promises of a plan version, one row each."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import Q

from plans.models.calendar import CalendarVersion
from plans.models.plan import PlanVersion
from plans.models.priority import Priority
from sla import targets as sla
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class Target(VendorModel):
    """One promise of a plan version at one priority or severity; never changed.

    `kind` says which columns hold the amount: `seconds` of open time, or `days` (with `low_days` for a range) counted
    by `rule`, or neither for best effort.
    """

    class Kind(models.TextChoices):
        SPAN = "span"
        BUSINESS_DAYS = "business_days"
        BEST_EFFORT = "best_effort"

    plan_version = VendorForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="targets", db_index=False)
    priority = VendorForeignKey(Priority, on_delete=models.PROTECT, related_name="+", db_index=False)
    calendar_version = VendorForeignKey(CalendarVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveSmallIntegerField()
    metric = models.CharField(max_length=20, choices=[(metric.value, metric.value) for metric in sla.Metric])
    audience = models.CharField(max_length=10, choices=[(who.value, who.value) for who in sla.Audience])
    kind = models.CharField(max_length=14, choices=Kind)
    seconds = models.PositiveIntegerField(null=True, blank=True)
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    low_days = models.PositiveSmallIntegerField(null=True, blank=True)
    rule = models.CharField(max_length=12, blank=True)
    warn_fraction = models.FloatField(null=True, blank=True)
    warn_lead = models.DurationField(null=True, blank=True)
    pauses_in = models.JSONField(default=list)
    runs_in = models.JSONField(default=list)
    promise = models.TextField()
    source = models.TextField()
    derived_from = models.TextField(blank=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "plan_version", "audience", "metric", "priority"], name="target_once"
            ),
            models.CheckConstraint(
                condition=Q(metric__in=[metric.value for metric in sla.Metric]), name="target_metric_known"
            ),
            models.CheckConstraint(
                condition=Q(audience__in=[who.value for who in sla.Audience]), name="target_audience_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="span", seconds__isnull=False, seconds__gt=0, days__isnull=True, low_days__isnull=True, rule=""
                )
                | Q(
                    kind="business_days",
                    seconds__isnull=True,
                    days__isnull=False,
                    days__gt=0,
                    rule__in=["elapsed", "end_of_day"],
                )
                & (Q(low_days__isnull=True) | Q(low_days__gt=0, low_days__lt=models.F("days")))
                | Q(kind="best_effort", seconds__isnull=True, days__isnull=True, low_days__isnull=True, rule=""),
                name="target_amount_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(warn_fraction__isnull=True) | Q(warn_fraction__gt=0, warn_fraction__lte=1),
                name="target_warn_fraction_is_share",
            ),
            models.CheckConstraint(
                condition=Q(warn_lead__isnull=True) | Q(warn_lead__gt=timedelta(0)), name="target_warn_lead_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.promise

    @property
    def amount(self) -> sla.Amount:
        """The amount as a value."""
        if self.kind == self.Kind.SPAN:
            return sla.Span(self.seconds or 0)
        if self.kind == self.Kind.BUSINESS_DAYS:
            return sla.BusinessDays(
                self.days or 0, low=self.low_days, rule="end_of_day" if self.rule == "end_of_day" else "elapsed"
            )
        return sla.BestEffort()

    @property
    def target(self) -> sla.Target:
        """The promise as a value; load with `priority` and `calendar_version` to avoid queries."""
        return sla.Target(
            key=f"{self.audience}.{self.metric}.{self.priority.code}",
            metric=sla.Metric(self.metric),
            audience=sla.Audience(self.audience),
            priority=self.priority.code,
            amount=self.amount,
            calendar=self.calendar_version.business_calendar,
            calendar_name=self.calendar_version.name,
            warn=sla.WarnAt(self.warn_fraction, self.warn_lead),
            pauses_in=frozenset(self.pauses_in),
            runs_in=frozenset(self.runs_in),
            promise=self.promise,
            source=self.source,
            derived_from=self.derived_from,
        )
