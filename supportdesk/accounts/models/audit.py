"""Who changed what, when: append-only, guarded by a trigger."""

from __future__ import annotations

from django.db import models

from supportdesk.accounts.models.membership import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class AuditEntry(VendorModel):
    at = models.DateTimeField()
    by = VendorForeignKey(Membership, on_delete=models.DO_NOTHING, null=True, related_name="+", db_index=False)
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta(VendorModel.Meta):
        indexes = [models.Index(fields=["vendor", "-at", "-id"], name="auditentry_latest")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action}"
