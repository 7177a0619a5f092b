"""Business calendars: what "within 8 business hours" and "2 business days" mean, exactly.

Time is a set of half-open stretches [open, close). A shift is wall-clock time in the calendar's zone and belongs to
the local date on which it starts; it may run into the next date. Wall clock becomes an instant as PEP 495 (fold=0) and
RFC 5545 do: a skipped time moves forward by the gap, a doubled time is its first occurrence. Conversion comes first
and merging after, so a day of 23 or 25 hours is open for as long as it really lasts. A date that the zone skips has no
shifts. A holiday closes its local date from 00:00 to 24:00, whatever shift reaches into it; a special replaces the
shifts that start on its date and is cut by no holiday.

Instants are aware datetimes in any zone; those returned are in UTC. Amounts are seconds, exact to the microsecond.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Literal

from sla.openings import DAY, EPOCH, EPOCH_DAY, MICROSECOND, SECOND, Openings, Period, instant, merge
from sla.shifts import WEEKDAYS, Hours, Shift, Week, read_holidays, read_specials, read_week, spelt
from sla.zones import TZDATA_VERSION, ZONE_NAMES

__all__ = ["TZDATA_VERSION", "ZONE_NAMES", "BusinessCalendar", "Pauses", "Rule", "Shift"]

Rule = Literal["elapsed", "end_of_day"]
Pauses = Sequence[tuple[datetime, datetime | None]]
"""Half-open stretches of real time in which the clock stands still, in any order; None: not over yet."""

FIELDS = ("zone", "week", "holidays", "specials")
NEVER = 1 << 62


@dataclass(frozen=True, init=False, slots=True)
class BusinessCalendar:
    """The opening hours of one team: immutable, hashable, safe to share between threads and to pickle.

    `week` maps "mon" … "sun" to lists of ("09:00", "17:00"); days left out are closed. ("22:00", "06:00") runs into the
    next date, "24:00" is the end of the date. `holidays` are dates, or dates with their names; `specials` map a date to
    the hours that replace its own, an empty list closing it. Raises ValueError naming the field that is wrong.

    Equal calendars share what has been computed for either.
    """

    zone: str
    week: Week
    holidays: tuple[tuple[date, str], ...]
    specials: tuple[tuple[date, tuple[Shift, ...]], ...]
    _hash: int = field(repr=False, compare=False)
    _openings: Openings = field(repr=False, compare=False)

    def __init__(
        self,
        zone: str,
        week: Mapping[str, Hours],
        holidays: Mapping[str, str] | Mapping[date, str] | Iterable[str | date | Mapping[str, str]] = (),
        specials: Mapping[str, Hours] | Mapping[date, Hours] = MappingProxyType({}),
    ) -> None:
        if not isinstance(zone, str):
            raise ValueError(f"zone: expected the name of an IANA zone, not {zone!r}")
        parsed_week = read_week(week)
        parsed_holidays = read_holidays(holidays)
        parsed_specials = read_specials(specials)
        openings = _openings(
            zone,
            parsed_week,
            frozenset(on.toordinal() for on, _ in parsed_holidays),
            tuple((on.toordinal(), shifts) for on, shifts in parsed_specials),
        )
        identity = (zone, parsed_week, parsed_holidays, parsed_specials)
        for name, value in zip(self.__slots__, (*identity, hash(identity), openings), strict=True):
            object.__setattr__(self, name, value)

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).from_json, (self.to_json(),)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BusinessCalendar:
        """The calendar that `{zone, week, holidays, specials}` describes; only the zone is required.

        Raises ValueError naming the field that is missing, unknown or wrong.
        """
        if not isinstance(data, Mapping):
            raise ValueError(f"calendar: expected a mapping, not {data!r}")
        for name in data:
            if name not in FIELDS:
                raise ValueError(f"{name}: not a field of a calendar, which has {', '.join(FIELDS)}")
        if "zone" not in data:
            raise ValueError("zone: missing")
        empty: dict[str, Any] = {"week": {}, "holidays": (), "specials": {}}
        return cls(data["zone"], *(empty[name] if data.get(name) is None else data[name] for name in FIELDS[1:]))

    def to_json(self) -> dict[str, Any]:
        """The same calendar as plain JSON values, in one spelling: `from_json` gives an equal one back."""
        return {
            "zone": self.zone,
            "week": {day: [spelt(shift) for shift in shifts] for day, shifts in zip(WEEKDAYS, self.week, strict=True)},
            "holidays": [
                {"date": on.isoformat(), "name": name} if name else on.isoformat() for on, name in self.holidays
            ],
            "specials": {on.isoformat(): [spelt(shift) for shift in shifts] for on, shifts in self.specials},
        }

    @property
    def version_key(self) -> str:
        """Changes with the hours and with the time zone database: recompute what was computed under another key."""
        spelt = json.dumps([self.to_json(), TZDATA_VERSION], sort_keys=True)
        return hashlib.sha256(spelt.encode()).hexdigest()[:32]

    @property
    def is_never_open(self) -> bool:
        """True if no week and no special has any hours: every promise counted here is without a deadline."""
        return not self._openings.is_weekly and not any(shifts for _, shifts in self.specials)

    def local(self, t: datetime) -> datetime:
        """The instant in the calendar's zone."""
        _micros(t, "t")
        return t.astimezone(self._openings.zone)

    def holiday_name(self, on: date) -> str | None:
        """The holiday's name, "" for one without a name, None where the date is no holiday."""
        return dict(self.holidays).get(on)

    # Spans of open time

    def add(self, start: datetime, seconds: float, pauses: Pauses = ()) -> datetime | None:
        """The earliest instant by which that much open time has passed since `start`.

        An amount used up exactly at closing is due at closing. A negative amount goes back, to the latest such instant;
        zero answers `start`. None if the open time never suffices. Raises ValueError for a naive datetime.
        """
        t = _micros(start, "start")
        amount = seconds * SECOND if type(seconds) is int else _amount(seconds)
        if amount == 0:
            return start.astimezone(UTC)
        if pauses:
            found = self._paused_add(t, amount, _merged(pauses))
        else:
            found = self._openings.move(t, amount)
        return None if found is None else EPOCH + found * MICROSECOND

    def between(self, a: datetime, b: datetime, pauses: Pauses = ()) -> float:
        """The open seconds in [a, b), less the pauses; negative if b is before a; an int when whole."""
        low, high = _micros(a, "a"), _micros(b, "b")
        position = self._openings.position
        open_time = position(high) - position(low)
        if pauses:
            sign, low, high = (1, low, high) if low <= high else (-1, high, low)
            for p, q in _merged(pauses):
                if p < high and q > low:
                    open_time -= sign * (position(min(q, high)) - position(max(p, low)))
        whole, rest = divmod(open_time, SECOND)
        return open_time / SECOND if rest else whole

    def is_open(self, t: datetime, pauses: Pauses = ()) -> bool:
        """Whether the instant is open and in no pause; the closing instant no longer is."""
        at = _micros(t, "t")
        return self._openings.is_open(at) and not any(p <= at < q for p, q in _merged(pauses))

    def next_open(self, t: datetime, pauses: Pauses = ()) -> datetime | None:
        """`t` itself if it is open and not paused, else the first such instant after it; None if there is none."""
        found = self._openings.next_open(_micros(t, "t"))
        for p, q in _merged(pauses):
            if found is not None and p <= found < q:
                found = None if q == NEVER else self._openings.next_open(q)
        return None if found is None else EPOCH + found * MICROSECOND

    def open_periods(self, a: datetime, b: datetime, pauses: Pauses = ()) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of open time in [a, b), less the pauses, cut to it; their lengths add up to `between(a, b)`.

        Stretches that touch, such as two dates open around the clock, are one. Nothing if b is not after a.
        """
        low, high = _micros(a, "a"), _micros(b, "b")
        merged = _merged(pauses)
        for opens, closes in self._openings.periods(low, high):
            for p, q in merged:
                if p < closes and opens < q:
                    if opens < p:
                        yield EPOCH + opens * MICROSECOND, EPOCH + p * MICROSECOND
                    opens = q
            if opens < closes:
                yield EPOCH + opens * MICROSECOND, EPOCH + closes * MICROSECOND

    def _paused_add(self, t: int, amount: int, pauses: list[Period]) -> int | None:
        """As `add`, between instants, walking over the pauses the way the amount points."""
        openings = self._openings
        position = openings.position(t)
        if amount > 0:
            for p, q in pauses:
                if q > t:
                    ahead = max(0, openings.position(p) - position) if p > t else 0
                    if ahead >= amount:
                        break
                    if q == NEVER:
                        return None
                    amount -= ahead
                    t, position = q, openings.position(q)
            return openings.earliest(position + amount)
        for p, q in reversed(pauses):
            if p < t:
                behind = max(0, position - openings.position(q)) if q < t else 0
                if behind >= -amount:
                    break
                amount += behind
                t, position = p, openings.position(p)
        return openings.latest(position + amount)

    # Many at once

    def add_many(self, starts: Iterable[datetime], seconds: float) -> list[datetime | None]:
        """`add` for each start."""
        found = self.add_many_micros([_micros(start, "starts") for start in starts], _amount(seconds))
        return [None if t is None else EPOCH + t * MICROSECOND for t in found]

    def add_many_micros(self, starts: Iterable[int], amount: int) -> list[int | None]:
        """`add` for each start: instants as microseconds since 1970-01-01T00:00Z, the amount in microseconds."""
        if amount == 0:
            return list(starts)
        return self._openings.move_many(starts, amount)

    def between_many(self, pairs: Iterable[tuple[datetime, datetime]]) -> list[float]:
        """`between` for each pair."""
        return [self.between(a, b) for a, b in pairs]

    # Business days

    def add_days(self, start: datetime, n: int, rule: Rule = "elapsed", pauses: Pauses = ()) -> datetime | None:
        """The deadline of a promise of `n` business days; None if there are not that many.

        A business date is one on which a shift starts that is open for any time at all.

        "elapsed", n full business days from reception: a start inside hours is due at the same clock time on the n-th
        business date after its own, which is that of its shift (02:00 in a night shift is hour 26 of the date before).
        If that is not open there, it is due at the last closing before it on that date, else at that date's first
        opening. A start outside hours is due at the last closing of the n-th business date, the next being the first.

        "end_of_day": the clock starts at the next open instant, and is due at the last closing of the n-th business
        date after that one's. Zero days are `start` itself when elapsed, the end of the business date otherwise.

        Open time lost to pauses before the deadline is added after it. Raises ValueError for a negative `n`, another
        rule or a naive datetime.
        """
        if rule not in ("elapsed", "end_of_day"):
            raise ValueError(f'rule: expected "elapsed" or "end_of_day", not {rule!r}')
        if n < 0:
            raise ValueError(f"n: business days are not counted backwards, {n} given")
        t = _micros(start, "start")
        due = t if n == 0 and rule == "elapsed" else self._days_due(t, n, rule)
        if due is None or not pauses:
            return None if due is None else EPOCH + due * MICROSECOND
        due_at = EPOCH + due * MICROSECOND
        lost = self.between(start, due_at) - self.between(start, due_at, pauses)
        return self.add(due_at, lost, pauses)

    def _days_due(self, t: int, n: int, rule: Rule) -> int | None:
        openings = self._openings
        begins = openings.next_open(t)
        if begins is None:
            return None
        own = openings.date_of(begins)
        counts_own = rule == "elapsed" and begins != t
        day = openings.business_date(own, n - 1 if counts_own else n)
        if day is None:
            return None
        periods = openings.on(day)
        last_closing = max(closes for _, closes in periods)
        if rule == "end_of_day" or counts_own:
            return last_closing
        wall = self.local(EPOCH + t * MICROSECOND).replace(tzinfo=UTC)
        same_clock = instant(openings.zone, day, _micros(wall, "start") - (own - EPOCH_DAY) * DAY)
        if any(opens <= same_clock < closes for opens, closes in periods):
            return same_clock
        before = [closes for _, closes in periods if closes <= same_clock]
        return max(before) if before else min(opens for opens, _ in periods)


@lru_cache(maxsize=1024)
def _openings(
    zone: str, week: Week, holidays: frozenset[int], specials: tuple[tuple[int, tuple[Shift, ...]], ...]
) -> Openings:
    return Openings(zone, week, holidays, dict(specials))


def _micros(t: datetime, name: str) -> int:
    try:
        return (t - EPOCH) // MICROSECOND
    except TypeError:
        raise ValueError(f"{name}: expected an aware datetime, not {t!r}") from None


def _amount(seconds: float) -> int:
    if not math.isfinite(seconds):
        raise ValueError(f"seconds: expected a finite number, not {seconds!r}")
    return seconds * SECOND if isinstance(seconds, int) else round(seconds * SECOND)


def _merged(pauses: Pauses) -> list[Period]:
    found = [(_micros(p, "pauses"), NEVER if q is None else _micros(q, "pauses")) for p, q in pauses]
    return merge(found)
