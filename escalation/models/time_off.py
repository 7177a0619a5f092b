"""When somebody of the support team is not there."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import models
from django.db.models import F, Q

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class TimeOffQuerySet(VendorQuerySet["TimeOff"]):
    def holding(self) -> TimeOffQuerySet:
        """Without those that were taken back before they began."""
        return self.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=F("starts_at")))

    def within(self, start: datetime, end: datetime) -> TimeOffQuerySet:
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class TimeOff(VendorModel):
    """The instants between which a person of the team is away; whole days in their zone. Counts from ``told_at`` at the
    earliest and until ``withdrawn_at`` at the latest, so that it never changes who was on call before.

    Customers' people have theirs in ``onboarding``. ``uid`` is the event's own in a calendar file, by which a later
    file replaces it; ``batch`` the upload it came with.
    """

    person = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="time_off", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    uid = models.CharField(max_length=255, blank=True)
    batch = models.UUIDField(null=True, blank=True)
    told_by = VendorForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    told_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = VendorManager.from_queryset(TimeOffQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="timeoff_lasts"),
            models.UniqueConstraint(
                fields=["vendor", "person", "uid"],
                condition=~Q(uid="") & Q(withdrawn_at__isnull=True),
                name="timeoff_uid_once",
            ),
        ]
        indexes = [models.Index(fields=["vendor", "ends_at"], name="timeoff_ahead")]

    def __str__(self) -> str:
        return f"{self.person_id} away"

    @property
    def starts_on(self) -> date:
        """The first day, in the person's zone."""
        return self.starts_at.astimezone(self.person.user.zoneinfo).date()

    @property
    def ends_on(self) -> date:
        """The last day, in the person's zone."""
        return (self.ends_at - timedelta(microseconds=1)).astimezone(self.person.user.zoneinfo).date()
