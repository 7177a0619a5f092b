"""What moved a clock while it ran: changes of priority, severity and terms, updates that were
stated, and tickets merged into this one. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sla.book import Book, Slot
from sla.clocks import step
from sla.facts import Fact, FactKind
from sla.runs import Run

TURNING = frozenset(
    {
        FactKind.PRIORITY_CHANGED,
        FactKind.SEVERITY_CHANGED,
        FactKind.TERMS_CHANGED,
        FactKind.UPDATE_PROMISED,
        FactKind.TOOK_IN,
        FactKind.GAVE_BACK,
    }
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One fact that began a run, or put it under another target or instant. ``before`` and ``after`` are the
    priorities, severities or plans that changed, empty where there was none; ``was_due_at`` and ``due_at`` the due
    instants, of a paused run as if it resumed then."""

    at: datetime
    kind: FactKind
    before: str
    after: str
    was_due_at: datetime | None
    due_at: datetime | None
    is_beginning: bool = False


def turns_of(facts: Iterable[Fact], slot: Slot, cycle: int) -> list[Turn]:
    """What moved that run of the ticket to which these facts happened, in order. A run that started as promised and was
    only paused has none."""
    turns: list[Turn] = []
    book = Book()
    for fact in facts:
        earlier, book = book, step(book, fact)[0]
        if fact.kind not in TURNING:
            continue
        old, new = _run(earlier, slot, cycle), _run(book, slot, cycle)
        if new is None or not new.is_open or old == new:
            continue
        is_moved = old is None or old.target != new.target or _due_at(old, fact.at) != _due_at(new, fact.at)
        if is_moved and (old is None or old.is_open):
            before, after = _NAMES[fact.kind](earlier), _NAMES[fact.kind](book)
            was_due_at = _due_at(old, fact.at) if old else None
            turns.append(Turn(fact.at, fact.kind, before, after, was_due_at, _due_at(new, fact.at), old is None))
    return turns


_NAMES: Mapping[FactKind, Callable[[Book], str]] = {
    FactKind.PRIORITY_CHANGED: lambda book: book.priority,
    FactKind.SEVERITY_CHANGED: lambda book: book.severity or "",
    FactKind.TERMS_CHANGED: lambda book: book.terms.plan_name if book.terms else "",
    FactKind.UPDATE_PROMISED: lambda book: "",
    FactKind.TOOK_IN: lambda book: "",
    FactKind.GAVE_BACK: lambda book: "",
}


def _run(book: Book, slot: Slot, cycle: int) -> Run | None:
    return next((run for run in book.runs if (run.metric, run.audience) == slot and run.cycle == cycle), None)


def _due_at(run: Run, at: datetime) -> datetime | None:
    return run.resumed(at).due_at
