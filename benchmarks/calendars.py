"""Business-time arithmetic against two libraries of the registry: `python benchmarks/calendars.py`.

One office in Berlin, with Germany's holidays from 2020 to 2030, answers the same questions about the same instants in
one process, in turns; each figure is the best of several rounds. The answers are compared first.
workclock is written in Rust; its bulk call takes datetimes, or numpy arrays where numpy is installed.
"""

from __future__ import annotations

import gc
import os
import platform
import random
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from importlib import import_module, metadata
from itertools import count, cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

import businesstimedelta
import holidays
import workclock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sla.calendars import TZDATA_VERSION, BusinessCalendar

ZONE = "Europe/Berlin"
CLOSED: dict[date, str] = dict(holidays.country_holidays("DE", years=range(2020, 2031)))
EIGHT_HOURS = timedelta(hours=8)
ROUNDS = 7
BULK = 1_000_000

FRESH = count()

Call = Callable[[], object]


def ours() -> BusinessCalendar:
    return BusinessCalendar(ZONE, dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("09:00", "17:00"),)), CLOSED)


def workclocks() -> Any:
    return workclock.Schedule([workclock.WorkDay(time(9), time(17)), workclock.Holidays(list(CLOSED))], time_zone=ZONE)


def businesstimedeltas() -> Any:
    tz = import_module("pytz").timezone(ZONE)
    days = businesstimedelta.WorkDayRule(start_time=time(9), end_time=time(17), working_days=[0, 1, 2, 3, 4], tz=tz)
    return businesstimedelta.Rules([days, businesstimedelta.HolidayRule(CLOSED, tz=tz)])


def rate(call: Call, operations: int) -> float:
    began = perf_counter()
    call()
    return operations / (perf_counter() - began)


def each(question: Callable[..., object], *arguments: list[Any]) -> Call:
    def ask() -> None:
        for asked in zip(*arguments, strict=True):
            question(*asked)

    return ask


class Table:
    """Runs the contenders of one line in turns and prints the best rate of each, and ours over theirs."""

    def __init__(self) -> None:
        print(f"{'operations/s':<34}{'ours':>12}{'workclock':>12}{'ratio':>9}{'businesstimedelta':>19}{'ratio':>11}")

    def line(self, title: str, *contenders: tuple[Call, int] | None, rounds: int = ROUNDS) -> None:
        best = [0.0] * len(contenders)
        for _ in range(rounds):
            for index, contender in enumerate(contenders):
                if contender is not None:
                    best[index] = max(best[index], rate(*contender))
        row = f"{title:<34}{best[0]:>12,.0f}"
        for theirs, width in zip(best[1:], (12, 19), strict=False):
            row += f"{theirs:>{width},.0f}{best[0] / theirs:>{9 if width == 12 else 11},.1f}" if theirs else ""
        print(row)


def check_agreement(starts: list[datetime], ends: list[datetime]) -> None:
    calendar, schedule, rules = ours(), workclocks(), businesstimedeltas()
    for a, b in islice(zip(starts, ends, strict=True), 500):
        assert calendar.add(a, 8 * 3600) == schedule.add(a, EIGHT_HOURS)
        assert calendar.between(a, b) == schedule.between(a, b).total_seconds()
    for a, b in islice(zip(starts, ends, strict=True), 5):
        assert calendar.between(a, b) == rules.difference(a, b).timedelta.total_seconds()


def main() -> None:
    chance = random.Random(2026)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    starts = [first + timedelta(seconds=chance.randrange(365 * 86_400)) for _ in range(10_000)]
    in_days = [start + timedelta(days=5) for start in starts]
    in_a_year = [start + timedelta(days=365) for start in starts]
    check_agreement(starts, in_a_year)
    calendar, schedule, rules = ours(), workclocks(), businesstimedeltas()
    added = businesstimedelta.BusinessTimeDelta(rules, hours=8)

    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, tzdata {TZDATA_VERSION}, ", end="")
    print(", ".join(f"{name} {metadata.version(name)}" for name in ("workclock", "businesstimedelta")))
    table = Table()
    size = len(starts)
    table.line(
        "add 8 h",
        (each(lambda a: calendar.add(a, 28_800), starts), size),
        (each(lambda a: schedule.add(a, EIGHT_HOURS), starts), size),
        (each(lambda a: a + added, starts[:100]), 100),
    )
    for title, ends, few in (("between over 5 days", in_days, 100), ("between over a year", in_a_year, 4)):
        table.line(
            title,
            (each(calendar.between, starts, ends), size),
            (each(schedule.between, starts, ends), size),
            (each(rules.difference, starts[:few], ends[:few]), few),
        )
    many = list(islice(cycle(starts), BULK))
    gc.freeze()
    table.line(
        "bulk add 8 h, 1M datetimes",
        (lambda: calendar.add_many(many, 28_800), BULK),
        (lambda: schedule.add_many(many, EIGHT_HOURS), BULK),
        rounds=3,
    )
    bulk_of_integers(table, calendar, schedule, many)
    table.line("first question of a new calendar", (lambda: [first_question(next(FRESH)) for _ in range(50)], 50))


def bulk_of_integers(table: Table, calendar: BusinessCalendar, schedule: Any, many: list[datetime]) -> None:
    epoch, microsecond = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
    micros = [(start - epoch) // microsecond for start in many]
    own = (lambda: calendar.add_many_micros(micros, 28_800_000_000), BULK)
    try:
        numpy = import_module("numpy")
    except ImportError:
        table.line("bulk add 8 h, 1M integers", own, rounds=3)
        return
    instants, amount = numpy.array(micros, dtype="datetime64[us]"), numpy.timedelta64(8, "h")
    assert schedule.add_many(instants, amount).astype("int64").tolist() == calendar.add_many_micros(
        micros, 28_800_000_000
    )
    table.line("bulk add 8 h, 1M integers/numpy", own, (lambda: schedule.add_many(instants, amount), BULK), rounds=3)


def first_question(minute: int) -> object:
    """A calendar that no other equals, so that its table is built: three years at first."""
    hours = (f"{minute // 60:02}:{minute % 60:02}", "24:00")
    calendar = BusinessCalendar(ZONE, dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (hours,)), CLOSED)
    return calendar.add(datetime(2026, 5, 4, tzinfo=UTC), 3600)


if __name__ == "__main__":
    main()
