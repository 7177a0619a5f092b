"""What a customer's business cannot do without."""

from __future__ import annotations

from django.db import models

from supportdesk.accounts.models import Membership, Project
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class CriticalFunctionQuerySet(VendorQuerySet["CriticalFunction"]):
    def agreed(self) -> CriticalFunctionQuerySet:
        """Those that hold now, in the order they were written."""
        return self.filter(retired_at__isnull=True).order_by("position", "pk")


class CriticalFunction(VendorModel):
    """A function of a project agreed at onboarding: "Discuss critical-to-business functionality (helps to determine P1
    criteria)" (Platform.sh Application Support, On-boarding)."""

    project = VendorForeignKey(Project, on_delete=models.CASCADE, related_name="critical_functions", db_index=False)
    name = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField()
    agreed_by = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    agreed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = VendorManager.from_queryset(CriticalFunctionQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "project", "name"],
                condition=models.Q(retired_at__isnull=True),
                name="critical_function_once",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="critical_function_named"),
        ]

    def __str__(self) -> str:
        return self.name
