"""The clocks of one ticket as a fold over what happened to it.

``step`` takes one fact, ``advance`` lets time pass, ``replay`` folds a whole history; live rows, previews and backtests
all run through them, so that they cannot disagree. Pure: no clock is read, nothing is written. The rules are the table
of ``shared/DESIGN.md`` section 4.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from sla.book import Book, Slot, remembered
from sla.facts import Fact, FactKind
from sla.runs import Alarm, AlarmKind, Pause, Run, alarmed
from sla.targets import ANY_PRIORITY, OPEN_STATES, Metric, Target

_ANSWERED_BY: Mapping[FactKind, frozenset[Metric]] = {
    FactKind.REPLIED: frozenset({Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE}),
    FactKind.CALL_LOGGED: frozenset({Metric.FIRST_RESPONSE, Metric.CALLBACK}),
    FactKind.DELIVERED: frozenset({Metric.DELIVERY}),
}


_MOVES_STARTS = frozenset({FactKind.TOOK_IN, FactKind.GAVE_BACK})
_FROM_THE_RECEIPT = frozenset({Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.RESOLUTION})


def replay(facts: Iterable[Fact], *, book: Book | None = None) -> Book:
    """The book after these facts, in the order in which they were recorded."""
    book = book or Book()
    for fact in facts:
        book, _ = step(book, fact)
    return book


def step(book: Book, fact: Fact) -> tuple[Book, tuple[Alarm, ...]]:
    """The book after one more fact, and the alarms that had come due by then and nobody had noticed yet.

    What came due before the fact is noticed first; then the runs that the fact answers are settled; then the status,
    priority or terms change; then come the alarms of deadlines that this moved into the past.
    """
    book, earlier = advance(book, fact.at)
    book = _reconciled(remembered(_answered(book, fact), fact), fact)
    book, later = advance(book, fact.at)
    return book, in_due_order((*earlier, *later))


def advance(book: Book, at: datetime) -> tuple[Book, tuple[Alarm, ...]]:
    """The book at ``at`` if nothing else happens, and what came due before ``at``, in due order. Twice is once."""
    runs: list[Run] = []
    alarms: list[Alarm] = []
    for run in book.runs:
        noticed, new = alarmed(run, at)
        runs.append(noticed)
        alarms += new
    return (replace(book, runs=tuple(runs)) if alarms else book), in_due_order(alarms)


def in_due_order(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """Alarms by their instants; at one instant the warning before the breach, the contract before the internal."""
    return tuple(
        sorted(alarms, key=lambda a: (a.at, a.kind is AlarmKind.BREACH, a.run.audience, a.run.metric, a.run.cycle))
    )


def next_alarm_at(runs: Iterable[Run]) -> datetime | None:
    """The next instant at which anything happens to any of the runs without anybody doing anything."""
    instants = [
        instant
        for run in runs
        if run.is_open
        for instant, noticed in ((run.warn_at, run.warned_at), (run.due_at, run.breached_at))
        if instant is not None and noticed is None
    ]
    return min(instants, default=None)


def most_pressing(runs: Iterable[Run]) -> Run | None:
    """The open run that is due first, the contract before the internal at one instant; paused, best-effort and never
    due runs press nobody."""
    pressing = [(run.due_at, run.audience, run.metric, run) for run in runs if run.is_open and run.due_at is not None]
    return min(pressing, key=lambda item: item[:3])[3] if pressing else None


def _answered(book: Book, fact: Fact) -> Book:
    """The book with the runs settled that this fact answers; only what began before it can be answered by it."""
    metrics = _ANSWERED_BY.get(fact.kind, frozenset())
    if fact.kind is FactKind.STATE_CHANGED and fact.state not in OPEN_STATES:
        metrics = frozenset({Metric.RESOLUTION})
    return replace(
        book,
        runs=tuple(
            run.answered(fact.at) if run.is_open and run.metric in metrics and run.started_at <= fact.at else run
            for run in book.runs
        ),
    )


def _reconciled(book: Book, fact: Fact) -> Book:
    """The book whose open runs are exactly those that are owed, each under its target and paused if it should be."""
    at = fact.at
    owed = _owed(book, fact)
    if fact.kind is FactKind.CAME_BACK:
        book = _going_on(book, owed)
    applying = _applying(book)
    version = book.terms.plan_version_id if book.terms else None
    runs = []
    for run in book.runs:
        slot = (run.metric, run.audience)
        if run.is_open and slot not in owed:
            withdrawn = slot not in applying and book.is_open
            run = run.withdrawn(at) if withdrawn else run.ended(at)
        elif run.is_open:
            target, start = owed.pop(slot)
            if fact.kind in _MOVES_STARTS and run.metric in _FROM_THE_RECEIPT:
                run = run.since(start, at)
            run = _kept(run, target, version, book, at)
        runs.append(run)
    cycles = dict(book.cycles)
    for slot, (target, start) in owed.items():
        cycles[slot] = cycles.get(slot, 0) + 1
        runs.append(_started(target, version, cycles[slot], start, book, at))
    return replace(book, runs=tuple(runs), cycles=cycles)


def _going_on(book: Book, owed: Mapping[Slot, tuple[Target, datetime]]) -> Book:
    """The book in which the runs that ended with the merging are open again. What was noticed stays noticed: one
    promise is not broken twice."""
    runs = tuple(
        run.goes_on()
        if (slot := (run.metric, run.audience)) in owed and book.merged_away.get(slot) == run.cycle
        else run
        for run in book.runs
    )
    return replace(book, runs=runs, merged_away={})


def _applying(book: Book) -> dict[Slot, Target]:
    """The target of each slot at the ticket's present priority and severity; one for any priority gives way."""
    if book.terms is None:
        return {}
    targets = sorted(
        book.terms.applying(book.priority, book.severity), key=lambda target: target.priority != ANY_PRIORITY
    )
    return {
        (target.metric, target.audience): target
        for target in targets
        if target.metric is not Metric.DELIVERY or book.delivery_key in ("", target.key)
    }


