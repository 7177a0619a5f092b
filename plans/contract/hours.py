"""Weekly opening hours as people write them: `24x7`, `24x5`, or `mon-fri: 09:00-12:00, 13:00-17:00`.

A shift belongs to the day on which it starts; `22:00-06:00` runs into the next one and `24:00` is the end of a day.
"""

from __future__ import annotations

import re
from itertools import pairwise

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
EXPECTED_SHIFTS = "expected opening hours such as '09:00-17:00', '09:00-12:00, 13:00-17:00', '22:00-06:00' or 'closed'"
EXPECTED_DAYS = "expected a day or days such as 'mon', 'mon-fri' or 'sat, sun'"
EXPECTED_WEEK = "expected '24x7', '24x5', or opening hours by day such as {mon-fri: 09:00-17:00}"

Shift = tuple[str, str]
Week = tuple[tuple[Shift, ...], ...]
"""Seven tuples of shifts, Monday first."""

WHOLE_DAY: tuple[Shift, ...] = (("00:00", "24:00"),)
AROUND_THE_CLOCK: Week = (WHOLE_DAY,) * 7
WORKING_DAYS_WHOLE: Week = (WHOLE_DAY,) * 5 + ((),) * 2

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?|24:00(?::00)?")
_SHIFT = re.compile(r"([\d:]+)\s*[-–]\s*([\d:]+)")


def parse_week(value: object) -> Week:
    """The week's shifts; raises ValueError naming what was expected and the day it was expected at."""
    if isinstance(value, str):
        named = {
            "24x7": AROUND_THE_CLOCK,
            "24/7": AROUND_THE_CLOCK,
            "24x5": WORKING_DAYS_WHOLE,
            "24/5": WORKING_DAYS_WHOLE,
        }
        if value.strip().lower() not in named:
            raise ValueError(EXPECTED_WEEK)
        return named[value.strip().lower()]
    if not isinstance(value, dict) or not value:
        raise ValueError(EXPECTED_WEEK)
    week: dict[int, tuple[Shift, ...]] = {}
    for key, shifts in value.items():
        for day in parse_days(key):
            if day in week:
                raise ValueError(f"expected each day once, and '{DAYS[day]}' is given twice")
            try:
                week[day] = parse_shifts(shifts)
            except ValueError as error:
                raise ValueError(f"{error} (at '{key}')") from None
    parsed = tuple(week.get(day, ()) for day in range(7))
    _check_overlaps(parsed)
    return parsed


def write_week(week: Week) -> str | dict[str, str]:
    """The canonical spelling: a name where there is one, else runs of equal days; closed days are left out."""
    if week == AROUND_THE_CLOCK:
        return "24x7"
    if week == WORKING_DAYS_WHOLE:
        return "24x5"
    written: dict[str, str] = {}
    first = 0
    for day in range(1, 8):
        if day < 7 and week[day] == week[first]:
            continue
        if week[first]:
            key = DAYS[first] if day - first == 1 else f"{DAYS[first]}-{DAYS[day - 1]}"
            written[key] = write_shifts(week[first])
        first = day
    return written or {"mon-sun": "closed"}


def parse_days(key: object) -> tuple[int, ...]:
    """`mon-fri` or `sat, sun` as numbers of days, Monday 0."""
    if not isinstance(key, str):
        raise ValueError(EXPECTED_DAYS)
    days: list[int] = []
    for part in key.lower().split(","):
        ends = [end.strip()[:3] if end.strip() in _DAY_NAMES else "?" for end in part.split("-")]
        if "?" in ends or len(ends) > 2:
            raise ValueError(f"{EXPECTED_DAYS}, found '{key}'")
        first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
        if last < first:
            raise ValueError(f"{EXPECTED_DAYS}, found '{key}'")
        days.extend(range(first, last + 1))
    return tuple(days)


def parse_shifts(value: object) -> tuple[Shift, ...]:
    """`09:00-12:00, 13:00-17:00` (or a list of such) as pairs of clock times; `closed` is none."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        value = ", ".join(value)
    if not isinstance(value, str):
        raise ValueError(EXPECTED_SHIFTS)
    if value.strip().lower() == "closed":
        return ()
    shifts: list[Shift] = []
    for part in value.split(","):
        match = _SHIFT.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"{EXPECTED_SHIFTS}, found '{value}'")
        for time in match.groups():
            if not _TIME.fullmatch(time):
                raise ValueError(f"expected a clock time from 00:00 to 24:00, found '{time}'")
        opens, closes = match.groups()
        if opens == closes or opens.startswith("24:"):
            raise ValueError(
                f"expected a shift with a beginning and an end (a whole day is 00:00-24:00), found '{part.strip()}'"
            )
        shifts.append((opens, closes))
    return tuple(sorted(shifts))


def write_shifts(shifts: tuple[Shift, ...]) -> str:
    """The canonical spelling of one day."""
    return ", ".join(f"{opens}-{closes}" for opens, closes in shifts) or "closed"


def week_json(week: Week) -> dict[str, list[list[str]]]:
    """The week in the form that `BusinessCalendar.from_json` reads; closed days are left out."""
    return {DAYS[day]: [list(shift) for shift in shifts] for day, shifts in enumerate(week) if shifts}


_DAY_NAMES = {*DAYS, "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"}


def _check_overlaps(week: Week) -> None:
    taken: list[tuple[str, str, int]] = []
    for day, shifts in enumerate(week):
        for opens, closes in shifts:
            taken.append((opens, closes, day))
    spans = sorted((_seconds(o) + d * 86400, _end(o, c) + d * 86400, d) for o, c, d in taken)
    spans += [(start + 7 * 86400, end + 7 * 86400, day) for start, end, day in spans[:1]]
    for (_, end, day), (start, _, _) in pairwise(spans):
        if start < end:
            raise ValueError(f"expected shifts that do not overlap, and those of '{DAYS[day]}' do")


def _seconds(time: str) -> int:
    parts = [int(part) for part in time.split(":")]
    return parts[0] * 3600 + parts[1] * 60 + (parts[2] if len(parts) > 2 else 0)


def _end(opens: str, closes: str) -> int:
    return _seconds(closes) + (86400 if _seconds(closes) <= _seconds(opens) else 0)
