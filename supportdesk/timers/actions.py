"""Setting and clearing timers, and ending a leased one. All take effect with the caller's transaction.

``set`` may be called from anywhere inside one vendor's scope; a timer is named by its kind and subject, and setting it
again replaces it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from supportdesk.tenancy.scope import NoScope, current_vendor_id

CHANNEL = "timers"

# A sleeping pump looks again after at most half a second, so only what is due before that needs to wake it: NOTIFY
# makes commits queue behind each other, and nearly every timer is minutes or days away. PostgreSQL folds the equal
# notices of one transaction.
WAKE = f"""CASE WHEN timers_timer.due_at < statement_timestamp() + interval '1 second'
THEN pg_notify('{CHANNEL}', '')::text END"""

SET = f"""
INSERT INTO timers_timer (vendor_id, kind, subject_id, epoch, due_at, attempts, last_error)
SELECT %s, %s, wanted.subject_id, nextval('timers_epoch'), wanted.due_at, 0, ''
FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (subject_id, due_at) ORDER BY wanted.subject_id
ON CONFLICT (vendor_id, kind, subject_id) DO UPDATE
SET due_at = excluded.due_at, epoch = excluded.epoch, attempts = 0, last_error = '', quarantined_at = NULL
WHERE timers_timer.due_at IS DISTINCT FROM excluded.due_at OR timers_timer.attempts > 0
   OR timers_timer.quarantined_at IS NOT NULL
RETURNING {WAKE}"""  # noqa: S608 - no part of it comes from outside

RETRY = f"""
UPDATE timers_timer SET due_at = %s, last_error = %s, epoch = nextval('timers_epoch')
WHERE vendor_id = %s AND kind = %s AND subject_id = %s AND epoch = %s RETURNING {WAKE}"""  # noqa: S608


def set(kind: str, subject_id: int, due_at: datetime | None) -> None:  # noqa: A001 - read as timers.set
    """This timer fires at ``due_at`` and at no other instant; None clears it. Forgets earlier failures."""
    set_many(kind, {subject_id: due_at})


def set_many(kind: str, due: Mapping[int, datetime | None]) -> None:
    """``set`` for many subjects of one kind, in at most two statements."""
    wanted = [(subject_id, due_at) for subject_id, due_at in due.items() if due_at is not None]
    if wanted:
        subjects, instants = [each[0] for each in wanted], [each[1] for each in wanted]
        _execute(SET, [_vendor_id(), kind, subjects, instants])
    clear_many(kind, (subject_id for subject_id, due_at in due.items() if due_at is None))


def clear(kind: str, subject_id: int) -> None:
    """This timer will not fire; whoever is working under its lease has lost it."""
    clear_many(kind, [subject_id])


def clear_many(kind: str, subject_ids: Iterable[int]) -> None:
    """``clear`` for many subjects, in one statement."""
    if subjects := sorted(subject_ids):
        _execute(
            "DELETE FROM timers_timer WHERE vendor_id = %s AND kind = %s AND subject_id = ANY(%s)",
            [_vendor_id(), kind, subjects],
        )


HELD = """unnest(%(subjects)s::bigint[], %(fences)s::bigint[]) AS held (subject, fence)
WHERE vendor_id = %(vendor)s AND kind = %(kind)s AND subject_id = ANY(%(subjects)s)
    AND subject_id = held.subject AND epoch = held.fence"""


POSTPONE = f"""
UPDATE timers_timer SET due_at = %(due)s, last_error = %(why)s, attempts = 0, epoch = nextval('timers_epoch')
FROM {HELD} RETURNING subject_id, {WAKE}"""  # noqa: S608


def held(kind: str, fences: Mapping[int, int]) -> frozenset[int]:
    """Which of these are still ours: neither set anew nor cleared nor taken over. ``fences`` by subject."""
    return _of_held(f"SELECT subject_id FROM timers_timer, {HELD}", kind, fences)  # noqa: S608


def finish_many(kind: str, fences: Mapping[int, int]) -> frozenset[int]:
    """``finish`` for many, by subject; those that were."""
    return _of_held(f"DELETE FROM timers_timer USING {HELD} RETURNING subject_id", kind, fences)  # noqa: S608


def postpone_many(kind: str, fences: Mapping[int, int], *, due_at: datetime, why: str) -> frozenset[int]:
    """The leased work could not be begun and is looked at again at ``due_at``: no attempt. Those of them that were
    still ours."""
    return _of_held(POSTPONE, kind, fences, due=due_at, why=why)


def finish(kind: str, subject_id: int, *, fence: int) -> bool:
    """The leased work is done. False, changing nothing, when the fence is stale: set anew, cleared or taken over."""
    return bool(
        _execute(
            "DELETE FROM timers_timer WHERE vendor_id = %s AND kind = %s AND subject_id = %s AND epoch = %s",
            [_vendor_id(), kind, subject_id, fence],
        )
    )


def retry(kind: str, subject_id: int, *, fence: int, due_at: datetime, error: str) -> bool:
    """The leased work failed and is tried again at ``due_at``; attempts count on. False when the fence is stale."""
    return bool(
        _execute(
            RETRY,
            [due_at, error, _vendor_id(), kind, subject_id, fence],
        )
    )


def _of_held(sql: str, kind: str, fences: Mapping[int, int], **values: Any) -> frozenset[int]:
    if not fences:
        return frozenset()
    named: dict[str, Any] = {
        "vendor": _vendor_id(),
        "kind": kind,
        "subjects": list(fences),
        "fences": list(fences.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, named | values)
        return frozenset(row[0] for row in cursor.fetchall())


def _vendor_id() -> int:
    vendor_id = current_vendor_id()
    if vendor_id is None:
        raise NoScope("A timer belongs to one vendor: enter vendor_scope(vendor) to set or clear it.")
    return vendor_id


def _execute(sql: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)
