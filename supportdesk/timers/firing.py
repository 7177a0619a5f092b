"""Firing: due timers are claimed, their handlers called, and what fails is set aside, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from django.db import connection, transaction
from psycopg2 import errors

from supportdesk.tenancy.scope import all_vendors, vendor_scope
from supportdesk.timers import claims, failpoints, lateness
from supportdesk.timers.registry import ENTRIES, Batched, DueTimer, Inline, kinds

log = structlog.get_logger(__name__)

WHY = "the pump fires what is due at every vendor"
# Claimed timers are locked before their subjects, while an action locks its ticket before its timer. Whoever waits in
# that embrace must be the pump, and briefly: a person's request is never the one that is sacrificed.
PATIENCE = "100ms"
BUSY = (errors.LockNotAvailable, errors.DeadlockDetected, errors.SerializationFailure)

Publish = Callable[[Sequence[DueTimer]], None]
"""Takes timers of one kind and one vendor; of a kind that is worked on in batches, one batch."""


@dataclass(frozen=True, slots=True)
class Round:
    """``fired``: timers taken off the table. ``next_in``: seconds to the earliest one left, None when there is none."""

    fired: int
    next_in: float | None


def fire_due(*, until: datetime | None = None, limit: int = 500, publish: Publish | None = None) -> int:
    """Fires up to ``limit`` timers due before ``until``, and says how many were done; 0 when nothing (more) was.

    Without ``until`` the database's clock decides. With it (tests, and histories lived through in one go) handlers are
    told that it is ``until``. ``publish`` takes the leased timers of the task lane after the commit; without it that
    lane is left alone, because only a worker may speak to the outside.
    """
    return fire_round(until=until, limit=limit, publish=publish).fired


def fire_round(*, until: datetime | None = None, limit: int = 500, publish: Publish | None = None) -> Round:
    """``fire_due``, and when the next one is due."""
    ours = kinds(tasks=publish is not None)
    is_outermost = not connection.in_atomic_block
    with all_vendors(WHY):
        due, now = claims.claim(ours, until=until, limit=limit)
        if now is None:
            return Round(0, claims.seconds_to_next(ours))
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        transaction.on_commit(partial(failpoints.reach, "after-fire"))  # before anything is published
        fired = sum(_fire_group(group, at=until or now, publish=publish) for group in _groups(due))
        next_in = claims.seconds_to_next(ours)
        failpoints.reach("before-fire")
    if until is None:
        lateness.observe(due, now)
    return Round(fired, next_in)


def _groups(due: Sequence[DueTimer]) -> list[list[DueTimer]]:
    """By vendor and kind, each in due order, the group with the longest due timer first."""
    groups: dict[tuple[int, str], list[DueTimer]] = {}
    for each in due:
        groups.setdefault((each.vendor_id, each.kind), []).append(each)
    return list(groups.values())


def _fire_group(due: Sequence[DueTimer], *, at: datetime, publish: Publish | None) -> int:
    entry = ENTRIES[due[0].kind]
    if isinstance(entry, Inline):
        return _fire_inline(due, entry, at)
    assert publish is not None, "the task lane is only claimed when it can be published"
    claims.lease(due, entry.lease)
    for some in _batches(due, entry) if isinstance(entry, Batched) else [list(due)]:
        transaction.on_commit(partial(publish, some))
    return len(due)


def _batches(due: Sequence[DueTimer], entry: Batched) -> list[list[DueTimer]]:
    with vendor_scope(due[0].vendor_id):
        return [list(some) for some in entry.split(due)]


def _fire_inline(due: Sequence[DueTimer], entry: Inline, at: datetime) -> int:
    """All at once; of what raised, each half by itself, so that one bad row among five hundred costs some eighteen
    calls and not five hundred."""
    if len(due) == 1:
        return _fire_one(due[0], entry, at)
    if _attempt(due, entry, at) is None:
        return len(due)
    middle = len(due) // 2
    return _fire_inline(due[:middle], entry, at) + _fire_inline(due[middle:], entry, at)


def _fire_one(due: DueTimer, entry: Inline, at: datetime) -> int:
    error = _attempt([due], entry, at)
    if error is None:
        return 1
    if isinstance(error.__cause__, BUSY):
        return 0  # still due: its subject is being worked on, the next round finds it free
    set_aside = claims.mark_failed(due, f"{type(error).__name__}: {error}"[:2000])
    lateness.FAILURES.labels(due.kind).inc()
    log.error(
        "timer_failed",
        kind=due.kind,
        subject=due.subject_id,
        vendor=due.vendor_id,
        quarantined=set_aside,
        exc_info=error,
    )
    return 1


def _attempt(due: Sequence[DueTimer], entry: Inline, at: datetime) -> Exception | None:
    """Calls the handler in the vendor's scope and a savepoint; what it raised, the savepoint being rolled back."""
    try:
        with vendor_scope(due[0].vendor_id):
            claims.mark_fired(due)
            entry.handler(due, at=at)
    except Exception as error:
        if connection.needs_rollback:  # the connection itself is gone: nothing more can be written
            raise
        return error
    return None
