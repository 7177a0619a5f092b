"""Clocks that are wrong: an application's an hour before or behind, the database's that jumps. What is due is decided
by the database; whatever its clock does, nothing happens twice."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import F

from sla.models import Clock
from supportdesk.accounts.models import Vendor
from supportdesk.notifications.models import Delivery
from supportdesk.notifications.outbox import KIND
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.faults.figures import Figures
from tests.faults.messages import Record, check_each_once, hook, queue, unsettled
from tests.faults.promises import LEASE_AND_MORE, SOON, breached, check_once, crowd, everybody_is_told, overdue
from tests.faults.shadows import a_clock_that_jumps, jump
from tests.faults.sink import Heard, Say, Sink
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

HOUR = timedelta(hours=1)
SHIFTED = """
import datetime, os, time_machine
hours = int(os.environ["HOURS_WRONG"])
time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours), tick=True).start()
"""
"""Runs before anything else of the worker. Not libfaketime: it shifts for some of the C library's waits the clock that
the others go by, so that threads sleep for ever."""


def wrong_by(hours: int, folder: Path) -> dict[str, str]:
    """The environment of a worker whose clock is wrong by this."""
    (folder / "sitecustomize.py").write_text(SHIFTED)
    return {"PYTHONPATH": str(folder), "HOURS_WRONG": str(hours)}


def shown_by(log: Path) -> datetime:
    """What the worker took the time to be when it began to listen."""
    [*_, line] = [line for line in log.read_text().splitlines() if "pump_listens" in line]
    return datetime.fromisoformat(json.loads(line)["timestamp"])


@pytest.mark.parametrize("hours", [1, -1])
def test_a_workers_clock_is_an_hour_wrong(
    hours: int,
    desk: Desk,
    sink: Sink,
    fleet: Workers,
    tmp_path: Path,
    figures: Figures,
    record_property: Record,
) -> None:
    """Promises are broken at their instants and not an hour before or after, messages are retried and dated as ever."""
    tried = iter([Say(503)] * 2)
    sink.script = lambda heard: next(tried, Say())
    fleet.start("wrong", **wrong_by(hours, tmp_path))
    off = shown_by(fleet.log) - database_now()
    assert abs(off - hours * HOUR) < HOUR / 4, "its clock really was wrong"
    record_property("clock", f"{off.total_seconds():+.0f} s")
    due_at = database_now() + timedelta(seconds=4)
    crowd(desk, 200, due_at=due_at, every=timedelta(milliseconds=20))
    crowd(desk, 20, due_at=database_now() + HOUR / 2)
    queue(hook(desk.vendor, sink), 20)
    while database_now() < due_at:
        early = breached(desk)
        assert not early or database_now() >= due_at, "fired before it was due"
    eventually(lambda: breached(desk) == 200, fleet.log)
    eventually(lambda: everybody_is_told(desk), fleet.log, seconds=LEASE_AND_MORE)
    check_once(desk, 200)
    now = database_now()
    with vendor_scope(desk.vendor):
        for sent_at, queued_at in Delivery.objects.values_list("sent_at", "queued_at"):
            assert sent_at is not None
            assert now - HOUR / 2 < sent_at <= now, queued_at
    assert all(abs(int(each.headers["webhook-timestamp"]) - now.timestamp()) < 600 for each in sink.heard)
    figures.check(fire=10, send=60, oldest=10)


def test_the_databases_clock_jumps_while_promises_come_due(desk: Desk, workers: Workers, figures: Figures) -> None:
    """An hour ahead, an hour behind, and right again: each is broken once, at the instant that was promised. (What was
    set to an instant of the clock that was ahead, and not yet done, waits until that instant comes again.)"""
    crowd(desk, 600, due_at=database_now() + SOON, every=timedelta(milliseconds=20))
    crowd(desk, 100, due_at=database_now() + HOUR / 2)
    crowd(desk, 50, due_at=database_now() + 2 * HOUR)
    with a_clock_that_jumps():
        workers.start("first")
        workers.start("second")
        eventually(lambda: breached(desk) > 20, workers.log)
        assert overdue(desk) < 600
        jump(1)
        figures.recovers(lambda: breached(desk) == 700, workers.log, within=30)
        eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
        jump(-1)
        crowd(desk, 50, due_at=database_now() - HOUR + SOON)
        figures.recovers(lambda: breached(desk) == 750, workers.log, within=30)
        jump(0)
        eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, 750)
    with vendor_scope(desk.vendor):
        assert Clock.objects.open().filter(breached_at__isnull=True).count() == 50
    figures.check(fire=HOUR.total_seconds() + 60, send=2 * HOUR.total_seconds() + 60, oldest=60)


def test_the_databases_clock_jumps_while_messages_wait(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    """What waits for a second attempt is due at once by a clock that is two hours ahead; all is sent once."""
    is_well = threading.Event()
    refused: list[Heard] = []

    def script(heard: Heard) -> Say:
        if is_well.is_set():
            return Say(200)
        refused.append(heard)
        return Say(429, headers={"Retry-After": "600"})

    sink.script = script
    queue(hook(oro, sink), 5)
    with a_clock_that_jumps():
        fleet.start("only")
        eventually(lambda: waiting(oro, minutes=9) == 5, fleet.log)
        is_well.set()
        jump(2)
        figures.recovers(lambda: not unsettled(oro), fleet.log, within=30)
        jump(0)
    assert refused
    assert len(sink.heard) == len(refused) + 5
    with vendor_scope(oro):
        assert not Delivery.objects.exclude(sent_at__gt=F("queued_at") + HOUR).exists()
    check_each_once(oro, sink, 5, record_property, most_repeats=len(refused))
    figures.check(fire=2 * HOUR.total_seconds() + 60, send=2 * HOUR.total_seconds() + 60, oldest=60)


def waiting(vendor: Vendor, *, minutes: int) -> int:
    """Messages that are not looked at again for so long."""
    with vendor_scope(vendor):
        later = database_now() + timedelta(minutes=minutes)
        return Timer.objects.filter(kind=KIND, due_at__gt=later).count()
