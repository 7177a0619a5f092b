"""What every tenant table is made of: a vendor, a manager that insists on a scope, and composite foreign keys."""

from __future__ import annotations

from typing import Any, Self, TypeVar, cast

from django.db import models

from supportdesk.tenancy.scope import current_vendor_id, default_vendor_id

_M_co = TypeVar("_M_co", bound=models.Model, covariant=True)
_M = TypeVar("_M", bound=models.Model)


class VendorQuerySet(models.QuerySet[_M_co]):
    """Base of the query sets of tenant models."""

    def of_scope(self) -> Self:
        """Rows of the vendor in scope; raises NoScope when there is none.

        Row-level security would filter too, but its condition cannot drive an index: the explicit one does.
        """
        vendor_id = current_vendor_id()
        return self if vendor_id is None else self.filter(vendor_id=vendor_id)


class VendorManager(models.Manager[_M]):
    """Starts every query inside the active scope; with no scope it raises instead of returning everything."""

    _queryset_class = VendorQuerySet

    def get_queryset(self) -> VendorQuerySet[_M]:
        return cast("VendorQuerySet[_M]", super().get_queryset()).of_scope()


class VendorForeignKey(models.ForeignKey[Any, Any]):
    """A foreign key between two tenant tables.

    Django makes no constraint for it: the migration operation ``TenantTable`` makes the composite one,
    ``(vendor_id, x_id) → x (vendor_id, id)``, so that no row can point across vendors.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("db_constraint", None)
        return name, path, args, kwargs


class TenantKey(models.ForeignKey[Any, Any]):
    """The vendor a row belongs to: the one in scope unless another is named. Migrations see a plain foreign key."""

    def get_default(self) -> Any:
        return default_vendor_id()

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


class VendorModel(models.Model):
    """A row that belongs to one vendor."""

    vendor = TenantKey("accounts.Vendor", on_delete=models.CASCADE, related_name="+", db_index=False)

    # The stubs take it for a class variable, which a model's own manager cannot override: hence `ignore[misc]` there.
    objects = VendorManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"
