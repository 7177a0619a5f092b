"""Somebody covers a stretch of a layer, whoever's turn it is."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from escalation.models.rota import Rota
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class OverrideQuerySet(VendorQuerySet["Override"]):
    def holding(self) -> OverrideQuerySet:
        """Without those that were taken back before they began."""
        return self.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=F("starts_at")))

    def within(self, start: datetime, end: datetime) -> OverrideQuerySet:
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Override(VendorModel):
    """Holds over [starts_at, ends_at), from ``made_at`` at the earliest and until ``withdrawn_at`` at the latest: what
    was, was."""

    rota = VendorForeignKey(Rota, on_delete=models.CASCADE, related_name="overrides", db_index=False)
    layer_key = models.PositiveSmallIntegerField()
    person = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=200, blank=True)
    made_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    withdrawn_by = VendorForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = VendorManager.from_queryset(OverrideQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="override_lasts"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("made_at")), name="override_leaves_the_past"),
        ]
        indexes = [models.Index(fields=["vendor", "rota", "ends_at"], name="override_ahead")]

    def __str__(self) -> str:
        return f"{self.person_id} covers {self.rota_id}"
