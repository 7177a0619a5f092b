"""A whole night with real workers and services on the loopback: an Urgent ticket is filed, the first on call does not
answer, the second acknowledges by the e-mail's link, they meet on a bridge, the customer is kept informed, it is over.
The services saw one incident, in order, and nobody was told of anything twice.

The waits of Drud's policy are seconds here; everything else is as the contract says.
"""

from __future__ import annotations

import re
import time
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from escalation import actions as paging
from escalation.models import Page, PageState
from supportdesk.notifications.models import Delivery, DeliveryState, KeptMail
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.escalation.nights import filed, history, kinds
from tests.faults.figures import Figures
from tests.faults.messages import Record
from tests.faults.paging import DAN, ERIN, incidents, landings, rung
from tests.faults.sink import Sink
from tests.workers import Workers, database_now, eventually
from tickets import actions
from tickets.errors import Refused
from tickets.models import Ticket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]


@pytest.fixture
def desk(drud: Desk) -> Desk:
    return drud


def mail_to(name: str) -> KeptMail | None:
    mails = KeptMail.objects.filter(recipients__contains=f"{name}@", text__contains="/answers/")
    return mails.order_by("pk").first()


def test_a_night(desk: Desk, services: Sink, workers: Workers, figures: Figures, record_property: Record) -> None:
    workers.start("first")
    workers.start("second")
    with vendor_scope(desk.vendor):
        filed_at = database_now()
        ticket = filed(desk, "Urgent", filed_at)
        page = Page.objects.get(ticket=ticket)
    begin = time.monotonic()
    eventually(lambda: DAN in rung(services, "Messages"), workers.log)
    record_property("first text after", round(time.monotonic() - begin, 3))
    assert DAN not in rung(services, "Calls") or rung(services, "Calls") == [DAN]
    eventually(lambda: rung(services, "Calls")[:1] == [DAN], workers.log)
    eventually(lambda: mail_to("carol") is not None, workers.log)

    carols = mail_to("carol")
    assert carols is not None
    link = re.search(r"/drud/answers/[\w-]+/", carols.text)
    assert link is not None
    assert Client().get(link[0]).status_code == 200
    assert "It is yours." in Client().post(link[0], {"answer": "acknowledge"}).content.decode()
    acknowledged_at = time.monotonic()
    eventually(lambda: "ACKNOWLEDGEMENT" in [kind for kind, _ in incidents(services)], workers.log)
    with vendor_scope(desk.vendor):
        page.refresh_from_db()
        assert (page.state, page.acknowledged_by) == (PageState.ACKNOWLEDGED, desk.carol)
        page = paging.open_bridge(page, url="", by=desk.carol, at=database_now())
        for hour in (1, 2):
            keep_informed(desk, ticket, hour)
        actions.resolve(ticket, by=desk.carol, at=database_now())
    eventually(lambda: "RECOVERY" in [kind for kind, _ in incidents(services)], workers.log)
    eventually(lambda: everything_left(desk), workers.log)

    told = incidents(services)
    assert {key for _, key in told} == {told[0][1]}, "one incident, under one key"
    order = [kind for kind, _ in told if kind != "INFO"]
    assert order == ["CRITICAL", "ACKNOWLEDGEMENT", "RECOVERY"], "in order, nothing twice"
    bridged = [each.json for each in services.heard if "/alert/" in each.path and page.bridge in each.body.decode()]
    assert bridged, "the bridge stands on the incident"
    late = [each for each in services.heard if each.at > acknowledged_at + 2 and "/Accounts/" in each.path]
    assert not late, "nobody is rung after the acknowledgement"
    assert ERIN not in rung(services, "Messages") + rung(services, "Calls")
    assert max(services.by(lambda each: (each.path, each.body)).values()) == 1
    with vendor_scope(desk.vendor):
        page.refresh_from_db()
        assert page.state == PageState.RESOLVED
        assert kinds(page)[0] == "opened"
        assert kinds(page)[-3:] == ["acknowledged", "bridged", "resolved"]
        assert not Timer.objects.filter(kind="escalation.step").exists()
        answered = next(event for event in history(page) if event.kind == "page.acknowledged")
        assert (answered.by, answered.data["by_what"]) == (desk.carol, "email")
    assert KeptMail.objects.filter(recipients__contains="alice@", text__contains="Update 2").count() == 1
    figures.check(fire=10, send=20, oldest=10)


def keep_informed(desk: Desk, ticket: Ticket, hour: int) -> None:
    """Drud: "using a reply within the ticket once every hour"."""
    at = database_now()
    actions.reply(
        ticket,
        by=desk.carol,
        at=at,
        body=f"Update {hour}: the volume is being attached again.",
        next_update_at=at + timedelta(hours=1),
    )


def everything_left(desk: Desk) -> bool:
    with vendor_scope(desk.vendor):
        waiting = (DeliveryState.PENDING, DeliveryState.SENDING)
        return not Delivery.objects.filter(state__in=waiting).exists()


def test_of_many_who_acknowledge_at_once_one_wins(desk: Desk, workers: Workers, figures: Figures) -> None:
    """Twelve at one moment, each with a connection of their own: one acknowledges, eleven are told who it was."""
    workers.start("only")
    with vendor_scope(desk.vendor):
        page = Page.objects.get(ticket=filed(desk, "Urgent", database_now()))
    people = [desk.dan, desk.carol, desk.erin] * 4
    barrier, outcomes = Barrier(len(people)), []

    def press(place: int) -> None:
        try:
            barrier.wait()
            with vendor_scope(desk.vendor):
                paging.acknowledge(page, by=None, at=database_now(), by_what="service", named=f"person {place}")
            outcomes.append("won")
        except Refused:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [Thread(target=press, args=(place,)) for place in range(len(people))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(outcomes) == ["told"] * (len(people) - 1) + ["won"]
    with vendor_scope(desk.vendor):
        assert kinds(page).count("acknowledged") == 1
    eventually(lambda: everything_left(desk), workers.log)
    figures.check(fire=10, send=20, oldest=10)


def test_no_step_is_taken_once_the_acknowledgement_is_committed(desk: Desk, workers: Workers, figures: Figures) -> None:
    """Acknowledged at moments spread over the first wait and the step after it: what was taken, was taken before."""
    workers.start("only")
    pages = []
    for place in range(20):
        with vendor_scope(desk.vendor):
            page = Page.objects.get(ticket=filed(desk, "Urgent", database_now()))
            pages.append(page)
        time.sleep(0.05 * (place % 4))
    eventually(lambda: all(landings(desk, page) >= 1 for page in pages), workers.log)
    for page in pages:
        eventually(lambda page=page: landings(desk, page) >= 1, workers.log)  # type: ignore[misc]
        with vendor_scope(desk.vendor):
            paging.acknowledge(page, by=desk.dan, at=database_now())
    with vendor_scope(desk.vendor):
        counts = {page.pk: landings(desk, page) for page in pages}
    begin = time.monotonic()
    while time.monotonic() - begin < 6:
        time.sleep(0.2)
    assert {page.pk: landings(desk, page) for page in pages} == counts
    with vendor_scope(desk.vendor):
        for page in pages:
            steps = [event for event in history(page) if event.kind == "page.step"]
            acknowledged = next(event for event in history(page) if event.kind == "page.acknowledged")
            assert all(step.pk < acknowledged.pk for step in steps)
    figures.check(fire=10, send=20, oldest=10)
