"""Categories: kinds of request, each with its form."""

from __future__ import annotations

from typing import Self

from django.db import models

from supportdesk.tenancy.models import VendorManager, VendorModel, VendorQuerySet


class CategoryQuerySet(VendorQuerySet["Category"]):
    def offered(self) -> Self:
        """Those a new ticket can have, in the contract's order."""
        return self.filter(retired_at__isnull=True).order_by("position")


class Category(VendorModel):
    """A kind of request. `fields` are its questions, the vendor's common ones first, as in the contract file:
    `{key, label, kind, required?, choices?, help?}` with the kind always given."""

    slug = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    fields = models.JSONField(default=list)
    position = models.PositiveSmallIntegerField()
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = VendorManager.from_queryset(CategoryQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "slug"], name="category_slug_once")]

    def __str__(self) -> str:
        return self.name
