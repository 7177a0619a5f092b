"""Secret addresses under which a calendar program reads shifts."""

from __future__ import annotations

import hashlib

from django.db import models
from django.db.models import Q

from escalation.models.rota import Rota
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class Feed(VendorModel):
    """``person``'s own shifts or, with ``rota``, everybody's on it. The secret is shown once; its digest is kept."""

    person = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="feeds", db_index=False)
    rota = VendorForeignKey(Rota, on_delete=models.CASCADE, null=True, blank=True, related_name="feeds", db_index=False)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "digest"], name="feed_digest_once"),
            models.UniqueConstraint(
                fields=["vendor", "person", "rota"],
                condition=Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="feed_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"feed of {self.person_id}"

    @staticmethod
    def digest_of(secret: str) -> str:
        return hashlib.sha256(secret.encode()).hexdigest()
