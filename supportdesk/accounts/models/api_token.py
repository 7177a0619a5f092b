"""Tokens for programs: hashed, scoped, expiring."""

from __future__ import annotations

import hashlib
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models.membership import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class TokenScope(models.TextChoices):
    READ = "tickets:read", _("Read tickets")
    WRITE = "tickets:write", _("File tickets and reply")


class ApiToken(VendorModel):
    """Acts for its membership, within its scopes, until it expires. Only the SHA-256 of the secret is kept."""

    membership = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="tokens", db_index=False)
    name = models.CharField(_("name"), max_length=100)
    hint = models.CharField(max_length=8)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=TokenScope))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta(VendorModel.Meta):
        indexes = [models.Index(fields=["vendor", "membership"], name="apitoken_membership")]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    @staticmethod
    def hash_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()

    def is_live(self, at: datetime) -> bool:
        return at < self.expires_at
