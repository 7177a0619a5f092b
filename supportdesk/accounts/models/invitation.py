"""An invitation by e-mail: a secret link that becomes a membership."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.db import models
from django.db.models import Q

from supportdesk.accounts.models.membership import Membership, Role
from supportdesk.accounts.models.organization import Organization
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class Invitation(VendorModel):
    """The link's secret is kept only as its SHA-256."""

    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role)
    organization = VendorForeignKey(
        Organization, on_delete=models.CASCADE, null=True, blank=True, related_name="invitations"
    )
    tier = models.PositiveSmallIntegerField(null=True, blank=True)
    projects = models.JSONField(default=list, blank=True, help_text="Ids of the projects seen; none named: all.")
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = VendorForeignKey(Membership, on_delete=models.CASCADE, null=True, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "email"], condition=Q(accepted_at__isnull=True), name="invitation_one_open"
            )
        ]

    def __str__(self) -> str:
        return self.email

    @staticmethod
    def hash_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    def is_open(self, at: datetime) -> bool:
        return self.accepted_at is None and at < self.expires_at
