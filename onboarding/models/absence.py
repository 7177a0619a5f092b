"""When somebody of a customer is not there: vacation, conferences and other events."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership, Organization
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet


class AbsenceQuerySet(VendorQuerySet["Absence"]):
    def of(self, organization: Organization) -> AbsenceQuerySet:
        """Those of an organization, the next first."""
        return (
            self.filter(organization=organization).select_related("person__user").order_by("starts_on", "ends_on", "pk")
        )

    def not_over(self, day: date) -> AbsenceQuerySet:
        """Those that last until a date or longer."""
        return self.filter(ends_on__gte=day)


class Absence(VendorModel):
    """Whole days, both ends included. ``person`` None: the whole organization ("our company holidays").

    "Share any respective calendars regarding vacation or periods of limited availability from team members (eg:
    Conferences or other events)" (Platform.sh Application Support, On-boarding). ``uid`` is the event's own in a
    calendar file, by which a later file replaces it; ``batch`` the upload it came with.
    """

    organization = VendorForeignKey(Organization, on_delete=models.CASCADE, related_name="absences", db_index=False)
    person = VendorForeignKey(
        Membership, on_delete=models.CASCADE, null=True, blank=True, related_name="absences", db_index=False
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    note = models.CharField(_("note"), max_length=200, blank=True)
    uid = models.CharField(max_length=255, blank=True)
    batch = models.UUIDField(null=True, blank=True)
    told_by = VendorForeignKey(Membership, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    told_at = models.DateTimeField()

    objects = VendorManager.from_queryset(AbsenceQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_lasts"),
            models.UniqueConstraint(
                fields=["vendor", "organization", "person", "uid"],
                condition=~Q(uid=""),
                nulls_distinct=False,
                name="absence_uid_once",
            ),
        ]
        indexes = [models.Index(fields=["vendor", "organization", "ends_on"], name="absence_ahead")]

    def __str__(self) -> str:
        return f"{self.starts_on} to {self.ends_on}"

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1
