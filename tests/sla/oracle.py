"""Business time by brute force: walks a few days minute by minute and looks at the clock on the wall.

It shares no reasoning with the engine: it never asks a zone for an offset. It lists what the wall clock reads at each
minute of real time, takes the first minute that reads 09:00 for 09:00, and for a reading that never comes looks for
the jump over it. Shift boundaries are whole minutes; instants, amounts and pauses may be any.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Any

from sla.zones import zone

MINUTE = timedelta(minutes=1)
WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Pauses = Sequence[tuple[datetime, datetime]]


class WallClock:
    """What the clocks of a zone read in each minute from `first` to `last`, as minutes since 0001-01-01."""

    def __init__(self, zone_name: str, first: date, last: date) -> None:
        self.start = datetime(first.year, first.month, first.day, tzinfo=UTC)
        minutes = (last - first).days * 1440
        tz = zone(zone_name)
        self.readings = []
        for minute in range(minutes):
            shown = (self.start + minute * MINUTE).astimezone(tz)
            self.readings.append(shown.toordinal() * 1440 + shown.hour * 60 + shown.minute)
        self.first_minute: dict[int, int] = {}
        for minute, reading in enumerate(self.readings):
            self.first_minute.setdefault(reading, minute)
        self.jumps = [(before, after) for before, after in pairwise(self.readings) if after > before + 1]
        self.dates = {reading // 1440 for reading in self.readings}

    def minute_of(self, reading: int) -> int:
        if reading in self.first_minute:
            return self.first_minute[reading]
        before, after = next(jump for jump in self.jumps if jump[0] < reading < jump[1])
        return self.first_minute[reading + (after - before - 1)]


wall_clock = lru_cache(maxsize=64)(WallClock)


class Oracle:
    """Answers between `knows_from` and `knows_until`; anything that would need more is `beyond`."""

    beyond = "beyond the days walked"

    def __init__(self, calendar: dict[str, Any], around: date, days: int = 8) -> None:
        self.calendar = calendar
        self.clock = wall_clock(calendar["zone"], around - timedelta(days=days), around + timedelta(days=days))
        self.start = self.clock.start
        around_day = around.toordinal()
        self.days = range(around_day - days + 2, around_day + days - 3)
        self.by_date = {day: self._minutes_on(day) for day in self.days}
        self.open = set().union(*self.by_date.values())
        self.knows_from = self.start + self.clock.minute_of((around_day - days + 5) * 1440) * MINUTE
        self.knows_until = self.start + self.clock.minute_of((around_day + days - 5) * 1440) * MINUTE

    def _minutes_on(self, day: int) -> set[int]:
        if day not in self.clock.dates:
            return set()
        on = date.fromordinal(day)
        special = self.calendar["specials"].get(on.isoformat())
        hours = self.calendar["week"].get(WEEKDAYS[on.weekday()], []) if special is None else special
        minutes: set[int] = set()
        for opens, closes in hours:
            first, last = self._reading(day, opens), self._reading(day, closes)
            if last <= first:
                last += 1440
            minutes |= set(range(self.clock.minute_of(first), self.clock.minute_of(last)))
        if special is None:
            for holiday in map(date.fromisoformat, self.calendar["holidays"]):
                if abs(holiday.toordinal() - day) <= 3 and holiday.toordinal() in self.clock.dates:
                    midnight = holiday.toordinal() * 1440
                    minutes -= set(range(self.clock.minute_of(midnight), self.clock.minute_of(midnight + 1440)))
        return minutes

    @staticmethod
    def _reading(day: int, clock: str) -> int:
        hour, minute = clock.split(":")
        return day * 1440 + int(hour) * 60 + int(minute)

    def _minute(self, t: datetime) -> int:
        return (t - self.start) // MINUTE

    def _pieces(self, a: datetime, b: datetime, pauses: Pauses) -> Iterator[tuple[datetime, datetime]]:
        """The open pieces of [a, b), none longer than a minute, in order."""
        edges = sorted({edge for pause in pauses for edge in pause})
        for minute in range(self._minute(a), self._minute(b) + 1):
            if minute not in self.open:
                continue
            low = max(a, self.start + minute * MINUTE)
            high = min(b, self.start + (minute + 1) * MINUTE)
            cuts = [low, *(edge for edge in edges if low < edge < high), high]
            for left, right in pairwise(cuts):
                if left < right and not any(p <= left < q for p, q in pauses):
                    yield left, right

    def between(self, a: datetime, b: datetime, pauses: Pauses = ()) -> float:
        if b < a:
            return -self.between(b, a, pauses)
        return sum(((right - left) for left, right in self._pieces(a, b, pauses)), timedelta()) / timedelta(seconds=1)

    def add(self, start: datetime, amount: timedelta, pauses: Pauses = ()) -> datetime | str:
        if not amount:
            return start
        if amount > timedelta():
            for left, right in self._pieces(start, self.knows_until, pauses):
                if right - left >= amount:
                    return left + amount
                amount -= right - left
        else:
            for left, right in reversed(list(self._pieces(self.knows_from, start, pauses))):
                if right - left >= -amount:
                    return right + amount
                amount += right - left
        return self.beyond

    def is_open(self, t: datetime, pauses: Pauses = ()) -> bool:
        return self._minute(t) in self.open and not any(p <= t < q for p, q in pauses)

    def next_open(self, t: datetime, pauses: Pauses = ()) -> datetime | str:
        return next((left for left, _ in self._pieces(t, self.knows_until, pauses)), self.beyond)

    def add_days(self, start: datetime, n: int, rule: str) -> datetime | str:
        begins = self.next_open(start)
        if isinstance(begins, str):
            return self.beyond
        minute = self._minute(begins)
        shown = self.clock.readings[minute] // 1440
        own = next(day for day in (shown, shown - 1, shown - 2, shown + 1) if minute in self.by_date[day])
        inside = begins == start
        counted = [day for day in self.days if self.by_date[day] and day >= own]
        index = n - 1 if rule == "elapsed" and not inside else n
        if index >= len(counted):
            return self.beyond
        minutes = self.by_date[counted[index]]
        if rule == "end_of_day" or not inside:
            return self._due(max(minutes) + 1)
        same = self.clock.minute_of(self.clock.readings[minute] + (counted[index] - own) * 1440)
        if same in minutes:
            return self._due(same) + (start - self.start) % MINUTE
        earlier = [each for each in minutes if each < same]
        return self._due(max(earlier) + 1 if earlier else min(minutes))

    def _due(self, minute: int) -> datetime:
        return self.start + minute * MINUTE
