from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory

from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import actions as timers
from supportdesk.timers import health, heartbeats
from supportdesk.timers.lateness import Summary
from supportdesk.timers.models import Heartbeat, Timer

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


def ask(rf: RequestFactory) -> tuple[int, dict[str, Any]]:
    response = health.healthz(rf.get("/healthz"))
    return response.status_code, json.loads(response.content)


@pytest.mark.django_db
def test_no_pump_was_ever_heard_from(rf: RequestFactory) -> None:
    status, answer = ask(rf)
    assert status == 503
    assert "pump" in answer["reason"]


@pytest.mark.django_db
def test_a_pump_beats_and_nothing_waits(rf: RequestFactory) -> None:
    heartbeats.begin("worker@one")
    heartbeats.beat("worker@one", 12, Summary(12, 0.004, 0.03, 0.05))
    heartbeats.beat("worker@one", 3, Summary(3, 0.005, 0.04, 0.06))
    status, answer = ask(rf)
    assert (status, answer["status"], answer["oldest_due_seconds"]) == (200, "ok", 0.0)
    assert answer["pumps"][0]["late_p99"] == 0.04
    assert Heartbeat.objects.get().fired == 15


@pytest.mark.django_db
def test_a_pump_fell_silent(rf: RequestFactory) -> None:
    heartbeats.begin("worker@one")
    Heartbeat.objects.update(beat_at=NOON)
    status, _ = ask(rf)
    assert status == 503


def test_timers_are_due_and_nobody_fires_them(rf: RequestFactory, oro: Vendor) -> None:
    heartbeats.begin("worker@one")
    with vendor_scope(oro):
        timers.set_many("alarm", {1: NOON, 2: NOON + timedelta(days=20_000)})
    status, answer = ask(rf)
    assert status == 503
    assert answer["oldest_due_seconds"] > 60


def test_what_was_set_aside_is_counted_and_does_not_make_the_machine_unwell(rf: RequestFactory, oro: Vendor) -> None:
    heartbeats.begin("worker@one")
    with vendor_scope(oro):
        timers.set("alarm", 1, NOON)
        Timer.objects.update(quarantined_at=NOON)
    status, answer = ask(rf)
    assert (status, answer["quarantined"]) == (200, 1)


@pytest.mark.django_db
def test_pumps_that_ended_without_a_word_are_forgotten_after_a_day() -> None:
    heartbeats.begin("worker@old")
    Heartbeat.objects.update(beat_at=NOON)
    heartbeats.begin("worker@new")
    assert Heartbeat.objects.get().worker == "worker@new"


@pytest.mark.django_db
def test_ready_once_the_database_answers_and_is_migrated(rf: RequestFactory) -> None:
    assert health.readyz(rf.get("/readyz")).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'notifications'")
    assert health.readyz(rf.get("/readyz")).status_code == 503


@pytest.mark.django_db
def test_neither_well_nor_ready_without_a_database(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    assert ask(rf)[0] == 503
    assert health.readyz(rf.get("/readyz")).status_code == 503
