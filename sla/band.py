"""A clock as a strip of time: open and closed stretches, holidays, pauses, and the marks on it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from sla.counting import counted
from sla.runs import Outcome, Run

Translate = Callable[[str], str]
MOST_DAYS = 8
LONGEST = timedelta(days=120)
"""A longer strip would be a blur of days: what lies before the last part of it is cut off."""
OVERDUE = 3
"""How many times its own length an overdue clock is followed beyond its due instant: later the picture says nothing."""


@dataclass(frozen=True, slots=True)
class Segment:
    """``kind``: closed, open, holiday, paused or used; later ones lie on top of earlier ones."""

    kind: str
    start: datetime
    end: datetime
    label: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """``kind``: filed, warning, now, due, met or breached."""

    kind: str
    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class Day:
    """A midnight in the reader's zone, with the name of the day that begins."""

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
    if run.due_at is not None:
        yield Mark("due", run.due_at, translate("Due"))
    if run.settled_at is not None:
        late = run.outcome is Outcome.LATE
        yield Mark("breached" if late else "met", run.settled_at, translate("Late") if late else translate("Settled"))
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
    date = start.astimezone(zone).date() + timedelta(days=1)
    midnights = []
    while (midnight := datetime.combine(date, time(), tzinfo=zone)) < end:
        midnights.append(midnight)
        date += timedelta(days=1)
    every = -(-len(midnights) // MOST_DAYS) or 1
    for midnight in midnights[::every]:
        yield Day(midnight, f"{midnight:%a} {midnight.day}")
