"""A clock as a strip of time: open and closed stretches, holidays, pauses, and the marks on it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from sla.counting import counted
from sla.runs import Outcome, Run

Translate = Callable[[str], str]
MOST_DAYS = 8
MOST_HOURS = 7
SHORT = timedelta(hours=40)
STEPS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 15, 30, 60, 120, 180, 240, 360))
LONGEST = timedelta(days=120)
"""A longer strip would be a blur of days: what lies before the last part of it is cut off."""
OVERDUE = 3
"""How many times its own length an overdue clock is followed beyond its due instant: later the picture says nothing."""


@dataclass(frozen=True, slots=True)
class Segment:
    """``kind``: closed, open, holiday, paused, used or overdue; later ones lie on top of earlier ones."""

    kind: str
    start: datetime
    end: datetime
    label: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """``kind``: filed, warning, now, low (where a range begins), due, met or breached."""

    kind: str
    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Day:
    """A midnight in the reader's zone, with the name of the day that begins; on a short strip a full hour, or a part
    of one."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Band:
    start: datetime
    end: datetime
    segments: tuple[Segment, ...]
    marks: tuple[Mark, ...]
    days: tuple[Day, ...]


def band(
    run: Run, at: datetime, *, zone: tzinfo, reason_of: Callable[[str], str] = str, translate: Translate = str
) -> Band:
    """The strip from a little before the start to a little after whatever comes last: due, settled, or ``at`` while the
    run is open and not long overdue. ``reason_of`` words the reason of a pause."""
    marks = tuple(_marks(run, at, translate))
    first, last = min(mark.at for mark in marks), max(mark.at for mark in marks)
    first = max(first, last - LONGEST)
    margin = max((last - first) / 40, timedelta(minutes=1))
    start, end = first - margin, last + margin
    return Band(
        start=start,
        end=end,
        segments=tuple(_segments(run, at, start, end, reason_of, translate)),
        marks=tuple(mark for mark in marks if mark.at >= start),
        days=tuple(_days(start, end, zone)),
    )


def _marks(run: Run, at: datetime, translate: Translate) -> Iterator[Mark]:
    yield Mark("filed", run.started_at, translate("Started"))
    if run.warn_at is not None:
        yield Mark("warning", run.warn_at, translate("Warning"))
    low = run.target.due_low(run.started_at, run.stretches) if run.due_at is not None else None
    if low is not None and low != run.due_at:
        yield Mark("low", low, translate("Range begins"))
    if run.due_at is not None:
        yield Mark("due", run.due_at, translate("Due"))
    if run.settled_at is not None:
        words = {Outcome.LATE: "Settled late", Outcome.MET: "Met", Outcome.CANCELLED: "Ended"}
        kind = "breached" if run.outcome is Outcome.LATE else "met"
        yield Mark(kind, run.settled_at, translate(words[run.outcome or Outcome.MET]))
    elif run.due_at is None or at <= run.due_at + max(OVERDUE * (run.due_at - run.started_at), timedelta(days=1)):
        yield Mark("now", at, translate("Now"))


def _segments(
    run: Run, at: datetime, start: datetime, end: datetime, reason_of: Callable[[str], str], translate: Translate
) -> Iterator[Segment]:
    now = run.settled_at or at
    yield from _hours(run, start, end, translate)
    yield from _holidays(run, start, end, translate)
    pauses = [(pause.began_at, pause.ended_at, pause.reason) for pause in run.pauses]
    if run.paused_at is not None and now > run.paused_at:
        pauses.append((run.paused_at, now, run.paused_reason))
    for began, ended, reason in pauses:
        if ended > start and began < end:
            yield Segment("paused", max(began, start), min(ended, end), reason_of(reason))
    since, until = max(run.started_at, start), min(now, run.due_at or now, run.paused_at or now)
    for stretch in counted(run.target.calendar, since, until, run.stretches):
        yield Segment("used", stretch.opens_at, stretch.closes_at)
    if run.due_at is not None and run.due_at < min(now, end) and (run.is_open or run.outcome is Outcome.LATE):
        yield Segment("overdue", max(run.due_at, start), min(now, end), translate("Overdue"))


def _hours(run: Run, start: datetime, end: datetime, translate: Translate) -> Iterator[Segment]:
    closed_from = start
    for stretch in counted(run.target.calendar, start, end):
        if stretch.opens_at > closed_from:
            yield Segment("closed", closed_from, stretch.opens_at, translate("Closed"))
        yield Segment("open", stretch.opens_at, stretch.closes_at, translate("Open"))
        closed_from = stretch.closes_at
    if closed_from < end:
        yield Segment("closed", closed_from, end, translate("Closed"))


def _holidays(run: Run, start: datetime, end: datetime, translate: Translate) -> Iterator[Segment]:
    zone = run.target.calendar.local(start).tzinfo
    for on, name in run.target.calendar.holidays:
        begins = datetime.combine(on, time(), tzinfo=zone)
        ends = datetime.combine(on + timedelta(days=1), time(), tzinfo=zone)
        if begins < end and ends > start:
            yield Segment("holiday", max(begins, start), min(ends, end), name or translate("Holiday"))


def _days(start: datetime, end: datetime, zone: tzinfo) -> Iterator[Day]:
    if end - start < SHORT:
        yield from _hours_of_day(start, end, zone)
        return
    date = start.astimezone(zone).date() + timedelta(days=1)
    midnights = []
    while (midnight := datetime.combine(date, time(), tzinfo=zone)) < end:
        midnights.append(midnight)
        date += timedelta(days=1)
    every = -(-len(midnights) // MOST_DAYS) or 1
    for midnight in midnights[::every]:
        yield Day(midnight, f"{midnight:%a} {midnight.day}")


def _hours_of_day(start: datetime, end: datetime, zone: tzinfo) -> Iterator[Day]:
    """At steps of the wall clock that leave room for their names, midnights by the name of the day."""
    step = next((step for step in STEPS if (end - start) / step <= MOST_HOURS), STEPS[-1])
    midnight = datetime.combine(start.astimezone(zone).date(), time(), tzinfo=zone).astimezone(UTC)
    at = midnight + -(-(start - midnight) // step) * step
    while at < end:
        local = at.astimezone(zone)
        yield Day(local, f"{local:%a} {local.day}" if local.time() == time() else f"{local:%H:%M}")
        at += step