def _owed(book: Book, fact: Fact) -> dict[Slot, tuple[Target, datetime]]:
    """What the vendor owes now and since when: the open runs there should be, and where a missing one starts."""
    if not book.is_open or book.open_since is None:
        return {}
    applying = _applying(book)
    since: dict[Metric, datetime | None] = {
        Metric.FIRST_RESPONSE: book.asked_at,
        Metric.NEXT_RESPONSE: book.unanswered_at,
        Metric.UPDATE: book.open_since if fact.kind is FactKind.OPENED else fact.at,
        Metric.RESOLUTION: book.open_since,
        Metric.DELIVERY: book.delivery_at,
        Metric.CALLBACK: book.callback_at,
    }
    owed = {}
    for (metric, audience), target in applying.items():
        start = since[metric]
        if start is None or book.state not in target.runs_in:
            continue
        first = (Metric.FIRST_RESPONSE, audience)
        if metric is Metric.NEXT_RESPONSE and book.asked_at is not None and first in applying:
            continue  # What was written before the first response is answered by it.
        owed[metric, audience] = (target, start)
    return owed


def _kept(run: Run, target: Target, version: int | None, book: Book, at: datetime) -> Run:
    stay = book.stays[-1]
    should_pause = stay.is_held and stay.state in target.pauses_in
    if run.is_paused and not should_pause:
        run = run.resumed(at)
    if run.target != target:
        run = run.under(target, version, at)
    elif run.plan_version_id != version:
        run = replace(run, plan_version_id=version)
    if should_pause and not run.is_paused:
        run = run.paused(at, stay.reason or stay.state)
    return _with_promise(run, book, at)


def _started(target: Target, version: int | None, cycle: int, start: datetime, book: Book, at: datetime) -> Run:
    """A new run from its original start, with the pauses that the ticket has been through since."""
    run = Run(
        target=target, plan_version_id=version, cycle=cycle, started_at=start, pauses=_pauses(target, start, book)
    )
    stay = book.stays[-1]
    if stay.is_held and stay.state in target.pauses_in:
        run = replace(run, paused_at=max(stay.at, start), paused_reason=stay.reason or stay.state)
    return _with_promise(run.timed(at), book, at)


def _with_promise(run: Run, book: Book, at: datetime) -> Run:
    promised = book.promised_at
    if run.metric is not Metric.UPDATE or promised is None or promised == run.promised_at or promised <= run.started_at:
        return run
    return run.promised(promised, at)


def _pauses(target: Target, start: datetime, book: Book) -> tuple[Pause, ...]:
    pauses: list[Pause] = []
    for stay, following in zip(book.stays, book.stays[1:], strict=False):
        if stay.is_held and stay.state in target.pauses_in and following.at > max(stay.at, start):
            pauses.append(Pause(max(stay.at, start), following.at, stay.reason or stay.state))
    return tuple(pauses)
