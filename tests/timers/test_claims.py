from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import all_vendors
from supportdesk.timers import claims, health

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
NOW: dict[str, Any] = {"kinds": ["alarm"], "limit": 500}


@pytest.mark.parametrize(
    ("sql", "values", "condition"),
    [
        (claims.CLAIM_NOW, NOW, "Index Cond: (due_at < statement_timestamp())"),
        (claims.CLAIM_UNTIL, NOW | {"until": NOON}, "Index Cond: (due_at < "),
        (claims.NEXT, [["alarm"]], "using timer_due"),
        (health.ENGINE, None, "Index Cond: (due_at < statement_timestamp())"),
    ],
)
def test_what_is_asked_every_half_second_is_answered_by_the_index_of_due_instants(
    oro: Vendor, sql: str, values: Any, condition: str
) -> None:
    """Row-level security keeps conditions that might leak away from the index: the reason for this test."""
    with all_vendors("a test of the plan"), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("EXPLAIN " + sql, values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "timer_due" in plan
    assert condition in plan


def test_the_longest_due_are_locked_first_and_no_more_than_asked_for(oro: Vendor) -> None:
    with all_vendors("a test"), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO timers_timer (vendor_id, kind, subject_id, epoch, due_at, attempts, last_error) "
            "SELECT %s, 'alarm', n, n, %s::timestamptz - n * interval '1 second', 0, '' FROM generate_series(1, 20) n",
            [oro.pk, NOON],
        )
        due, now = claims.claim(["alarm"], until=None, limit=5)
    assert [each.subject_id for each in due] == [20, 19, 18, 17, 16]
    assert now is not None
    assert now > NOON
