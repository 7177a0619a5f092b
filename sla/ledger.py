"""Between rows and values: reads the clock books of tickets and writes back what changed, many in few queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sla.book import Book, Slot, Stay
from sla.models import Clock, TicketBook
from sla.runs import Outcome, Pause, Run
from sla.targets import Audience, Metric, Terms
from sla.terms import terms_by_id

_RUN_INSTANTS = (
    "started_at",
    "paused_at",
    "promised_at",
    "due_at",
    "warn_at",
    "warned_at",
    "breached_at",
    "settled_at",
)
_BOOK_INSTANTS = ("open_since", "asked_at", "unanswered_at", "promised_at", "callback_at", "delivery_at")
CLOCK_FIELDS = (
    "plan_version_id",
    "target_key",
    "priority",
    "promise",
    "is_best_effort",
    "pauses",
    "paused_reason",
    "outcome",
    "open_seconds",
    *_RUN_INSTANTS,
)
BOOK_FIELDS = (
    "plan_version_id",
    "priority",
    "severity",
    "stays",
    "cycles",
    "merged_away",
    "is_answered",
    "delivery_key",
    *_BOOK_INSTANTS,
)


class UnknownTargetError(LookupError):
    """A clock names a target that its plan version does not have."""


@dataclass(slots=True)
class Entry:
    """The clocks of one ticket while they are being worked on. ``book.runs`` holds the open ones, those that were
    settled since they were read, and of a merged ticket those that would go on if that were undone."""

    ticket_id: int
    book: Book
    row: TicketBook | None = None
    clocks: dict[tuple[Slot, int], Clock] = field(default_factory=dict)

    def clock(self, run: Run) -> Clock:
        """The row of this run; only after ``save`` for one that has just begun."""
        return self.clocks[(run.metric, run.audience), run.cycle]


def load(ticket_ids: Iterable[int]) -> dict[int, Entry]:
    """The books of these tickets with their open runs; an empty book where nothing was written yet. Three queries at
    most, four with a merged ticket among them. Lock the tickets first. Raises UnknownTargetError naming the clock whose
    target is gone."""
    ids = set(ticket_ids)
    if not ids:
        return {}
    rows = {row.ticket_id: row for row in TicketBook.objects.filter(ticket_id__in=ids)}
    return _entries(ids, rows)


def load_runs(ticket_ids: Iterable[int]) -> dict[int, Entry]:
    """As ``load``, but of each book no more than its open runs: enough to see what comes due, not to go on with. Two
    queries at most."""
    ids = set(ticket_ids)
    return _entries(ids, {}) if ids else {}


def _entries(ids: Collection[int], rows: Mapping[int, TicketBook]) -> dict[int, Entry]:
    clocks = [*Clock.objects.filter(ticket_id__in=ids).open(), *_merged_away(rows)]
    terms = terms_by_id({*(row.plan_version_id for row in rows.values()), *(clock.plan_version_id for clock in clocks)})
    open_clocks: dict[int, list[Clock]] = {}
    for clock in sorted(clocks, key=lambda clock: clock.pk):
        open_clocks.setdefault(clock.ticket_id, []).append(clock)
    return {
        ticket_id: entry_of(ticket_id, rows.get(ticket_id), open_clocks.get(ticket_id, []), terms) for ticket_id in ids
    }


def _merged_away(rows: Mapping[int, TicketBook]) -> list[Clock]:
    """The clocks of merged tickets that would go on. One query where there is such a ticket, otherwise none."""
    ids = [ticket_id for ticket_id, row in rows.items() if row.merged_away]
    found = Clock.objects.filter(ticket_id__in=ids, settled_at__isnull=False) if ids else ()
    return [clock for clock in found if is_merged_away(clock, rows[clock.ticket_id])]


def is_merged_away(clock: Clock, row: TicketBook) -> bool:
    """Whether this clock of the book's ticket would go on if the ticket's merging were undone."""
    return bool(row.merged_away.get(f"{clock.metric}:{clock.audience}") == clock.cycle)


def entry_of(ticket_id: int, row: TicketBook | None, clocks: Sequence[Clock], terms: Mapping[int, Terms]) -> Entry:
    """One ticket's book and clocks, open or merged away, in the order in which they began, as values. No query. Raises
    UnknownTargetError."""
    runs = tuple(run_of(clock, terms) for clock in clocks)
    book = _book_of(row, terms, runs) if row else Book(runs=runs)
    return Entry(ticket_id, book, row, {_place(run): clock for run, clock in zip(runs, clocks, strict=True)})


@dataclass(slots=True)
class Differences:
    """The rows that are new, and those whose values changed."""

    new_books: list[TicketBook] = field(default_factory=list)
    old_books: list[TicketBook] = field(default_factory=list)
    new_clocks: list[Clock] = field(default_factory=list)
    old_clocks: list[Clock] = field(default_factory=list)


def filled(entries: Iterable[Entry]) -> Differences:
    """Puts the books and runs of the entries into their rows, and says which differ from what was read. No query."""
    found = Differences()
    for entry in entries:
        if entry.row is None:
            entry.row = TicketBook(ticket_id=entry.ticket_id)
            _fill(entry.row, _book_values(entry.book))
            found.new_books.append(entry.row)
        elif _fill(entry.row, _book_values(entry.book)):
            found.old_books.append(entry.row)
        for run in entry.book.runs:
            clock = entry.clocks.get(_place(run))
            if clock is None:
                clock = Clock(ticket_id=entry.ticket_id, metric=run.metric, audience=run.audience, cycle=run.cycle)
                entry.clocks[_place(run)] = clock
                _fill(clock, _run_values(run))
                found.new_clocks.append(clock)
            elif _fill(clock, _run_values(run)):
                found.old_clocks.append(clock)
    return found


def save(entries: Iterable[Entry]) -> None:
    """Writes what differs from the rows that were read: at most two queries for books and two for clocks."""
    differing = filled(entries)
    TicketBook.objects.bulk_create(differing.new_books, batch_size=1000)
    _update(differing.old_books, _names(BOOK_FIELDS))
    # What settles goes first: a ticket has one open clock of a kind at any time.
    _update(differing.old_clocks, _names(CLOCK_FIELDS))
    Clock.objects.bulk_create(differing.new_clocks, batch_size=1000)


_Row = TypeVar("_Row", Clock, TicketBook)


def _update(rows: Sequence[_Row], fields: Sequence[str]) -> None:
    if len(rows) == 1:  # a person's action: one plain update costs a fifth of a bulk one
        rows[0].save(update_fields=fields)
    elif rows:
        type(rows[0]).objects.bulk_update(rows, fields, batch_size=500)


def run_of(clock: Clock, terms: Mapping[int, Terms]) -> Run:
    """The run that this row stands for. Raises UnknownTargetError if its plan version has no such target."""
    version = terms.get(clock.plan_version_id)
    target = version.target(clock.target_key) if version else None
    if target is None:
        raise UnknownTargetError(
            f"Clock {clock.pk} runs under {clock.target_key!r}, which plan version {clock.plan_version_id} has not."
        )
    return Run(
        target=target,
        plan_version_id=clock.plan_version_id,
        cycle=clock.cycle,
        pauses=tuple(Pause(_instant(began), _instant(ended), reason) for began, ended, reason in clock.pauses),
        paused_reason=clock.paused_reason,
        outcome=Outcome(clock.outcome) if clock.outcome else None,
        **{name: getattr(clock, name) for name in _RUN_INSTANTS},
    )


def _run_values(run: Run) -> dict[str, Any]:
    return {
        "plan_version_id": run.plan_version_id,
        "target_key": run.target.key,
        "priority": run.target.priority,
        "promise": run.target.promise,
        "is_best_effort": run.target.is_best_effort,
        "pauses": [[pause.began_at.isoformat(), pause.ended_at.isoformat(), pause.reason] for pause in run.pauses],
        "paused_reason": run.paused_reason,
        "outcome": run.outcome.value if run.outcome else "",
        "open_seconds": _open_seconds(run),
        **{name: getattr(run, name) for name in _RUN_INSTANTS},
    }


def _open_seconds(run: Run) -> int | None:
    """How much open time the answer took; None while there is none."""
    if run.settled_at is None or run.outcome is Outcome.CANCELLED:
        return None
    return int(run.target.calendar.between(run.started_at, run.settled_at, run.stretches))


def _book_of(row: TicketBook, terms: Mapping[int, Terms], runs: tuple[Run, ...]) -> Book:
    return Book(
        terms=terms[row.plan_version_id] if row.plan_version_id is not None else None,
        priority=row.priority,
        severity=row.severity or None,
        stays=tuple(Stay(state, _instant(at), reason, is_held) for state, at, reason, is_held in row.stays),
        is_answered=row.is_answered,
        delivery_key=row.delivery_key,
        cycles={_slot(name): count for name, count in row.cycles.items()},
        merged_away={_slot(name): cycle for name, cycle in row.merged_away.items()},
        runs=runs,
        **{name: getattr(row, name) for name in _BOOK_INSTANTS},
    )


def _book_values(book: Book) -> dict[str, Any]:
    return {
        "plan_version_id": book.terms.plan_version_id if book.terms else None,
        "priority": book.priority,
        "severity": book.severity or "",
        "stays": [[stay.state, stay.at.isoformat(), stay.reason, stay.is_held] for stay in book.stays],
        "cycles": {f"{metric}:{audience}": count for (metric, audience), count in book.cycles.items()},
        "merged_away": {f"{metric}:{audience}": cycle for (metric, audience), cycle in book.merged_away.items()},
        "is_answered": book.is_answered,
        "delivery_key": book.delivery_key,
        **{name: getattr(book, name) for name in _BOOK_INSTANTS},
    }


def _fill(row: Clock | TicketBook, values: Mapping[str, Any]) -> bool:
    """Puts the values into the row; whether any of them was new."""
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)


def _names(fields: Sequence[str]) -> list[str]:
    return [name.removesuffix("_id") for name in fields]


def _place(run: Run) -> tuple[Slot, int]:
    return (run.metric, run.audience), run.cycle


def _slot(name: str) -> Slot:
    metric, audience = name.split(":")
    return Metric(metric), Audience(audience)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
