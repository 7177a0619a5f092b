"""Priorities that customers choose, and severities that triage decides: codes, definitions and criteria."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q

from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class PriorityScheme(VendorModel):
    """A set of codes with an order. Without a severity scheme of its own a vendor grades severity by its priorities."""

    class Kind(models.TextChoices):
        PRIORITY = "priority"
        SEVERITY = "severity"

    kind = models.CharField(max_length=10, choices=Kind)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "kind"], name="priorityscheme_kind_once"),
            models.CheckConstraint(condition=Q(kind__in=["priority", "severity"]), name="priorityscheme_kind_known"),
        ]

    def __str__(self) -> str:
        return self.kind


class PriorityQuerySet(VendorQuerySet["Priority"]):
    def current(self) -> Self:
        """Those in the contract now, the most urgent first."""
        return self.filter(retired_at__isnull=True).order_by("rank")

    def of_kind(self, kind: str) -> Self:
        """Those of the priority or of the severity scheme."""
        return self.filter(scheme__kind=kind)


class Priority(VendorModel):
    """A code as the vendor's document writes it. `rank` 1 is the most urgent; `pages` wakes people."""

    scheme = VendorForeignKey(PriorityScheme, on_delete=models.PROTECT, related_name="priorities", db_index=False)
    code = models.CharField(max_length=31)
    name = models.CharField(max_length=200)
    rank = models.PositiveSmallIntegerField()
    definition = models.TextField()
    examples = models.JSONField(default=list)
    criteria = models.JSONField(
        default=list, help_text="When the code applies, by environment; as in the contract file."
    )
    pages = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = VendorManager.from_queryset(PriorityQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "scheme", "code"], name="priority_code_once"),
            models.UniqueConstraint(
                fields=["vendor", "scheme", "rank"],
                condition=Q(retired_at__isnull=True),
                name="priority_rank_once",
            ),
            models.CheckConstraint(condition=Q(rank__gte=1), name="priority_rank_from_one"),
            models.CheckConstraint(condition=~Q(code=""), name="priority_code_given"),
        ]

    def __str__(self) -> str:
        return self.code
