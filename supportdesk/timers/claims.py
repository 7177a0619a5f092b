"""Taking due timers out of the table, and moving claimed ones on: always in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from supportdesk.timers.registry import DueTimer

QUARANTINE_AFTER = 8
SLOWEST_RETRY_SECONDS = 3600

# statement_timestamp() and nothing around it: clock_timestamp() is volatile, and row-level security keeps a condition
# away from the index unless the planner knows all of it to be leakproof, which it does not of COALESCE. Either would
# cost a scan of the whole table, twice a second.
CLAIM = """
SELECT id, vendor_id, kind, subject_id, epoch, due_at, attempts, statement_timestamp()
FROM timers_timer
WHERE due_at < {until} AND quarantined_at IS NULL AND kind = ANY(%(kinds)s)
ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED"""
CLAIM_NOW = CLAIM.format(until="statement_timestamp()")
CLAIM_UNTIL = CLAIM.format(until="%(until)s")

NEXT = """
SELECT extract(epoch FROM due_at - statement_timestamp()) FROM timers_timer
WHERE due_at IS NOT NULL AND quarantined_at IS NULL AND kind = ANY(%s) ORDER BY due_at, id LIMIT 1"""

FAILED = f"""
attempts = attempts + %(uncounted)s, last_error = %(error)s, epoch = nextval('timers_epoch'),
due_at = statement_timestamp()
    + make_interval(secs => least(power(2, least(attempts + %(uncounted)s, 20)), {SLOWEST_RETRY_SECONDS})),
quarantined_at = CASE WHEN attempts + %(uncounted)s >= {QUARANTINE_AFTER} THEN statement_timestamp() END"""


def claim(kinds: Sequence[str], *, until: datetime | None, limit: int) -> tuple[list[DueTimer], datetime | None]:
    """Locks up to ``limit`` timers due before ``until`` (the database's present when None), the longest due first,
    leaving out those that another pump holds. Also the database's present, None when nothing was due.

    A timer due at exactly this instant is not yet claimed: an answer at the due instant is in time.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            CLAIM_NOW if until is None else CLAIM_UNTIL, {"until": until, "kinds": list(kinds), "limit": limit}
        )
        rows = cursor.fetchall()
    return [DueTimer(*row[:7]) for row in rows], rows[0][7] if rows else None


def seconds_to_next(kinds: Sequence[str]) -> float | None:
    """Until the earliest timer of these kinds is due; negative when one is overdue, None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [list(kinds)])
        row = cursor.fetchone()
    return float(row[0]) if row else None


def mark_fired(due: Sequence[DueTimer]) -> None:
    """Nothing further is due, until their handler sets them anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE timers_timer SET due_at = NULL, attempts = 0, last_error = '', epoch = nextval('timers_epoch') "
            "WHERE id = ANY(%s)",
            [[each.id for each in due]],
        )


def mark_failed(due: DueTimer, error: str) -> bool:
    """Back-off by the database's clock, doubling from 2 s to an hour; at the eighth failure the row is set aside.
    Answers whether it now is."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE timers_timer SET {FAILED} WHERE id = %(id)s",  # noqa: S608
            {"error": error, "uncounted": 1, "id": due.id},
        )
    return due.attempts + 1 >= QUARANTINE_AFTER


def lease(due: Sequence[DueTimer], length: timedelta) -> None:
    """Due again when the lease ends, whatever becomes of the worker. The epoch stays: a copy of the task that is still
    waiting in a queue may begin as long as no other has begun."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE timers_timer SET due_at = statement_timestamp() + make_interval(secs => %s) WHERE id = ANY(%s)",
            [length.total_seconds(), [each.id for each in due]],
        )


BEGIN_MANY = """
WITH free AS (
    SELECT id FROM timers_timer
    JOIN unnest(%(subjects)s::bigint[], %(epochs)s::bigint[]) AS wanted (subject, epoch)
        ON wanted.subject = subject_id AND wanted.epoch = timers_timer.epoch
    WHERE vendor_id = %(vendor)s AND kind = %(kind)s AND subject_id = ANY(%(subjects)s) AND quarantined_at IS NULL
    FOR UPDATE OF timers_timer SKIP LOCKED)
UPDATE timers_timer SET epoch = nextval('timers_epoch'), attempts = attempts + 1,
    due_at = statement_timestamp() + make_interval(secs => %(seconds)s)
FROM free WHERE timers_timer.id = free.id
RETURNING subject_id, epoch, statement_timestamp()"""


def begin_many(
    kind: str, epochs: Mapping[int, int], *, vendor_id: int, length: timedelta
) -> tuple[dict[int, int], datetime | None]:
    """``begin`` for many, by subject: their fences in the order of ``epochs``, and the database's present. Waits for
    nobody, so that two who take several at once never wait for each other: what somebody is just changing is left to
    them, and left out here."""
    values: dict[str, Any] = {
        "vendor": vendor_id,
        "kind": kind,
        "subjects": list(epochs),
        "epochs": list(epochs.values()),
        "seconds": length.total_seconds(),
    }
    with connection.cursor() as cursor:
        cursor.execute(BEGIN_MANY, values)
        rows = cursor.fetchall()
    fences = {subject: fence for subject, fence, _ in rows}
    return {subject: fences[subject] for subject in epochs if subject in fences}, rows[0][2] if rows else None


def begin(kind: str, subject_id: int, *, vendor_id: int, epoch: int, length: timedelta) -> tuple[int, datetime] | None:
    """Takes the leased timer for one run: its fence and the database's present, or None when another run has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE timers_timer SET epoch = nextval('timers_epoch'), attempts = attempts + 1, "
            "due_at = statement_timestamp() + make_interval(secs => %s) "
            "WHERE vendor_id = %s AND kind = %s AND subject_id = %s AND epoch = %s AND quarantined_at IS NULL "
            "RETURNING epoch, statement_timestamp()",
            [length.total_seconds(), vendor_id, kind, subject_id, epoch],
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def abandon(kind: str, fences: Mapping[int, int], *, vendor_id: int, error: str) -> None:
    """Leased runs ended in an error of our own: as ``mark_failed``, the attempt having been counted when they began.
    What no longer stands under its fence is not touched."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE timers_timer SET {FAILED} "  # noqa: S608
            "FROM unnest(%(subjects)s::bigint[], %(fences)s::bigint[]) AS held (subject, fence) "
            "WHERE vendor_id = %(vendor)s AND kind = %(kind)s AND subject_id = ANY(%(subjects)s) "
            "AND subject_id = held.subject AND epoch = held.fence",
            {
                "error": error,
                "uncounted": 0,
                "vendor": vendor_id,
                "kind": kind,
                "subjects": list(fences),
                "fences": list(fences.values()),
            },
        )
