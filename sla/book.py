"""What the clocks remember of one ticket between two facts. Pure: a book is a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from sla.facts import Fact, FactKind
from sla.runs import Run
from sla.targets import OPEN_STATES, Audience, Metric, Terms

Slot = tuple[Metric, Audience]
"""A ticket has at most one open run in each."""


@dataclass(frozen=True, slots=True)
class Stay:
    """The ticket has been in ``state`` since ``at``. ``is_held`` until the customer writes: from then on nobody waits
    for the customer, whatever the status still says."""

    state: str
    at: datetime
    reason: str = ""
    is_held: bool = True


@dataclass(frozen=True, slots=True)
class Book:
    """Everything the clocks know of one ticket: its runs, and what later facts need to be judged by.

    ``asked_at``: a first response has been owed since; ``unanswered_at``: the oldest message without an answer;
    ``open_since``: received, or reopened. ``cycles`` counts the runs that each slot has had. ``merged_away``: the
    cycles that ended because the ticket was merged into another one, and go on when that is undone.
    """

    terms: Terms | None = None
    priority: str = ""
    severity: str | None = None
    stays: tuple[Stay, ...] = ()
    open_since: datetime | None = None
    is_answered: bool = False
    asked_at: datetime | None = None
    unanswered_at: datetime | None = None
    promised_at: datetime | None = None
    callback_at: datetime | None = None
    delivery_at: datetime | None = None
    delivery_key: str = ""
    cycles: Mapping[Slot, int] = field(default_factory=dict)
    merged_away: Mapping[Slot, int] = field(default_factory=dict)
    runs: tuple[Run, ...] = ()

    @property
    def state(self) -> str:
        return self.stays[-1].state if self.stays else ""

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    def open_runs(self) -> dict[Slot, Run]:
        return {(run.metric, run.audience): run for run in self.runs if run.is_open}


def remembered(book: Book, fact: Fact) -> Book:
    """The book with what the fact says, before any run is opened, paused, retimed or ended for it."""
    return _REMEMBER[fact.kind](book, fact)


def _opened(book: Book, fact: Fact) -> Book:
    start = min(fact.since or fact.at, fact.at)
    return replace(
        book,
        terms=fact.terms,
        priority=fact.priority,
        severity=fact.severity,
        stays=(Stay(fact.state or "new", start, fact.reason),),
        open_since=start,
        asked_at=start,
        unanswered_at=start,
    )


def _customer_wrote(book: Book, fact: Fact) -> Book:
    stays = book.stays
    if stays and stays[-1].is_held:
        stays = (*stays, Stay(stays[-1].state, fact.at, is_held=False))
    return replace(book, stays=stays, unanswered_at=book.unanswered_at or fact.at)


def _replied(book: Book, fact: Fact) -> Book:
    return replace(book, is_answered=True, asked_at=None, unanswered_at=None, promised_at=None)


def _call_logged(book: Book, fact: Fact) -> Book:
    if book.asked_at is not None and fact.at < book.asked_at:
        return book  # The call in which the customer asked is not the answer.
    # A call that is the first response answers whatever was written before it; a later one does not.
    next_runs = any(run.is_open and run.metric is Metric.NEXT_RESPONSE for run in book.runs)
    is_first = book.asked_at is not None and not next_runs
    unanswered = None if is_first else book.unanswered_at
    return replace(book, is_answered=True, asked_at=None, unanswered_at=unanswered, callback_at=None)


def _update_promised(book: Book, fact: Fact) -> Book:
    return replace(book, promised_at=fact.until if fact.until and fact.until > fact.at else None)


def _callback_requested(book: Book, fact: Fact) -> Book:
    return replace(book, callback_at=book.callback_at or fact.at)


def _delivery_requested(book: Book, fact: Fact) -> Book:
    return replace(book, delivery_at=book.delivery_at or fact.at, delivery_key=fact.key)


def _state_changed(book: Book, fact: Fact) -> Book:
    return _in_state(book, fact.state, fact)


def _merged(book: Book, fact: Fact) -> Book:
    away = {slot: run.cycle for slot, run in book.open_runs().items()}
    return replace(_in_state(book, "resolved", fact), merged_away=away)


def _took_in(book: Book, fact: Fact) -> Book:
    """The earlier receipt counts. A first response that was given here or there is not owed again."""
    if not book.is_open:
        return book
    return replace(
        book,
        open_since=_earlier(book.open_since, fact.since),
        asked_at=_earlier(book.asked_at, fact.asked_at) if book.asked_at is not None else None,
        unanswered_at=_earlier(book.unanswered_at, fact.unanswered_at),
    )


def _gave_back(book: Book, fact: Fact) -> Book:
    if not book.is_open:
        return book
    return replace(
        book,
        open_since=fact.since,
        asked_at=fact.asked_at if book.asked_at is not None else None,
        unanswered_at=fact.unanswered_at if book.unanswered_at is not None else None,
    )


def _came_back(book: Book, fact: Fact) -> Book:
    """The time it was away counts: the customer waited on."""
    return replace(
        book,
        stays=(*book.stays, Stay(fact.state, fact.at, fact.reason)),
        open_since=fact.since,
        asked_at=fact.asked_at,
        unanswered_at=fact.unanswered_at,
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((each for each in (one, other) if each is not None), default=None)


def _in_state(book: Book, state: str, fact: Fact) -> Book:
    was_open = book.is_open
    book = replace(book, stays=(*book.stays, Stay(state, fact.at, fact.reason)))
    if was_open and not book.is_open:
        return replace(
            book,
            open_since=None,
            asked_at=None,
            unanswered_at=None,
            promised_at=None,
            callback_at=None,
            delivery_at=None,
            delivery_key="",
        )
    if book.is_open and not was_open:
        # Closed time never counts; a ticket that nobody ever answered owes its first response again.
        return replace(
            book,
            open_since=fact.at,
            asked_at=None if book.is_answered else fact.at,
            unanswered_at=fact.at if book.unanswered_at else None,
            callback_at=fact.at if book.callback_at else None,
            delivery_at=fact.at if book.delivery_at else None,
            merged_away={},
        )
    return book


_REMEMBER: Mapping[FactKind, Callable[[Book, Fact], Book]] = {
    FactKind.OPENED: _opened,
    FactKind.CUSTOMER_WROTE: _customer_wrote,
    FactKind.REPLIED: _replied,
    FactKind.CALL_LOGGED: _call_logged,
    FactKind.NO_REPLY_NEEDED: lambda book, fact: replace(book, unanswered_at=None),
    FactKind.UPDATE_PROMISED: _update_promised,
    FactKind.CALLBACK_REQUESTED: _callback_requested,
    FactKind.CALLBACK_CANCELLED: lambda book, fact: replace(book, callback_at=None),
    FactKind.DELIVERY_REQUESTED: _delivery_requested,
    FactKind.DELIVERED: lambda book, fact: replace(book, delivery_at=None, delivery_key=""),
    FactKind.PRIORITY_CHANGED: lambda book, fact: replace(book, priority=fact.priority),
    FactKind.SEVERITY_CHANGED: lambda book, fact: replace(book, severity=fact.severity),
    FactKind.TERMS_CHANGED: lambda book, fact: replace(book, terms=fact.terms),
    FactKind.STATE_CHANGED: _state_changed,
    FactKind.MERGED: _merged,
    FactKind.TOOK_IN: _took_in,
    FactKind.CAME_BACK: _came_back,
    FactKind.GAVE_BACK: _gave_back,
}
