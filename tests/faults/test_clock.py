"""Workers whose own clock is an hour wrong: the database's decides, so the same happens at the same instants."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from supportdesk.notifications.models import Delivery
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Timer
from tests.cast import make_desk
from tests.faults.test_firing import LEASE_AND_MORE, breached, check_once, crowd, everybody_is_told
from tests.workers import Workers, database_now, eventually
from tickets.models import Event
from tickets.models.event import Kind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

SHIFTED = """
import datetime, os, time_machine
hours = int(os.environ["HOURS_WRONG"])
time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours), tick=True).start()
"""
"""Runs before anything else of the worker. Not libfaketime: it shifts for some of the C library's waits the clock that
the others go by, so that threads sleep for ever."""

CLOCKS = 400
AHEAD = timedelta(seconds=4)
PATIENT = timedelta(seconds=30)
"""Within this even a busy machine has fired what is due."""


def assert_wrong(hours: int, log: Path) -> None:
    """The worker's own log bears the wrong hour."""
    [*_, line] = [line for line in log.read_text().splitlines() if "pump_listens" in line]
    said = datetime.fromisoformat(json.loads(line)["timestamp"])
    assert abs(said - database_now() - timedelta(hours=hours)) < timedelta(minutes=10)


@pytest.mark.parametrize("hours", [1, -1])
def test_a_worker_whose_clock_is_wrong(
    hours: int, workers: Workers, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    desk = make_desk("orocloud")
    (tmp_path / "sitecustomize.py").write_text(SHIFTED)
    workers.start("wrong", PYTHONPATH=str(tmp_path), HOURS_WRONG=str(hours))
    due_at = database_now() + AHEAD
    crowd(desk, CLOCKS, due_at=due_at)
    while database_now() < due_at:
        early = breached(desk)
        assert not early or database_now() >= due_at, "fired before it was due"
    eventually(lambda: breached(desk) == CLOCKS, workers.log)
    fired_within = database_now() - due_at
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    assert_wrong(hours, workers.log)
    check_once(desk, CLOCKS)
    with vendor_scope(desk.vendor):
        assert set(Event.objects.filter(kind=Kind.SLA_BREACHED).values_list("at", flat=True)) == {due_at}
        sent = Delivery.objects.filter(kind=Kind.SLA_BREACHED).order_by("sent_at").values_list("sent_at", flat=True)
        first_sent = sent[0]
        assert not Timer.objects.filter(due_at__lt=database_now() - PATIENT, quarantined_at=None).exists()
    assert first_sent is not None
    assert fired_within < PATIENT
    assert timedelta(0) <= first_sent - due_at < PATIENT
    record_property("fire_minus_due_most", fired_within.total_seconds())
    record_property("first_send_minus_due", (first_sent - due_at).total_seconds())
