"""The tenant: a company that sells support."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from supportdesk.tenancy.models import VendorModel

RESERVED_SLUGS = frozenset({"accounts", "admin", "api", "demo", "healthz", "media", "metrics", "readyz", "static"})


def check_zone(value: str) -> None:
    """Raises ValidationError unless ``value`` is an IANA time zone's name."""
    if value not in available_timezones():
        raise ValidationError(_("“%(zone)s” is not an IANA time zone, such as Europe/Kyiv."), params={"zone": value})


def check_slug(value: str) -> None:
    """Raises ValidationError when the slug would shadow one of the product's own addresses."""
    if value in RESERVED_SLUGS:
        raise ValidationError(_("“%(slug)s” is reserved."), params={"slug": value})


class Vendor(models.Model):
    """A tenant. Not a tenant row itself: its name and accent are shown before anybody signs in."""

    slug = models.SlugField(max_length=63, unique=True, validators=[check_slug])
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64, default="UTC", validators=[check_zone])
    accent = models.CharField(
        max_length=7, default="#3b5bdb", validators=[RegexValidator(re.compile("^#[0-9a-fA-F]{6}$"))]
    )
    help_text = models.TextField(blank=True)
    domain = models.CharField(max_length=253, blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain"], condition=~models.Q(domain=""), name="vendor_domain_once"),
            models.CheckConstraint(
                condition=~models.Q(slug__in=sorted(RESERVED_SLUGS)), name="vendor_slug_not_reserved"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zoneinfo(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class VendorCounter(VendorModel):
    """The last number given out, per vendor and kind of thing."""

    kind = models.CharField(max_length=20)
    value = models.BigIntegerField(default=0)

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "kind"], name="vendorcounter_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"

    @staticmethod
    def take(vendor_id: int, kind: str) -> int:
        """The next number of this kind; the row stays locked until the transaction ends, so there are no holes."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO accounts_vendorcounter (vendor_id, kind, value) VALUES (%s, %s, 1) "
                "ON CONFLICT (vendor_id, kind) DO UPDATE SET value = accounts_vendorcounter.value + 1 RETURNING value",
                [vendor_id, kind],
            )
            return int(cursor.fetchone()[0])
