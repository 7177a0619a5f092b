"""Plans and their versions: what is promised, from when."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q

from plans.models.contract_version import ContractVersion
from plans.models.offering import Offering
from sla.targets import Driver
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class Plan(VendorModel):
    """A plan of an offering. The higher `rank` is served first among tickets that are equally due."""

    offering = VendorForeignKey(Offering, on_delete=models.PROTECT, related_name="plans", db_index=False)
    slug = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    rank = models.PositiveSmallIntegerField(default=0)
    description = models.TextField(blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "offering", "slug"], name="plan_slug_once")]

    def __str__(self) -> str:
        return self.name


class PlanVersionQuerySet(VendorQuerySet["PlanVersion"]):
    def in_force(self, at: datetime) -> Self:
        """Those that had taken effect at an instant, the newest of each plan first: the latest loaded wins, so that a
        later version also replaces an earlier one whose date is still to come."""
        return self.filter(effective_from__lte=at).order_by("-number")


class PlanVersion(VendorModel):
    """What a plan promises from an instant on; never changed. `details` is the rest of the plan's section in the
    contract: channels, features, availability, allowances, success engineer."""

    plan = VendorForeignKey(Plan, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    contract_version = VendorForeignKey(
        ContractVersion, on_delete=models.PROTECT, related_name="plan_versions", db_index=False
    )
    effective_from = models.DateTimeField()
    driver = models.CharField(max_length=10, choices=[(driver.value, driver.value) for driver in Driver])
    details = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, help_text="SHA-256 of everything promised, calendars included.")

    objects = VendorManager.from_queryset(PlanVersionQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "plan", "number"], name="planversion_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="planversion_number_from_one"),
            models.CheckConstraint(
                condition=Q(driver__in=[driver.value for driver in Driver]), name="planversion_driver_known"
            ),
        ]
        indexes = [models.Index(fields=["vendor", "plan", "-effective_from"], name="planversion_in_force")]

    def __str__(self) -> str:
        return f"{self.plan_id} version {self.number}"

    @property
    def terms_driver(self) -> Driver:
        """What decides which contract promise holds."""
        return Driver(self.driver)
