"""A person's inbox inside the product."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class NoticeQuerySet(VendorQuerySet["Notice"]):
    def of(self, person: Membership) -> NoticeQuerySet:
        """This person's inbox, the newest first."""
        return self.filter(membership=person).order_by("-id")

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at__isnull=True)

    def count_up_to(self, most: int) -> int:
        """How many there are, counting no further than ``most``."""
        return self.order_by()[:most].count()


class Notice(VendorModel):
    """Something a person is told inside the product. ``key`` names the occasion: it is told once."""

    membership = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="notices", db_index=False)
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    path = models.CharField(max_length=500)
    ticket_number = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects = VendorManager.from_queryset(NoticeQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "membership", "key"], name="notice_once")]
        indexes = [
            models.Index(fields=["vendor", "membership", "-id"], name="notice_inbox"),
            models.Index(fields=["vendor", "membership"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title
