"""A shelf of articles, for customers or for the team alone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.models import VendorManager, VendorModel, VendorQuerySet


class Audience(models.TextChoices):
    """ "Make sure you understand which section is for internal or external-facing communication" (Drud)."""

    EXTERNAL = "external", _("Customers and your team")
    INTERNAL = "internal", _("Your team only")


class SectionQuerySet(VendorQuerySet["Section"]):
    def visible_to(self, who: Membership) -> SectionQuerySet:
        """Staff see every section, customers those written for them; in the order that the leads gave them."""
        rows = self.order_by("position", "id")
        return rows if who.is_staff_side else rows.filter(audience=Audience.EXTERNAL)


class Section(VendorModel):
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=63)
    summary = models.CharField(max_length=200, blank=True)
    audience = models.CharField(max_length=10, choices=Audience)
    position = models.PositiveIntegerField()

    objects = VendorManager.from_queryset(SectionQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "slug"], name="section_slug_once"),
            models.CheckConstraint(condition=Q(audience__in=Audience.values), name="section_audience_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_internal(self) -> bool:
        return self.audience == Audience.INTERNAL
