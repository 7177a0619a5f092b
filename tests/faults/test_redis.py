"""Redis is emptied, goes away, or was never there: nothing is lost, what is written in the database goes on, and what
is spoken to the outside is late by a lease at most."""

from __future__ import annotations

from pathlib import Path

import pytest

from supportdesk.accounts.models import Vendor
from tests.cast import Desk
from tests.faults.figures import Figures
from tests.faults.messages import LEASE, Record, check_each_once, hook, queue, unsettled
from tests.faults.promises import breached, check_once, crowd, everybody_is_told
from tests.faults.redis import command, free_port, needs_redis, redis_at
from tests.faults.sink import Say, Sink
from tests.workers import Workers, database_now, eventually

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.faults,
    needs_redis,
]

RECONNECTS = 10
"""Seconds within which Celery looks whether Redis is back."""


def test_it_is_emptied_and_goes_away(
    oro: Vendor, sink: Sink, fleet: Workers, tmp_path: Path, figures: Figures, record_property: Record
) -> None:
    port = free_port()
    fleet.env["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    sink.script = lambda heard: Say(after=0.05)
    to = hook(oro, sink)
    with redis_at(port, tmp_path):
        fleet.start("first")
        queue(to, 60)
        for reached in (0, 10, 20):
            eventually(lambda reached=reached: len(sink.heard) > reached, fleet.log)  # type: ignore[misc]
            command(port, "FLUSHALL")
    queue(to, 20, prefix="while-away-")
    with redis_at(port, tmp_path):
        figures.recovers(lambda: not unsettled(oro), fleet.log, within=LEASE + RECONNECTS + 20)
    check_each_once(oro, sink, 80, record_property, most_repeats=12)
    figures.check(fire=5, send=LEASE + RECONNECTS + 20, oldest=5)


def test_it_was_never_there(
    oro: Vendor, sink: Sink, fleet: Workers, tmp_path: Path, figures: Figures, record_property: Record
) -> None:
    """Messages wait under their leases for the first moment at which there is a broker."""
    port = free_port()
    fleet.env["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    fleet.start("first")
    queue(hook(oro, sink), 20)
    eventually(lambda: "broker_unreachable" in fleet.log.read_text(), fleet.log)
    assert sink.heard == []
    with redis_at(port, tmp_path):
        figures.recovers(lambda: not unsettled(oro), fleet.log, within=LEASE + RECONNECTS + 20)
    check_each_once(oro, sink, 20, record_property, most_repeats=0)
    figures.check(fire=10, send=LEASE + RECONNECTS + 60, oldest=10)


def test_promises_are_watched_without_it(desk: Desk, fleet: Workers, tmp_path: Path, figures: Figures) -> None:
    """The pump fires in the database alone; the e-mails about it leave when Redis is there."""
    port = free_port()
    fleet.env["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    fleet.start("first")
    crowd(desk, 100, due_at=database_now())
    eventually(lambda: breached(desk) == 100, fleet.log)
    assert not everybody_is_told(desk)
    with redis_at(port, tmp_path):
        figures.recovers(lambda: everybody_is_told(desk), fleet.log, within=LEASE + RECONNECTS + 20)
    check_once(desk, 100)
    figures.check(fire=5, send=LEASE + RECONNECTS + 60, oldest=5)
