"""What other terms would do to the open clocks of a ticket. Pure: the same step that saving them takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sla.book import Book
from sla.clocks import advance, step
from sla.facts import Fact, FactKind
from sla.runs import Run
from sla.targets import Audience, Metric, Terms


class Change(StrEnum):
    MOVES = "moves"
    BEGINS = "begins"
    """Something is promised that was not."""
    ENDS = "ends"
    """The promise itself is gone."""


@dataclass(frozen=True, slots=True)
class Move:
    """One open clock that other terms would move, begin or end.

    Of a paused clock, which is due at no instant, ``old_due_at`` and ``new_due_at`` are as if it resumed now. None:
    best effort, a calendar that never opens, or no clock on that side of the change.
    """

    metric: Metric
    audience: Audience
    priority: str
    cycle: int
    change: Change
    old_due_at: datetime | None
    new_due_at: datetime | None
    is_paused: bool
    was_breached: bool
    is_breached: bool

    @property
    def becomes_breached(self) -> bool:
        return self.is_breached and not self.was_breached

    @property
    def is_rescued(self) -> bool:
        return self.was_breached and not self.is_breached


def moves_of(book: Book, terms: Terms, at: datetime) -> list[Move]:
    """The open clocks of one ticket that would move if its plan came to promise ``terms`` at ``at``, and no others:
    neither settled ones nor those whose due instant stays."""
    before, _ = advance(book, at)
    after, _ = step(before, Fact(at, FactKind.TERMS_CHANGED, terms=terms))
    return moved_runs(before, after, at)


def moved_runs(before: Book, after: Book, at: datetime) -> list[Move]:
    """The open clocks that differ between two books of one ticket at ``at``: where they are due, or that they are."""
    now, then = before.open_runs(), after.open_runs()
    moves = [_move(now.get(slot), then.get(slot), at) for slot in sorted(now.keys() | then.keys())]
    return [move for move in moves if move is not None]


def _move(old: Run | None, new: Run | None, at: datetime) -> Move | None:
    either = new or old
    if either is None:
        return None
    old_due_at, new_due_at = _due_at(old, at), _due_at(new, at)
    was_breached = old is not None and old.breached_at is not None
    is_breached = new is not None and new.breached_at is not None
    if old and new and old_due_at == new_due_at:
        return None
    return Move(
        metric=either.metric,
        audience=either.audience,
        priority=either.target.priority,
        cycle=either.cycle,
        change=Change.MOVES if old and new else Change.BEGINS if new else Change.ENDS,
        old_due_at=old_due_at,
        new_due_at=new_due_at,
        is_paused=either.is_paused,
        was_breached=was_breached,
        is_breached=is_breached,
    )


def _due_at(run: Run | None, at: datetime) -> datetime | None:
    return None if run is None else run.resumed(at).due_at
