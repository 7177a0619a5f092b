"""Which open time a deadline was counted over, in words and in a zone. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from sla.calendars import BusinessCalendar, Pauses


@dataclass(frozen=True, slots=True)
class Stretch:
    """Open time that counted: half-open, cut to the start and the end of the clock."""

    opens_at: datetime
    closes_at: datetime

    @property
    def length(self) -> timedelta:
        return self.closes_at - self.opens_at


def counted(calendar: BusinessCalendar, start: datetime, end: datetime, pauses: Pauses = ()) -> list[Stretch]:
    """The stretches of open time in [start, end), less the pauses; their lengths add up to what the clock used."""
    return [Stretch(opens, closes) for opens, closes in calendar.open_periods(start, end, pauses)]


def spelt(stretches: Sequence[Stretch], zone: tzinfo, *, most: int = 8) -> list[str]:
    """The stretches as lines: "Fri 6 Mar 2026 16:30–17:00 (30 min)". Of many, the first and the last few."""
    lines = [_line(stretch, zone) for stretch in stretches]
    if len(lines) <= most:
        return lines
    head, tail = most - 2, 2
    between = stretches[head:-tail]
    left_out = sum((stretch.length for stretch in between), timedelta())
    return [*lines[:head], f"… {len(between)} × ({length(left_out)})", *lines[-tail:]]


def day(instant: datetime, zone: tzinfo) -> str:
    """ "Fri 6 Mar 2026 16:30", in the zone."""
    local = instant.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %Y} {clock(local)}"


def spanned(start: datetime, end: datetime, zone: tzinfo) -> str:
    """ "Fri 6 Mar 2026 16:30–17:00", until midnight "–24:00", and both days where they differ."""
    opens, closes = start.astimezone(zone), end.astimezone(zone)
    if closes.date() == opens.date():
        return f"{day(opens, zone)}–{clock(closes)}"
    if closes.time() == time() and closes.date() == opens.date() + timedelta(days=1):
        return f"{day(opens, zone)}–24:00"
    return f"{day(opens, zone)} – {day(closes, zone)}"


def clock(local: datetime) -> str:
    """ "16:30", with seconds only where there are any."""
    return f"{local:%H:%M:%S}" if local.second else f"{local:%H:%M}"


def length(span: timedelta) -> str:
    """ "2 h 30 min": hours however many, for open time has no days of 24 hours."""
    seconds = int(span.total_seconds())
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    parts = [f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (rest, "s")) if count]
    return " ".join(parts) or "0 min"


def elapsed(span: timedelta) -> str:
    """ "3 d 4 h" of real time, in at most two units."""
    seconds = int(span.total_seconds())
    if seconds >= 48 * 3600:
        days, hours = seconds // 86400, seconds % 86400 // 3600
        return f"{days} d {hours} h" if hours else f"{days} d"
    return length(timedelta(seconds=seconds - seconds % 60 if seconds >= 3600 else seconds))


def _line(stretch: Stretch, zone: tzinfo) -> str:
    return f"{spanned(stretch.opens_at, stretch.closes_at, zone)} ({length(stretch.length)})"
