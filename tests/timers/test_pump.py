"""The pump sleeps until something is due, is woken by what is due at once, and outlives the database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

import pytest
from django.db import connection

from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import actions as timers
from supportdesk.timers import pump as pump_module
from supportdesk.timers import registry, tasks
from supportdesk.timers.models import Heartbeat
from supportdesk.timers.pump import Pump
from supportdesk.timers.registry import DueTimer
from tests.timers.recorder import Recorder

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pump() -> Iterator[Pump]:
    pump = Pump("worker@test", publish=tasks.run_here)
    pump.start()
    eventually(lambda: Heartbeat.objects.filter(worker="worker@test").exists())
    yield pump
    pump.stop()
    assert not pump.is_alive()


def eventually(is_so: Callable[[], bool], seconds: float = 10.0) -> float:
    """Seconds until it was so; fails when it never was."""
    start = time.monotonic()
    while not is_so():
        assert time.monotonic() - start < seconds, "it did not happen"
        time.sleep(0.005)
    return time.monotonic() - start


def set_in(vendor: Vendor, subject_id: int, seconds: float, kind: str = "alarm") -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
    with vendor_scope(vendor):
        timers.set(kind, subject_id, now + timedelta(seconds=seconds))


def test_what_is_due_at_once_is_fired_at_once(
    oro: Vendor, alarms: Recorder, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump_module, "LONGEST_SLEEP", 30.0)
    time.sleep(0.6)  # it now sleeps for half a minute, unless it is woken
    set_in(oro, 1, 0)
    assert eventually(lambda: alarms.subjects == [1]) < 5


def test_it_wakes_for_the_earliest_due_instant(oro: Vendor, alarms: Recorder, pump: Pump) -> None:
    set_in(oro, 1, 0.7)
    set_in(oro, 2, 3600)
    assert eventually(lambda: alarms.subjects == [1]) > 0.5


def test_a_lost_notice_costs_half_a_second_at_most(
    oro: Vendor, alarms: Recorder, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timers, "SET", timers.SET.replace("pg_notify('timers', '')", "concat('lost')"))
    set_in(oro, 1, 0)
    assert eventually(lambda: alarms.subjects == [1]) < 2


def test_the_task_lane_is_published(oro: Vendor, pump: Pump) -> None:
    sent: list[int] = []

    def send(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
        sent.append(subject_id)
        with vendor_scope(vendor_id):
            timers.finish("send", subject_id, fence=fence)

    registry.register("send", send, lane="task")
    set_in(oro, 7, 0, kind="send")
    eventually(lambda: sent == [7])


def test_an_error_that_is_nobodys_does_not_end_it(
    oro: Vendor, alarms: Recorder, pump: Pump, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = threading.Event()

    def broken(**_: object) -> None:
        tried.set()
        raise RuntimeError("out of everything")

    with monkeypatch.context() as patch:
        patch.setattr("supportdesk.timers.firing.fire_round", broken)
        assert tried.wait(5)
    set_in(oro, 1, 0)
    eventually(lambda: alarms.subjects == [1])


def test_it_reconnects_when_the_database_ended_its_connections(oro: Vendor, alarms: Recorder, pump: Pump) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )
        assert cursor.fetchone()[0] >= 2
    set_in(oro, 1, 0)
    assert eventually(lambda: alarms.subjects == [1]) < 5


def test_a_connection_lost_inside_a_handler_undoes_the_batch_and_fires_it_again(oro: Vendor, pump: Pump) -> None:
    calls: list[list[int]] = []

    def handler(due: Sequence[DueTimer], *, at: datetime) -> None:
        calls.append([each.subject_id for each in due])
        timers.set("written", due[0].subject_id, at + timedelta(days=1))
        if len(calls) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    registry.register("alarm", handler)
    set_in(oro, 1, 0)
    eventually(lambda: len(calls) == 2)
    pump.stop()
    assert calls == [[1], [1]]


def test_stopping_takes_no_longer_than_the_round_and_takes_the_heartbeat_away(oro: Vendor) -> None:
    pump = Pump("worker@stopped", publish=tasks.run_here)
    pump.start()
    eventually(lambda: Heartbeat.objects.filter(worker="worker@stopped").exists())
    start = time.monotonic()
    pump.stop()
    assert time.monotonic() - start < 2
    assert not pump.is_alive()
    assert not Heartbeat.objects.filter(worker="worker@stopped").exists()
