"""How customers rate what was resolved, month by month."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import TruncMonth

from tickets.models import Rating

LOOK_BACK = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Month:
    """``month`` is its first day; ``good`` of ``total`` ratings were good."""

    month: date
    good: int
    total: int

    @property
    def share(self) -> float:
        return self.good / self.total


def by_month(zone: ZoneInfo, *, at: datetime) -> list[Month]:
    """The last twelve months' ratings by the zone's calendar months in which they were given, the newest first; months
    without any are left out. One query."""
    rows = (
        Rating.objects.filter(at__gt=at - LOOK_BACK)
        .annotate(month=TruncMonth("at", tzinfo=zone))
        .values("month")
        .annotate(good=Count("pk", filter=Q(is_good=True)), total=Count("pk"))
        .order_by("-month")
    )
    return [Month(row["month"].date(), row["good"], row["total"]) for row in rows]


def latest(limit: int = 50) -> list[Rating]:
    """What was said last, the newest first, with ticket and person. One query."""
    return list(Rating.objects.select_related("ticket", "by__user").order_by("-at", "-pk")[:limit])
