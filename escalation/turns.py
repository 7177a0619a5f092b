"""When turns begin: the hand-overs of a layer and the weekly hours it is limited to, as instants.

Hand-overs and hours are wall-clock times in the layer's zone. A wall time that a change of clocks skips is the first
instant after the gap; one that it repeats is the first of the two. So a hand-over at 08:00 is at 08:00 all year, and a
turn of twelve hours lasts eleven or thirteen in the night the clocks change.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sla.shifts import Week

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)

Stretch = tuple[datetime, datetime]
"""Half-open: [start, end), in UTC."""


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks of the zone show this naive time, by the rule above. In UTC."""
    first = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if wall_time(first, zone) == wall:
        return first
    # Skipped. The two readings of a skipped time lie on both sides of the change, the later offset's reading first.
    before, after = wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first
    late = after.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + ((after - before) // 2 // SECOND) * SECOND
        if middle.astimezone(zone).utcoffset() == late:
            after = middle
        else:
            before = middle
    return after


def wall_time(at: datetime, zone: ZoneInfo) -> datetime:
    """What the clocks of the zone show: naive."""
    return at.astimezone(zone).replace(tzinfo=None, fold=0)


class Turns:
    """Turn 0 begins at the naive ``starts``, each next one ``length`` of wall time later; before it there are none."""

    __slots__ = ("length", "starts", "zone")

    def __init__(self, starts: datetime, length: timedelta, zone: ZoneInfo) -> None:
        self.starts, self.length, self.zone = starts, length, zone

    def begins(self, number: int) -> datetime:
        """The instant of that hand-over; the last that `datetime` can show when it lies beyond."""
        try:
            return instant(self.starts + number * self.length, self.zone)
        except OverflowError:
            return datetime.max.replace(tzinfo=UTC)

    def number_at(self, at: datetime) -> int:
        """Which turn it is; negative before the first."""
        number = (wall_time(at, self.zone) - self.starts) // self.length
        while self.begins(number) > at:
            number -= 1
        while self.begins(number + 1) <= at:
            number += 1
        return number

    def handovers(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Those within [start, end), in order; two that a gap folds into one instant are one."""
        number = max(0, self.number_at(start))
        last = None
        while (at := self.begins(number)) < end:
            if at >= start and at != last:
                yield at
            last = at
            number += 1


def openings(week: Week, zone: ZoneInfo, start: datetime, end: datetime) -> list[Stretch]:
    """The weekly hours that touch [start, end), merged where they meet, in order, not cut to it."""
    found: list[Stretch] = []
    day = wall_time(start, zone).date() - 2 * DAY
    last = wall_time(end, zone).date() + DAY
    while day <= last:
        found += [_opening(day, opens, closes, zone) for opens, closes in week[day.weekday()]]
        day += DAY
    merged: list[Stretch] = []
    for opens_at, closes_at in sorted(found):
        if merged and opens_at <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes_at))
        else:
            merged.append((opens_at, closes_at))
    return [(a, b) for a, b in merged if a < b and b > start and a < end]


def _opening(day: date, opens: int, closes: int, zone: ZoneInfo) -> Stretch:
    midnight = datetime.combine(day, time())
    return instant(midnight + opens * SECOND, zone), instant(midnight + closes * SECOND, zone)
