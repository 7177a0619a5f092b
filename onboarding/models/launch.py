"""When a customer goes live, as support was told."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership, Organization, Project
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet

STILL_SHOWN = timedelta(days=30)


class LaunchQuerySet(VendorQuerySet["Launch"]):
    def announced(self) -> LaunchQuerySet:
        """Those that were not called off."""
        return self.filter(withdrawn_at__isnull=True)

    def around(self, day: date) -> LaunchQuerySet:
        """Those ahead, and those of the last month, whose date may have slipped; the next first."""
        return self.announced().filter(planned_on__gte=day - STILL_SHOWN).order_by("planned_on", "pk")

    def of(self, organization: Organization) -> LaunchQuerySet:
        return self.filter(project__organization=organization).select_related("project", "announced_by__user")


class Launch(VendorModel):
    """A planned launch date that "the support team has been made aware of" (Platform.sh, Ticket Priority)."""

    project = VendorForeignKey(Project, on_delete=models.CASCADE, related_name="launches", db_index=False)
    planned_on = models.DateField(_("planned date"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    announced_by = VendorForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    announced_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = VendorManager.from_queryset(LaunchQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "project", "planned_on"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="launch_date_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.project_id} on {self.planned_on}"
