"""Offerings: what is supported."""

from __future__ import annotations

from django.db import models

from supportdesk.tenancy.models import VendorModel


class Offering(VendorModel):
    """Something the vendor supports; sold in one or more plans."""

    slug = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "slug"], name="offering_slug_once")]

    def __str__(self) -> str:
        return self.name
