"""What a person wants to be told, by which way, and when they want to be left alone."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class Preference(VendorModel):
    """Only what differs from the defaults: no row means all of them.

    ``email_off`` and ``sms_on`` are slugs of ``groups.GROUPS``. Quiet hours are wall-clock times in the person's own
    zone, and may go over midnight. ``bundle_minutes``: e-mails that follow one another within it are put together; None
    is the side's default.
    """

    membership = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="+", db_index=False)
    email_off = ArrayField(models.CharField(max_length=30), default=list)
    sms_on = ArrayField(models.CharField(max_length=30), default=list)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    bundle_minutes = models.PositiveSmallIntegerField(null=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "membership"], name="preference_once"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_to__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_to__isnull=False) & ~Q(quiet_from=F("quiet_to"))),
                name="preference_quiet_has_both_ends",
            ),
            models.CheckConstraint(
                condition=Q(bundle_minutes__isnull=True) | Q(bundle_minutes__lte=120), name="preference_bundle_range"
            ),
        ]

    def __str__(self) -> str:
        return f"preferences of {self.membership_id}"
