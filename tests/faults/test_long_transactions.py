"""A transaction that lasts: a report that keeps its snapshot, or somebody who went away with a ticket locked."""

from __future__ import annotations

import time
from datetime import timedelta

import psycopg2
import pytest
from django.db import connection
from psycopg2.extensions import ISOLATION_LEVEL_REPEATABLE_READ

from sla.models import Clock
from supportdesk.tenancy.scope import ALL, SETTING, all_vendors, vendor_scope
from supportdesk.timers import claims
from supportdesk.timers.registry import kinds
from tests.cast import Desk
from tests.faults.figures import Figures
from tests.faults.messages import Record
from tests.faults.promises import LEASE_AND_MORE, SOON, breached, check_once, crowd, everybody_is_told
from tests.faults.sessions import a_session
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

TIME_OUT = timedelta(seconds=3)
"""What the server has ten minutes for."""


def test_a_snapshot_that_is_held_slows_no_claim_down(
    desk: Desk, workers: Workers, figures: Figures, record_property: Record
) -> None:
    """Three thousand timers fire and leave dead rows behind, none of which can be cleared away meanwhile."""
    with a_session() as reader:
        reader.set_session(isolation_level=ISOLATION_LEVEL_REPEATABLE_READ)
        with reader.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM timers_timer")
        workers.start("only")
        crowd(desk, 3_000, due_at=database_now() + SOON)
        eventually(lambda: breached(desk) == 3_000, workers.log)
        eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM timers_timer")
        took = sorted(claim() for _ in range(51))
    record_property("a claim took", {"p50": round(took[25], 4), "max": round(took[-1], 4)})
    assert took[25] < 0.02
    check_once(desk, 3_000)
    figures.check(fire=20, send=LEASE_AND_MORE, oldest=20)


def claim() -> float:
    """Seconds for asking what is due."""
    with all_vendors("how long a claim takes"):
        began = time.perf_counter()
        claims.claim(kinds(tasks=True), until=None, limit=500)
        return time.perf_counter() - began


def test_somebody_who_went_away_with_a_ticket_locked_holds_up_nothing_else(
    desk: Desk, workers: Workers, figures: Figures
) -> None:
    """The promise about that ticket is broken when the database has ended the transaction that did nothing."""
    workers.start("only")
    crowd(desk, 300, due_at=database_now() + SOON)
    with vendor_scope(desk.vendor):
        held = Clock.objects.open().order_by("pk")[150]
    with a_session() as away, away.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = %s", [f"{TIME_OUT.total_seconds():.0f}s"])
        away.commit()
        cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, ALL])
        cursor.execute("SELECT 1 FROM tickets_ticket WHERE id = %s FOR UPDATE", [held.ticket_id])
        assert cursor.fetchone()
        eventually(lambda: breached(desk) >= 299, workers.log)
        figures.recovers(lambda: breached(desk) == 300, workers.log, within=TIME_OUT.total_seconds() + 10)
        with pytest.raises(psycopg2.OperationalError):
            cursor.execute("SELECT 1")
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, 300)
    figures.check(fire=15, send=20, oldest=15)
