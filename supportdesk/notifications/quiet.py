"""Quiet hours: when a person wants to be left alone. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo


def quiet_until(starts: time | None, ends: time | None, zone: tzinfo, at: datetime) -> datetime | None:
    """When the quiet hours that hold at ``at`` are over; None when none hold.

    ``starts`` and ``ends`` are wall-clock times in ``zone``, half-open, over midnight when the end is the earlier. In a
    night on which the clock changes the end is still that wall-clock time: a time that is skipped is the first instant
    after, one that comes twice its first.
    """
    if starts is None or ends is None:
        return None
    day = at.astimezone(zone).date()
    for first in (day - timedelta(days=1), day):
        begin = _instant(first, starts, zone)
        end = _instant(first if starts < ends else first + timedelta(days=1), ends, zone)
        if begin <= at < end:
            return end.astimezone(at.tzinfo)
    return None


def _instant(day: date, wall: time, zone: tzinfo) -> datetime:
    naive = datetime.combine(day, wall)
    found = naive.replace(tzinfo=zone)
    is_skipped = found.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != naive
    return _first_after_gap(naive, zone) if is_skipped else found


def _first_after_gap(naive: datetime, zone: tzinfo) -> datetime:
    """The instant of the change that skipped ``naive``: found by halving the hours around it."""
    low = (naive - timedelta(hours=3)).replace(tzinfo=zone).astimezone(UTC)
    high = (naive + timedelta(hours=3)).replace(tzinfo=zone).astimezone(UTC)
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).replace(tzinfo=None) < naive:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)
