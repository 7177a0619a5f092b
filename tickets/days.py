"""Stretches of days as a list's address writes them: ``today``, ``7d``, ``2026-01-05..2026-02-01``, ``..2026-02-01``,
``2026-01-05..``. A day is one of the reader's zone, from midnight to midnight; both days of a stretch are in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

TODAY = "today"
PRESETS = (TODAY, "7d", "30d", "90d")
MOST_DAYS = 3650
FIRST, LAST = date(1970, 1, 1), date(2200, 1, 1)

NUMBER = re.compile(r"[1-9][0-9]{0,3}d", re.ASCII)
DATES = re.compile(r"(?:\d{4}-\d{2}-\d{2})?\.\.(?:\d{4}-\d{2}-\d{2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Days:
    """So many days up to today, or from today on; or from one date to another, either of which may be missing."""

    count: int = 0
    first: date | None = None
    last: date | None = None


def read(written: str) -> Days | None:
    """None for what is written otherwise, for more than ten years of days, and for an end before the beginning."""
    if written == TODAY:
        return Days(count=1)
    if NUMBER.fullmatch(written):
        count = int(written[:-1])
        return Days(count=count) if count <= MOST_DAYS else None
    if not DATES.fullmatch(written) or written == "..":
        return None
    try:
        first, last = (date.fromisoformat(part) if part else None for part in written.split(".."))
    except ValueError:
        return None
    if any(each is not None and not FIRST <= each <= LAST for each in (first, last)) or (first or FIRST) > (
        last or LAST
    ):
        return None
    return Days(first=first, last=last)


def written(first: str, last: str) -> str:
    """A stretch between two typed dates, in their order; empty for none."""
    if first and last:
        first, last = sorted((first, last))
    return f"{first}..{last}" if first or last else ""


def before(days: Days, at: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """From when until when (half-open), a number of days being the last so many with today."""
    today = at.astimezone(zone).date()
    if days.count:
        return _midnight(today - timedelta(days=days.count - 1), zone), None
    return _ends(days, zone)


def ahead(days: Days, at: datetime, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    """The same, a number of days being today with those that follow, and all that has passed."""
    today = at.astimezone(zone).date()
    if days.count:
        return None, _midnight(today + timedelta(days=days.count), zone)
    return _ends(days, zone)


def words(days: Days, *, is_ahead: bool = False) -> str:
    """As it follows “is”."""
    if days.count == 1:
        return _("today or overdue") if is_ahead else _("today")
    if days.count:
        if is_ahead:
            return ngettext("in the next %(n)s day", "in the next %(n)s days", days.count) % {"n": days.count}
        return ngettext("in the last %(n)s day", "in the last %(n)s days", days.count) % {"n": days.count}
    if days.first is None:
        return _("until {date}").format(date=_date(days.last))
    if days.last is None:
        return _("from {date} on").format(date=_date(days.first))
    if days.first == days.last:
        return _("on {date}").format(date=_date(days.first))
    return _("from {first} to {last}").format(first=_date(days.first), last=_date(days.last))


def _date(day: date | None) -> str:
    return date_format(day, pgettext("date format", "j M Y")) if day is not None else ""


def _ends(days: Days, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
    return (
        _midnight(days.first, zone) if days.first is not None else None,
        _midnight(days.last + timedelta(days=1), zone) if days.last is not None else None,
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
