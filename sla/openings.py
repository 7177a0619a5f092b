"""The open time of one calendar as sorted stretches of instants, with running totals.

Everything here counts in integer microseconds: *instants* since 1970-01-01T00:00Z, *positions* in open time since an
origin that is fixed when the table is first built. The three questions of business time are then two binary searches:
where does an instant stand in open time (`position`), and which instant is the first, or the last, to stand at a
position (`earliest`, `latest`).

The table covers only the years that were asked about and grows by at least half of itself, both ways. Far from every
holiday and special, wall time repeats itself exactly: after 2100 every zone follows a rule of the Gregorian calendar,
whose cycle is 400 years (146,097 days, a whole number of weeks), and before 1800 every zone keeps one local mean time,
so the cycle is a week. Instants out there are folded onto the table instead of being walked to.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from threading import Lock
from zoneinfo import ZoneInfo

from sla.shifts import Shift, Week
from sla.zones import zone

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH_DAY = date(1970, 1, 1).toordinal()
# Nothing is open before or after: whatever the zone, `datetime` can still show what lies between.
FIRST_DAY = date(1, 1, 4).toordinal()
LAST_DAY = date(9999, 12, 28).toordinal()

MEAN_TIME_UNTIL = date(1800, 1, 1).toordinal()
RULES_SINCE = date(2100, 1, 1).toordinal()
WEEK_DAYS = 7
CYCLE_DAYS = 146_097


Period = tuple[int, int]
# low, high: the instants covered; opens, closes: the stretches; totals: the position of each closing. The first
# stretch is an empty one at `low`, so that every search finds something to its left.
Table = tuple[int, int, list[int], list[int], list[int]]


@lru_cache(maxsize=16_384)
def _midnight_offset(tz: ZoneInfo, day: int) -> int:
    return _offset(datetime.fromordinal(day), tz)


def _offset(wall: datetime, tz: ZoneInfo) -> int:
    offset = wall.replace(tzinfo=tz).utcoffset()
    assert offset is not None
    return offset // MICROSECOND


def instant(tz: ZoneInfo, day: int, wall: int) -> int:
    """The instant at which the clocks of the zone show `wall` microseconds past the midnight that begins `day`.

    PEP 495 with fold=0: a skipped time moves forward by the gap, a doubled one is its first occurrence.
    """
    offset = _offset(datetime.fromordinal(day) + timedelta(microseconds=wall), tz)
    return (day - EPOCH_DAY) * DAY + wall - offset


def exists(tz: ZoneInfo, day: int) -> bool:
    """False for a date that the zone skipped, as Samoa did 30 December 2011."""
    on = date.fromordinal(day)
    ends = (datetime.combine(on, at, tzinfo=tz) for at in (time.min, time.max))
    return any(end.astimezone(UTC).astimezone(tz).date() == on for end in ends)


def merge(periods: list[Period]) -> list[Period]:
    """The same time as sorted stretches that neither overlap nor touch; empty and reversed ones are dropped."""
    merged: list[Period] = []
    for opens, closes in sorted(periods):
        if closes <= opens:
            continue
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], closes))
        else:
            merged.append((opens, closes))
    return merged


def without(periods: list[Period], cut: Period) -> list[Period]:
    """The parts of the periods that lie outside the cut."""
    parts = [part for a, b in periods for part in ((a, min(b, cut[0])), (max(a, cut[1]), b))]
    return [(a, b) for a, b in parts if a < b] if cut[0] < cut[1] else periods


class Openings:
    """Safe to share between threads: the table is replaced whole, and only under the lock."""

    def __init__(
        self, zone_name: str, week: Week, holidays: frozenset[int], specials: Mapping[int, tuple[Shift, ...]]
    ) -> None:
        self.zone = zone(zone_name)
        self.is_weekly = any(week)
        self._week = week
        self._holidays = holidays
        self._specials = specials
        self._cut_days = frozenset(holiday + near for holiday in holidays for near in (-2, -1, 0, 1))
        self._lock = Lock()
        self._beginning, self._end = self._midnight(FIRST_DAY), self._midnight(LAST_DAY)
        self._table: Table = (0, -1, [], [], [])
        dated = [*holidays, *specials]
        self._first_day = max(FIRST_DAY, min([MEAN_TIME_UNTIL, *dated]) - WEEK_DAYS)
        self._last_day = min(LAST_DAY, max([RULES_SINCE, *dated]) + WEEK_DAYS + CYCLE_DAYS)
        if not self.is_weekly:
            self._first_day, self._last_day = FIRST_DAY, LAST_DAY
            opened = [period for day in specials for period in self.on(day)]
            self._table = self._appended(self._blank(self._beginning), self._end, opened)
        self._first, self._last = self._midnight(self._first_day), self._midnight(self._last_day)

    # One date

    def on(self, day: int) -> list[Period]:
        """What is left of the shifts that start on this date, holidays taken out; overlaps are not merged."""
        special = self._specials.get(day)
        shifts = self._week[(day - 1) % 7] if special is None else special
        if not shifts or not FIRST_DAY <= day < LAST_DAY:
            return []
        tz = self.zone
        offset = _midnight_offset(tz, day)
        # No zone ever changed twice within three days: equal offsets at both ends mean that none lies between.
        if offset == _midnight_offset(tz, day + 2):
            midnight = (day - EPOCH_DAY) * DAY - offset
            periods = [(midnight + shift.open * SECOND, midnight + shift.close * SECOND) for shift in shifts]
        elif not exists(tz, day):
            return []
        else:
            walls = [(instant(tz, day, a * SECOND), instant(tz, day, b * SECOND)) for a, b in shifts]
            periods = [(opens, closes) for opens, closes in walls if opens < closes]
        if special is None and day in self._cut_days:
            for near in (day - 1, day, day + 1, day + 2):
                if near in self._holidays and exists(tz, near):
                    periods = without(periods, (self._midnight(near), self._midnight(near + 1)))
        return periods

    def _midnight(self, day: int) -> int:
        return (day - EPOCH_DAY) * DAY - _midnight_offset(self.zone, day)

    def date_of(self, t: int) -> int:
        """The date on which the shift that is open at `t` starts; that of `t` itself where there are two."""
        local = (EPOCH + t * MICROSECOND).astimezone(self.zone).toordinal()
        for day in (local, local - 1, local - 2, local + 1):
            if any(opens <= t < closes for opens, closes in self.on(day)):
                return day
        raise ValueError(f"no shift is open at {t}")

    def business_date(self, day: int, n: int) -> int | None:
        """The n-th date after this one with any open time, the date itself for 0; None if there are not that many."""
        if n == 0:
            return day
        if n > LAST_DAY - day:
            return None
        ahead = range(day + 1, LAST_DAY) if self.is_weekly else sorted(each for each in self._specials if each > day)
        return next(islice((each for each in ahead if self.on(each)), n - 1, None), None)

    # The table

    def _reach(self, low: int, high: int) -> Table:
        """The table, grown to cover these instants as far as it may grow."""
        low, high = max(low, self._first), min(high, self._last)
        with self._lock:
            table = self._table
            if table[1] < table[0]:
                start = self._midnight(max(self._first_day, low // DAY + EPOCH_DAY - 370))
                table = self._blank(start)
                high = max(high, low + 740 * DAY)
            span = max(370 * DAY, (table[1] - table[0]) // 2)
            if low < table[0]:
                day = max(self._first_day, min(low, table[0] - span) // DAY + EPOCH_DAY - 2)
                table = self._prepended(table, self._midnight(day), self._between_days(day, table[0]))
            if high > table[1]:
                day = min(self._last_day, max(high, table[1] + span) // DAY + EPOCH_DAY + 2)
                from_day = table[1] // DAY + EPOCH_DAY - 1
                until = self._midnight(day)
                table = self._appended(table, until, self._between_days(from_day, until))
            self._table = table
            return table

    def _between_days(self, day: int, until: int) -> list[Period]:
        # A shift can reach two dates on where a date is skipped, and start a date early where midnight is.
        last = until // DAY + EPOCH_DAY + 2
        return [period for each in range(day - 2, last + 1) for period in self.on(each)]

    @staticmethod
    def _blank(at: int) -> Table:
        return at, at, [at], [at], [0]

    @staticmethod
    def _appended(table: Table, until: int, periods: list[Period]) -> Table:
        low, high, opens, closes, totals = table[0], table[1], table[2][:], table[3][:], table[4][:]
        for a, b in merge([(max(a, high), min(b, until)) for a, b in periods]):
            if a == closes[-1] and len(closes) > 1:
                closes[-1] = b
                totals[-1] += b - a
            else:
                opens.append(a)
                closes.append(b)
                totals.append(totals[-1] + b - a)
        return low, until, opens, closes, totals

    @classmethod
    def _prepended(cls, table: Table, since: int, periods: list[Period]) -> Table:
        low, high, opens, closes, totals = table
        before = cls._appended(cls._blank(since), low, periods)
        shift = totals[0] - before[4][-1]
        first = 1
        if len(opens) > 1 and len(before[2]) > 1 and before[3][-1] == opens[1]:
            before[3][-1], first = closes[1], 2
            before[4][-1] = totals[1] - shift
        earlier = [total + shift for total in before[4]]
        return since, high, before[2] + opens[first:], before[3] + closes[first:], earlier + totals[first:]

    def _at(self, t: int) -> tuple[Table, int, int, int]:
        """A table, the instant on it that stands for `t`, and what to add to its instants and positions."""
        t = min(max(t, self._beginning), self._end)
        cycles, length = 0, 0
        if t >= self._last < self._end:
            length = CYCLE_DAYS * DAY
            cycles = (t - self._last) // length + 1
        elif t < self._first:
            length = WEEK_DAYS * DAY
            cycles = (t - self._first) // length
        t -= cycles * length
        return self._reach(t, t + 1), t, cycles * length, cycles * self._per_cycle(length) if cycles else 0

    def _per_cycle(self, length: int) -> int:
        low = self._first if length == WEEK_DAYS * DAY else self._last - length
        self._reach(low, low + length)
        return self.position(low + length) - self.position(low)

    def _seek(self, beyond: int) -> tuple[Table, int, int] | None:
        """A table on which `beyond`, less the second shift, lies after the first total and not after the last one.

        Returns also what to add to its instants and positions; None where no open time is left that way.
        """
        while self.is_weekly:
            table = self._table
            if beyond > table[4][-1]:
                if table[1] < self._last:
                    self._reach(table[0], table[1] + 1)
                    continue
                if self._last == self._end:
                    return None
                length, ahead = CYCLE_DAYS * DAY, beyond - table[4][-1]
            elif beyond <= table[4][0]:
                if table[0] > self._first:
                    self._reach(table[0] - 1, table[1])
                    continue
                if self._first == self._beginning:
                    return None
                length, ahead = WEEK_DAYS * DAY, beyond - table[4][0] - 1
            else:
                return table, 0, 0
            per_cycle = self._per_cycle(length)
            cycles = -(-ahead // per_cycle) if ahead > 0 else ahead // per_cycle
            return self._table, cycles * length, cycles * per_cycle
        return None

    # Questions

    def position(self, t: int) -> int:
        """The open time from the origin to this instant; negative before the origin."""
        table, shift = self._table, 0
        if not table[0] <= t <= table[1]:
            table, t, _, shift = self._at(t)
        _, _, opens, closes, totals = table
        i = bisect_right(opens, t) - 1
        left = closes[i] - t
        return totals[i] - left + shift if left > 0 else totals[i] + shift

    def earliest(self, position: int) -> int | None:
        """The first instant that stands there: a closing rather than the next opening. Only after `position`."""
        _, _, _, closes, totals = self._table
        if totals[0] < position <= totals[-1]:
            i = bisect_left(totals, position)
            return closes[i] - (totals[i] - position)
        sought = self._seek(position)
        if sought is None:
            return None
        (_, _, _, closes, totals), instants, positions = sought
        i = bisect_left(totals, position - positions)
        return self._within(closes[i] - (totals[i] - (position - positions)) + instants)

    def latest(self, position: int) -> int | None:
        """The last instant that stands there: an opening rather than the closing before. Only after `position`."""
        _, _, _, closes, totals = self._table
        if totals[0] <= position < totals[-1]:
            i = bisect_right(totals, position)
            return closes[i] - (totals[i] - position)
        sought = self._seek(position + 1)
        if sought is None:
            return None
        (_, _, _, closes, totals), instants, positions = sought
        i = bisect_right(totals, position - positions)
        return self._within(closes[i] - (totals[i] - (position - positions)) + instants)

    def move(self, t: int, amount: int) -> int | None:
        """`amount` of open time on from `t`, to a closing; back where it is negative, to an opening."""
        position = self.position(t) + amount
        return self.earliest(position) if amount > 0 else self.latest(position)

    def move_many(self, starts: Iterable[int], amount: int) -> list[int | None]:
        """`move` for each start, in one loop."""
        search = bisect_left if amount > 0 else bisect_right
        moved: list[int | None] = []
        low, high, opens, closes, totals = self._table
        for t in starts:
            if low <= t <= high:
                i = bisect_right(opens, t) - 1
                left = closes[i] - t
                if 0 < amount <= left:
                    moved.append(t + amount)
                    continue
                position = totals[i] - left + amount if left > 0 else totals[i] + amount
                if totals[0] < position < totals[-1]:
                    i = search(totals, position)
                    moved.append(closes[i] - totals[i] + position)
                    continue
            moved.append(self.move(t, amount))
            low, high, opens, closes, totals = self._table
        return moved

    def _within(self, t: int) -> int | None:
        return t if self._beginning <= t <= self._end else None

    def is_open(self, t: int) -> bool:
        table = self._table
        if not table[0] <= t < table[1]:
            if not self._beginning <= t < self._end:
                return False
            table, t, _, _ = self._at(t)
        return t < table[3][bisect_right(table[2], t) - 1]

    def next_open(self, t: int) -> int | None:
        """The instant itself if it is open, else the next opening; None if there is none."""
        found = self.latest(self.position(t))
        return found if found is not None and found < self._end else None

    def periods(self, low: int, high: int) -> Iterator[Period]:
        """The stretches of open time between the two instants, cut to them."""
        low, high = max(low, self._beginning), min(high, self._end)
        pending: Period | None = None
        while low < high:
            _, start, shift, _ = self._at(low)
            stop = min(high - shift, self._first + WEEK_DAYS * DAY if low < self._first else self._last)
            _, _, opens, closes, _ = self._reach(start, stop)
            for i in range(bisect_right(opens, start) - 1, bisect_left(opens, stop)):
                a, b = max(opens[i], start) + shift, min(closes[i], stop) + shift
                if pending is not None and pending[1] == a:
                    pending = (pending[0], b)
                elif a < b:
                    if pending is not None:
                        yield pending
                    pending = (a, b)
            low = stop + shift
        if pending is not None:
            yield pending
