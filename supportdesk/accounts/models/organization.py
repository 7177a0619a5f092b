"""A vendor's customers: organizations, their projects, and the environments a project runs in."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class Organization(VendorModel):
    """A customer of the vendor."""

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=63)
    shares_by_default = models.BooleanField(default=False)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "slug"], name="organization_slug_once")]

    def __str__(self) -> str:
        return self.name


class Project(VendorModel):
    """What a subscription is bought for."""

    organization = VendorForeignKey(Organization, on_delete=models.CASCADE, related_name="projects", db_index=False)
    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=63)
    is_active = models.BooleanField(default=True)

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
