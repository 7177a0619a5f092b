"""Reading and spelling the parts of a business calendar: weeks, holidays, specials."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, NamedTuple

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = 86_400
CLOCK = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)


class Shift(NamedTuple):
    """An opening in wall-clock seconds since the midnight that begins its date; past 86,400 is the next date."""

    open: int
    close: int

    def __str__(self) -> str:
        return "–".join(spelt(self))


Week = tuple[tuple[Shift, ...], ...]
Hours = Iterable[Sequence[str | time]]


def read_week(week: Mapping[str, Hours]) -> Week:
    """The shifts of the seven weekdays, Monday first. Raises ValueError naming the day and the shift that is wrong."""
    _mapping(week, "week")
    for day in week:
        if day not in WEEKDAYS:
            raise ValueError(f"week.{day}: not a weekday, which are {', '.join(WEEKDAYS)}")
    return tuple(read_shifts(week.get(day), f"week.{day}") for day in WEEKDAYS)


def read_holidays(holidays: Mapping[Any, str] | Iterable[Any]) -> tuple[tuple[date, str], ...]:
    """Dates with their names, in order. Raises ValueError naming the entry that is wrong."""
    if isinstance(holidays, str) or not isinstance(holidays, Iterable):
        raise ValueError(f"holidays: expected a list of dates, not {holidays!r}")
    found: dict[date, str] = {}
    entries = holidays.items() if isinstance(holidays, Mapping) else ((entry, "") for entry in holidays)
    for index, (entry, name) in enumerate(entries):
        where = f"holidays[{index}]"
        if isinstance(entry, Mapping):
            if "date" not in entry or not set(entry) <= {"date", "name"}:
                raise ValueError(f"{where}: expected a date and perhaps a name, not {dict(entry)!r}")
            entry, name = entry["date"], entry.get("name") or ""
        if not isinstance(name, str):
            raise ValueError(f"{where}.name: expected text, not {name!r}")
        on = read_date(entry, where)
        found[on] = name or found.get(on, "")
    return tuple(sorted(found.items()))


def read_specials(specials: Mapping[Any, Hours]) -> tuple[tuple[date, tuple[Shift, ...]], ...]:
    """Dates with the shifts that replace theirs, in order. Raises ValueError naming the date that is wrong."""
    _mapping(specials, "specials")
    found: dict[date, tuple[Shift, ...]] = {}
    for entry, hours in specials.items():
        where = f"specials.{entry}"
        on = read_date(entry, where)
        if on in found:
            raise ValueError(f"{where}: given twice")
        found[on] = read_shifts(hours, where)
    return tuple(sorted(found.items()))


def read_shifts(hours: Hours | None, where: str) -> tuple[Shift, ...]:
    """The shifts of one date, in order; None and an empty list are a closed date."""
    if hours is None:
        return ()
    if isinstance(hours, str | Mapping) or not isinstance(hours, Iterable):
        raise ValueError(f"{where}: expected a list of [open, close], not {hours!r}")
    return tuple(sorted({_shift(pair, f"{where}[{index}]") for index, pair in enumerate(hours)}))


def read_date(value: object, where: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{where}: there is no date {value}") from None
    raise ValueError(f'{where}: expected a date such as "2026-12-24", not {value!r}')


def spelt(shift: Shift) -> list[str]:
    """The shift as ["22:00", "06:00"], in the spelling that `read_shifts` reads back."""
    close = shift.close - MIDNIGHT if shift.close > MIDNIGHT else shift.close
    return [f"{s // 3600:02}:{s // 60 % 60:02}" + (f":{s % 60:02}" if s % 60 else "") for s in (shift.open, close)]


def _shift(pair: object, where: str) -> Shift:
    if isinstance(pair, str | Mapping) or not isinstance(pair, Sequence) or len(pair) != 2:
        raise ValueError(f"{where}: expected [open, close], not {pair!r}")
    opens, closes = _clock(pair[0], f"{where}.open"), _clock(pair[1], f"{where}.close")
    if opens == MIDNIGHT:
        raise ValueError(f"{where}.open: 24:00 is the end of the date; write 00:00 on the next one")
    if opens == closes:
        raise ValueError(f"{where}: opens and closes at {pair[0]}; write 00:00–24:00 for the whole date")
    return Shift(opens, closes if closes > opens else closes + MIDNIGHT)


def _clock(value: object, where: str) -> int:
    if isinstance(value, time) and value.tzinfo is None and not value.microsecond:
        return value.hour * 3600 + value.minute * 60 + value.second
    match = CLOCK.fullmatch(value) if isinstance(value, str) else None
    if match:
        hour, minute, second = (int(part or 0) for part in match.groups())
        seconds = hour * 3600 + minute * 60 + second
        if minute < 60 and second < 60 and seconds <= MIDNIGHT:
            return seconds
    raise ValueError(f'{where}: expected a time from "00:00" to "24:00", not {value!r}')


def _mapping(value: object, where: str) -> None:
    if not isinstance(value, Mapping):
        raise ValueError(f"{where}: expected a mapping, not {value!r}")
