"""While a new version is deployed the one before it is still at work: each sends what the other has left, once."""

from __future__ import annotations

from pathlib import Path

import pytest

from escalation.models import Page
from supportdesk.accounts.models import Vendor
from supportdesk.notifications.models import Delivery, IntegrationKind
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.registry import QUEUE
from tests.cast import Desk
from tests.escalation.nights import filed
from tests.faults.figures import Figures
from tests.faults.incidents import said, service, step
from tests.faults.messages import LEASE, Record, check_each_once, hook, identity, queue, states, unsettled
from tests.faults.paging import DAN, landings, rung
from tests.faults.redis import command, free_port, needs_redis, redis_at
from tests.faults.sink import Say, Sink
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

OLDER = "tests.faults.older:app"


@needs_redis
def test_two_versions_at_one_broker(
    oro: Vendor, sink: Sink, fleet: Workers, tmp_path: Path, figures: Figures, record_property: Record
) -> None:
    """The newer carries out what the older has left in the queue, in the older's form. Those of a form that the older
    does not know are lost on it, and come back when their lease ends."""
    port = free_port()
    fleet.env["REDIS_URL"] = f"redis://127.0.0.1:{port}/0"
    sink.script = lambda heard: Say(after=0.2)
    to = hook(oro, sink)
    with redis_at(port, tmp_path):
        older = fleet.start("older", app=OLDER)
        queue(to, 60)
        eventually(lambda: len(sink.heard) >= 4, fleet.log)
        older.kill()
        older.wait(10)
        assert in_queue(port) > 20
        fleet.start("newer")
        eventually(lambda: in_queue(port) == 0, fleet.log)
        eventually(lambda: not unsettled(oro), fleet.log)
        assert "unregistered task" not in fleet.log.read_text()

        sink.script = lambda heard: Say()
        older = fleet.start("older-again", app=OLDER)
        count = 60
        while "unregistered task of type 'timers.run_many'" not in fleet.log.read_text():
            assert count < 1_000, "the older took none of the newer's"
            queue(to, 10, prefix=f"{count}-")
            count += 10
            eventually(lambda count=count: len(sink.by(identity)) >= count - 30, fleet.log)  # type: ignore[misc]
        figures.recovers(lambda: not unsettled(oro), fleet.log, within=4 * LEASE + 20)
        older.terminate()
        assert older.wait(30) == 0
    check_each_once(oro, sink, count, record_property, most_repeats=8)
    figures.check(fire=10, send=60, oldest=10)


def in_queue(port: int) -> int:
    return int(command(port, "LLEN", QUEUE).removeprefix(":"))


def test_rows_that_an_older_version_wrote_are_sent(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    """Without what has been added to them since."""
    queue(hook(oro, sink), 20)
    pager = service(oro, IntegrationKind.PAGERDUTY)
    step(pager, "page-1", "trigger")
    with vendor_scope(oro):
        for each in Delivery.objects.all():
            each.occasion = each.destination = ""
            each.payload = {name: value for name, value in each.payload.items() if name in ("action", "incident")}
            each.headers = {}
            each.save()
    fleet.start("only")
    eventually(lambda: not unsettled(oro), fleet.log)
    assert states(oro) == {"sent": 21}
    assert [action for action, _ in said(sink, "page-1")] == ["trigger"]
    figures.check(fire=10, send=10, oldest=10)


def test_what_the_older_does_not_know_waits_for_one_that_does(
    drud: Desk, services: Sink, workers: Workers, figures: Figures
) -> None:
    """It neither fires it nor sets it aside."""
    with vendor_scope(drud.vendor):
        page = Page.objects.get(ticket=filed(drud, "Urgent", database_now()))
    workers.start("older", app=OLDER)
    queue(hook(drud.vendor, services), 5)
    eventually(lambda: not unsettled(drud.vendor), workers.log)
    assert landings(drud, page) == 0
    with figures.recovery(within=30):
        workers.start("newer")
        eventually(lambda: rung(services, "Messages") == [DAN], workers.log)
    eventually(lambda: not unsettled(drud.vendor), workers.log)
    figures.check(fire=60, send=60, oldest=60)
