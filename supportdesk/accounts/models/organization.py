"""A vendor's customers: organizations, their projects, and the environments a project runs in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, Q
from django.utils.translation import gettext_lazy as _

from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet

if TYPE_CHECKING:
    from supportdesk.accounts.models.membership import Membership


class Organization(VendorModel):
    """A customer of the vendor. ``success_engineer`` is whom of the vendor's people the plan's success engineer is for
    this customer; see ``engineer``."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=63)
    shares_by_default = models.BooleanField(default=False)
    success_engineer = VendorForeignKey(
        "accounts.Membership", on_delete=models.SET_NULL, null=True, blank=True, related_name="guided", db_index=False
    )

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "slug"], name="organization_slug_once")]

    def __str__(self) -> str:
        return self.name

    @property
    def engineer(self) -> Membership | None:
        """The success engineer, as long as they are of the vendor's people."""
        named = self.success_engineer
        return named if named is not None and named.is_active and named.is_staff_side else None


def seen_projects(who: Membership, column: str = "pk") -> Q:
    """The condition, on a column that names a project, under which ``who`` may see what belongs to it. Managers and
    staff are never limited; a contact is when an organization manager named projects for them."""
    from supportdesk.accounts.models.membership_project import MembershipProject

    if who.role != "customer":
        return Q()
    limits = MembershipProject.objects.filter(membership_id=who.pk)
    return ~Exists(limits) | Q((f"{column}__in", limits.values("project_id")))


class ProjectQuerySet(VendorQuerySet["Project"]):
    def open_to(self, who: Membership) -> ProjectQuerySet:
        """The projects that this person may see: staff all, customers those of their organization, contacts whom a
        manager limited only those named."""
        if who.is_staff_side:
            return self
        return self.filter(seen_projects(who), organization_id=who.organization_id or 0)


class Project(VendorModel):
    """What a subscription is bought for."""

    organization = VendorForeignKey(Organization, on_delete=models.CASCADE, related_name="projects", db_index=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=63)
    is_active = models.BooleanField(default=True)

    objects = VendorManager.from_queryset(ProjectQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "organization", "slug"], name="project_slug_once")]

    def __str__(self) -> str:
        return self.name


class EnvironmentKind(models.TextChoices):
    PRODUCTION = "production", _("Production")
    STAGING = "staging", _("Staging")
    DEVELOPMENT = "development", _("Development")


class Environment(VendorModel):
    project = VendorForeignKey(Project, on_delete=models.CASCADE, related_name="environments", db_index=False)
    kind = models.CharField(max_length=12, choices=EnvironmentKind)
    name = models.CharField(max_length=100)
    url = models.URLField(blank=True)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "project", "name"], name="environment_name_once")]

    def __str__(self) -> str:
        return self.name
