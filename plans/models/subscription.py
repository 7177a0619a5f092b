"""Subscriptions: which plan a project has, on which dates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from plans.models.plan import Plan
from supportdesk.accounts.models import Project
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class SubscriptionQuerySet(VendorQuerySet["Subscription"]):
    def active_on(self, day: date) -> Self:
        """Those that cover a date (of the vendor's zone)."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)

    def overlapping(self, starts_on: date, ends_on: date | None) -> Self:
        """Those that share a date with [starts_on, ends_on); without `ends_on`, with all dates from `starts_on` on."""
        later = self.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on))
        return later if ends_on is None else later.filter(starts_on__lt=ends_on)


class Subscription(VendorModel):
    """A project's plan on the dates [starts_on, ends_on) in the vendor's zone: `ends_on` is the first date without it,
    none while it is open. A project has one plan at a time; the database sees to it."""

    project = VendorForeignKey(Project, on_delete=models.CASCADE, related_name="subscriptions", db_index=False)
    plan = VendorForeignKey(Plan, on_delete=models.PROTECT, related_name="subscriptions", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    ordered_hours = models.JSONField(
        default=dict, blank=True, help_text="By the slug of the plan's allowance: hours a period, as ordered."
    )
    created_at = models.DateTimeField()

    objects = VendorManager.from_queryset(SubscriptionQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="subscription_lasts"
            ),
            ExclusionConstraint(
                name="subscription_one_at_a_time",
                expressions=[
                    (F("vendor"), RangeOperators.EQUAL),
                    (F("project"), RangeOperators.EQUAL),
                    (
                        Func("starts_on", "ends_on", function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        indexes = [models.Index(fields=["vendor", "project", "-starts_on"], name="subscription_of_project")]

    def __str__(self) -> str:
        return f"{self.project_id}: {self.plan_id} from {self.starts_on}"

    @property
    def last_day(self) -> date | None:
        """The last date that it covers; None while it is open."""
        return self.ends_on - timedelta(days=1) if self.ends_on else None

    def stands(self, day: date) -> Literal["over", "current", "to come"]:
        """Where it stands on a date of the vendor's zone."""
        if day < self.starts_on:
            return "to come"
        return "current" if self.ends_on is None or day < self.ends_on else "over"
