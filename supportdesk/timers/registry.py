"""Which function answers for which kind of timer. Filled by ``supportdesk/wiring.py`` and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, overload

LEASE = timedelta(seconds=30)
QUEUE = "celery"
URGENT_QUEUE = "urgent"
"""Workers take from both in turn, so that what is urgent never stands behind a long queue."""


@dataclass(frozen=True, slots=True)
class DueTimer:
    """A claimed timer. ``due_at`` is the instant it was set for, however late it is fired."""

    id: int
    vendor_id: int
    kind: str
    subject_id: int
    epoch: int
    due_at: datetime
    attempts: int


class InlineHandler(Protocol):
    """Writes to the database only. Called with timers of one vendor, in due order, in that vendor's scope and in the
    transaction that claimed them: either all its effects are there and the timers are done, or neither.

    Locks it needs on subjects should be taken in id order. When the batch raises, each half of it is called by itself,
    down to the row that is to blame.
    """

    def __call__(self, due: Sequence[DueTimer], *, at: datetime) -> None: ...


class TaskHandler(Protocol):
    """Speaks to the outside. Called in a Celery task with no transaction and no scope open, at most one at a time while
    the lease lasts; ends with ``actions.finish`` or ``actions.retry`` under its fence, in the transaction that
    records the outcome.
    """

    def __call__(self, subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None: ...


class BatchHandler(Protocol):
    """As ``TaskHandler``, for several timers of one vendor at once: ``fences`` by subject, the longest due first. Each
    ends under its own fence. What is wrong with one of them is none of the others' business: when it raises, whatever
    still stands under its fence counts as failed.
    """

    def __call__(self, fences: Mapping[int, int], *, vendor_id: int, at: datetime) -> None: ...


Split = Callable[[Sequence[DueTimer]], Iterable[Sequence[DueTimer]]]
"""Which of these timers of one vendor make one task; called in that vendor's scope, in the transaction that claimed
them."""


@dataclass(frozen=True, slots=True)
class Inline:
    handler: InlineHandler


@dataclass(frozen=True, slots=True)
class Leased:
    """``lease``: how long one run may take before the timer is due again and another worker takes over."""

    handler: TaskHandler
    lease: timedelta
    queue: str = QUEUE


@dataclass(frozen=True, slots=True)
class Batched:
    """As ``Leased``, but a task is a batch; the lease is one batch's."""

    handler: BatchHandler
    split: Split
    lease: timedelta
    queue: str = QUEUE


Entry = Inline | Leased | Batched
ENTRIES: dict[str, Entry] = {}


@overload
def register(kind: str, handler: InlineHandler, lane: Literal["inline"] = "inline") -> None: ...
@overload
def register(
    kind: str, handler: TaskHandler, lane: Literal["task"], *, lease: timedelta = LEASE, queue: str = QUEUE
) -> None: ...


def register(
    kind: str,
    handler: object,
    lane: Literal["inline", "task"] = "inline",
    *,
    lease: timedelta = LEASE,
    queue: str = QUEUE,
) -> None:
    """From now on this process fires timers of ``kind``. Raises ValueError when another handler already does."""
    _enter(kind, Inline(handler) if lane == "inline" else Leased(handler, lease, queue))  # type: ignore[arg-type]


def register_batches(
    kind: str, handler: BatchHandler, *, split: Split, lease: timedelta = LEASE, queue: str = QUEUE
) -> None:
    """``register`` for the task lane, several timers to a task."""
    _enter(kind, Batched(handler, split, lease, queue))


def _enter(kind: str, entry: Entry) -> None:
    if ENTRIES.setdefault(kind, entry) != entry:
        raise ValueError(f"Timers of kind {kind} already have a handler.")


def kinds(*, tasks: bool = True) -> list[str]:
    """The kinds this process can fire. A kind that only a newer release knows waits for a worker of that release."""
    return [kind for kind, entry in ENTRIES.items() if tasks or isinstance(entry, Inline)]
