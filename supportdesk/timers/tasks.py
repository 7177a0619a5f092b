"""The task lane: a leased timer, or a batch of them, becomes one Celery task, which calls the handler outside any
transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from celery import shared_task

from supportdesk.tenancy.scope import vendor_scope
from supportdesk.tenancy.tasks import ScopedTask
from supportdesk.timers import actions as timers
from supportdesk.timers import claims, failpoints
from supportdesk.timers.lateness import FAILURES
from supportdesk.timers.registry import ENTRIES, Batched, DueTimer, Inline

log = structlog.get_logger(__name__)


class ShortScopes(ScopedTask):
    abstract = True
    scopes_itself = True


@shared_task(name="timers.run", base=ShortScopes, ignore_result=True)
def run(kind: str, subject_id: int, vendor_id: int, fence: int) -> None:
    """Runs the handler of one leased timer, unless another run has taken it since."""
    carry_out(kind, {subject_id: fence}, vendor_id=vendor_id)


@shared_task(name="timers.run_many", base=ShortScopes, ignore_result=True)
def run_many(kind: str, vendor_id: int, leased: Sequence[tuple[int, int]]) -> None:
    """``run`` for a batch: pairs of a subject and its epoch."""
    carry_out(kind, dict(leased), vendor_id=vendor_id)


def publish(due: Sequence[DueTimer]) -> None:
    """Hands leased timers of one kind and vendor to the broker. What it loses is due again when its lease ends."""
    kind, vendor_id = due[0].kind, due[0].vendor_id
    entry = ENTRIES[kind]
    assert not isinstance(entry, Inline), f"{kind} is not of the task lane"
    try:
        if isinstance(entry, Batched):
            leased = [(each.subject_id, each.epoch) for each in due]
            run_many.apply_async((kind, vendor_id, leased), retry=False, queue=entry.queue)
            return
        for each in due:
            run.apply_async((kind, each.subject_id, vendor_id, each.epoch), retry=False, queue=entry.queue)
    except run.OperationalError as error:
        log.warning("broker_unreachable", error=str(error), leased=len(due))


def run_here(due: Sequence[DueTimer], at: datetime | None = None) -> None:
    """Runs leased timers in this process, one task after the other: for tests, and for a demo that is being set up."""
    kind, vendor_id = due[0].kind, due[0].vendor_id
    is_batch = isinstance(ENTRIES[kind], Batched)
    for some in [due] if is_batch else [[each] for each in due]:
        carry_out(kind, {each.subject_id: each.epoch for each in some}, vendor_id=vendor_id, at=at)


def carry_out(kind: str, epochs: Mapping[int, int], *, vendor_id: int, at: datetime | None = None) -> bool:
    """Begins these timers (``epochs`` by subject: one, or a batch), and calls the handler with the new fences and the
    database's present (or ``at``). False when all were overtaken.

    What the handler raises is kept on the rows, which are tried again later and set aside at the eighth time.
    """
    entry = ENTRIES[kind]
    assert not isinstance(entry, Inline), f"{kind} is not of the task lane"
    failpoints.reach("before-begin")
    fences, now = _begin(kind, epochs, vendor_id=vendor_id, length=entry.lease)
    failpoints.reach("after-begin")
    if now is None:
        return False
    try:
        if isinstance(entry, Batched):
            entry.handler(fences, vendor_id=vendor_id, at=at or now)
        else:
            [(subject_id, fence)] = fences.items()
            entry.handler(subject_id, vendor_id=vendor_id, fence=fence, at=at or now)
    except Exception as error:
        FAILURES.labels(kind).inc()
        log.exception("timer_task_failed", kind=kind, subjects=list(fences), vendor=vendor_id)
        with vendor_scope(vendor_id):
            claims.abandon(kind, fences, vendor_id=vendor_id, error=f"{type(error).__name__}: {error}"[:2000])
    return True


def _begin(
    kind: str, epochs: Mapping[int, int], *, vendor_id: int, length: timedelta
) -> tuple[dict[int, int], datetime | None]:
    """One waits for whoever is changing it, and then knows. Of several, those that somebody is changing are taken one
    by one, each in a transaction of its own: who holds nothing is waited for by nobody."""
    left: Collection[int] = epochs.keys()
    fences: dict[int, int] = {}
    now: datetime | None = None
    if len(epochs) > 1:
        with vendor_scope(vendor_id):
            fences, now = claims.begin_many(kind, epochs, vendor_id=vendor_id, length=length)
            left = timers.held(kind, {subject: epochs[subject] for subject in epochs if subject not in fences})
    for subject_id in left:
        with vendor_scope(vendor_id):
            begun = claims.begin(kind, subject_id, vendor_id=vendor_id, epoch=epochs[subject_id], length=length)
        if begun is not None:
            fences[subject_id], now = begun
    return fences, now
