"""The task lane: one leased timer becomes one Celery task, which calls its handler outside any transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from celery import shared_task

from supportdesk.tenancy.scope import vendor_scope
from supportdesk.tenancy.tasks import ScopedTask
from supportdesk.timers import claims
from supportdesk.timers.lateness import FAILURES
from supportdesk.timers.registry import ENTRIES, DueTimer, Leased

log = structlog.get_logger(__name__)


class ShortScopes(ScopedTask):
    abstract = True
    scopes_itself = True


@shared_task(name="timers.run", base=ShortScopes, ignore_result=True)
def run(kind: str, subject_id: int, vendor_id: int, fence: int) -> None:
    """Runs the handler of one leased timer, unless another run has taken it since."""
    carry_out(kind, subject_id, vendor_id, fence)


def publish(due: Sequence[DueTimer]) -> None:
    """Hands leased timers to the broker. What the broker loses is due again when its lease ends."""
    for each in due:
        entry = ENTRIES[each.kind]
        assert isinstance(entry, Leased), f"{each.kind} is not of the task lane"
        try:
            run.apply_async((each.kind, each.subject_id, each.vendor_id, each.epoch), retry=False, queue=entry.queue)
        except run.OperationalError as error:
            log.warning("broker_unreachable", error=str(error), unsent=len(due))
            return


def run_here(due: Sequence[DueTimer]) -> None:
    """Runs leased timers in this process, one after the other: for tests, and for a demo that is being set up."""
    for each in due:
        carry_out(each.kind, each.subject_id, each.vendor_id, each.epoch)


def carry_out(kind: str, subject_id: int, vendor_id: int, epoch: int, at: datetime | None = None) -> bool:
    """Begins, and calls the handler with the new fence and the database's present (or ``at``). False when overtaken.

    What the handler raises is kept on the row, which is tried again later and set aside at the eighth time.
    """
    entry = ENTRIES[kind]
    assert isinstance(entry, Leased), f"{kind} is not of the task lane"
    with vendor_scope(vendor_id):
        begun = claims.begin(kind, subject_id, vendor_id=vendor_id, epoch=epoch, length=entry.lease)
    if begun is None:
        return False
    fence, now = begun
    try:
        entry.handler(subject_id, vendor_id=vendor_id, fence=fence, at=at or now)
    except Exception as error:
        FAILURES.labels(kind).inc()
        log.exception("timer_task_failed", kind=kind, subject=subject_id, vendor=vendor_id)
        with vendor_scope(vendor_id):
            text = f"{type(error).__name__}: {error}"[:2000]
            claims.abandon(kind, subject_id, vendor_id=vendor_id, fence=fence, error=text)
    return True
