"""Nothing fires for hours, nobody wakes the pump, the only worker dies: what is caught up with is the one step that is
due, promises are broken at the instants that they were made for, and somebody outside notices."""

from __future__ import annotations

import select
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from pytest_django import Settings

from escalation import actions as paging
from escalation.models import Page
from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.actions import CHANNEL
from supportdesk.timers.health import engine
from supportdesk.timers.management.commands.watch import tell
from supportdesk.timers.watch import Watch, Word, look
from tests.cast import Desk
from tests.escalation.nights import filed, history
from tests.faults.figures import Figures
from tests.faults.messages import Record, check_each_once, hook, queue, unsettled
from tests.faults.paging import CAROL, DAN, ERIN, landings, rung
from tests.faults.promises import LEASE_AND_MORE, SOON, breached, check_once, crowd, everybody_is_told
from tests.faults.sessions import a_session
from tests.faults.shadows import a_clock_that_jumps, jump, notices_that_get_lost
from tests.faults.sink import Sink
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

TWO_HOURS = 7200


def test_after_two_hours_a_page_takes_one_step_and_not_the_chain(
    drud: Desk, services: Sink, workers: Workers, figures: Figures
) -> None:
    """In that time the whole ladder would have been climbed three times; its waits count from now."""
    with vendor_scope(drud.vendor):
        page = Page.objects.get(ticket=filed(drud, "Urgent", database_now()))
    with a_clock_that_jumps():
        connection.close()
        jump(2)
        with figures.recovery(within=30):
            workers.start("late")
            eventually(lambda: rung(services, "Messages") == [DAN], workers.log)
        assert landings(drud, page) == 1
        eventually(lambda: rung(services, "Calls") == [DAN], workers.log)
        with vendor_scope(drud.vendor):
            paging.acknowledge(page, by=drud.dan, at=database_now())
        eventually(lambda: not unsettled(drud.vendor), workers.log)
    connection.close()
    assert landings(drud, page) == 2
    with vendor_scope(drud.vendor):
        steps = sorted({event.at for event in history(page) if event.kind == "page.step"})
    assert timedelta(seconds=4) <= steps[1] - steps[0] < timedelta(seconds=14)
    assert not {CAROL, ERIN} & {*rung(services, "Messages"), *rung(services, "Calls")}
    figures.check(fire=TWO_HOURS + 60, send=TWO_HOURS + 60, oldest=60)


def test_promises_that_came_due_in_two_hours_are_dated_as_they_were_due(
    desk: Desk, workers: Workers, figures: Figures
) -> None:
    crowd(desk, 300, due_at=database_now() + SOON, every=timedelta(seconds=24))
    with a_clock_that_jumps():
        jump(2.1)
        with figures.recovery(within=30):
            workers.start("late")
            eventually(lambda: breached(desk) == 300, workers.log)
        eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, 300)
    figures.check(fire=2.1 * 3600 + 60, send=2.1 * 3600 + 60, oldest=60)


def test_notices_that_get_lost_cost_half_a_second(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    """One message after the other, each queued while the pump is asleep."""
    with notices_that_get_lost(), a_session() as listener:
        with listener, listener.cursor() as cursor:
            cursor.execute(f"LISTEN {CHANNEL}")
        fleet.start("only")
        to = hook(oro, sink)
        for number in range(20):
            queue(to, 1, prefix=f"{number}-")
            eventually(lambda: not unsettled(oro), fleet.log)
        select.select([listener], [], [], 0)
        listener.poll()
        assert listener.notifies == [], "they did not get lost"
    check_each_once(oro, sink, 20, record_property, most_repeats=0)
    figures.check(fire=2, send=3, oldest=2)


def test_an_engine_that_is_dead_is_noticed_from_outside(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record, settings: Settings
) -> None:
    """The only worker dies. After a minute whoever asks /healthz is told, and the operators are, by an e-mail that no
    worker sends; and again when it is over."""
    settings.OPERATOR_EMAILS = ["ops@example.com"]
    to = hook(oro, sink)
    with a_clock_that_jumps():
        connection.close()
        only = fleet.start("only")
        queue(to, 5)
        eventually(lambda: not unsettled(oro), fleet.log)
        assert Client().get("/healthz").status_code == 200
        only.kill()
        only.wait(10)
        queue(to, 5, prefix="while-dead-")
        watch, word = asked(Watch(began_at=database_now() - timedelta(hours=1)))
        assert word is None, "a silence of some seconds is none"
        jump(70 / 3600)
        answer = Client().get("/healthz")
        assert (answer.status_code, answer.json()["status"]) == (503, "failing")
        assert answer.json()["oldest_due_seconds"] >= 60
        watch, word = asked(watch)
        assert word is None, "it has not lasted yet"
        jump(100 / 3600)
        watch, word = asked(watch)
        assert word is not None
        assert tell(word)
        with figures.recovery(within=30):
            fleet.start("second")
            eventually(lambda: not unsettled(oro), fleet.log)
            eventually(lambda: Client().get("/healthz").status_code == 200, fleet.log)
        watch, word = asked(watch)
        assert word is not None
        assert tell(word)
    connection.close()
    assert [each.subject for each in mail.outbox] == ["supportdesk does not fire", "supportdesk fires again"]
    assert {address for each in mail.outbox for address in each.to} == {"ops@example.com"}
    check_each_once(oro, sink, 10, record_property, most_repeats=0)
    figures.check(fire=100 + 60, send=100 + 60, oldest=60)


def asked(watch: Watch) -> tuple[Watch, Word | None]:
    """What the watching process does every ten seconds."""
    state = engine()
    return look(
        watch,
        reason=state.reason,
        oldest_due_seconds=state.oldest_due_seconds,
        set_aside=state.quarantined,
        at=database_now(),
    )
