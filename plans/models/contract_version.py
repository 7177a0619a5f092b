"""The contract as it was loaded each time it changed: the truth that all other rows of this app are derived from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class ContractVersion(VendorModel):
    """One contract document, never changed. `document` is canonical; `source_text` is the file as it was written."""

    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical document.")
    document = models.JSONField()
    source_text = models.TextField()
    loaded_at = models.DateTimeField()
    loaded_by = VendorForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "number"], name="contractversion_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="contractversion_number_from_one"),
        ]

    def __str__(self) -> str:
        return f"version {self.number}"
