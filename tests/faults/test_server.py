"""The PostgreSQL server is killed outright in the middle of a batch and started again: workers find it again by
themselves, what was committed is there, what was not is done anew, and nothing happens twice.

The server is one of the tests' own, with durability as in ``make run``; the other tests keep theirs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection

from supportdesk.accounts.models import Vendor
from tests.cast import Desk
from tests.faults.figures import Figures
from tests.faults.messages import LEASE, Record, check_each_once, hook, queue, states, unsettled
from tests.faults.promises import LEASE_AND_MORE, SOON, breached, check_once, crowd, everybody_is_told
from tests.faults.server import Server, running
from tests.faults.sink import Say, Sink
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

CLOCKS = 2_000
KILLS = 3
AWAY = 1.0
"""Seconds for which there is no server."""
BACK_WITHIN = 30
"""Seconds: to recover its files, to be found again, and for the leases of what was in hand."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as server:
        yield server


@pytest.fixture
def database(transactional_db: None, server: Server) -> Iterator[None]:
    with server.database():
        yield


def kill_and_start(server: Server) -> None:
    connection.close()
    server.kill()
    time.sleep(AWAY)
    server.up()


def check_nobody_gave_up(workers: Workers) -> None:
    assert all(worker.poll() is None for worker in workers.running), workers.log.read_text()


def test_while_promises_come_due(
    server: Server, desk: Desk, workers: Workers, figures: Figures, record_property: Record
) -> None:
    """Two thousand within twenty seconds, one each 10 ms; while two workers break them the server dies three times."""
    fired_when_it_died = []
    for name in ("first", "second"):
        workers.start(name)
    crowd(desk, CLOCKS, due_at=database_now() + SOON, every=timedelta(milliseconds=10))
    for _ in range(KILLS):
        before = breached(desk)
        eventually(lambda before=before: breached(desk) > before, workers.log)  # type: ignore[misc]
        before = breached(desk)
        assert before < CLOCKS, "all was done before the server could be killed"
        kill_and_start(server)
        fired = breached(desk)
        assert fired >= before, "what was committed is lost"
        fired_when_it_died.append(fired)
        figures.recovers(lambda fired=fired: breached(desk) > fired, workers.log, within=BACK_WITHIN)  # type: ignore[misc]
    record_property("fired when it died", fired_when_it_died)
    eventually(lambda: breached(desk) == CLOCKS, workers.log, seconds=LEASE_AND_MORE)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, CLOCKS)
    check_nobody_gave_up(workers)
    figures.check(fire=60, send=LEASE_AND_MORE, oldest=60)


def test_while_messages_leave(
    server: Server, oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    """What had been taken by the other side and was not yet written down is sent again, under the same identity."""
    sink.script = lambda heard: Say(after=0.05)
    fleet.start("first")
    fleet.start("second")
    queue(hook(oro, sink), 150)
    for reached in (20, 80):
        eventually(lambda reached=reached: len(sink.heard) > reached, fleet.log)  # type: ignore[misc]
        kill_and_start(server)
        assert states(oro)["sent"] < 150, "it was in the middle"
    figures.recovers(lambda: not unsettled(oro), fleet.log, within=LEASE + BACK_WITHIN)
    check_each_once(oro, sink, 150, record_property, most_repeats=48)
    check_nobody_gave_up(fleet)
    figures.check(fire=60, send=60, oldest=60)
