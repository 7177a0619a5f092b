"""Somebody acknowledges at the very moment at which a step is due: one of the two comes first, and nobody is woken once
the acknowledgement is committed, but for what was already on its way."""

from __future__ import annotations

import re
import time
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs

import pytest

from escalation import actions as paging
from escalation.models import Page, PageState
from escalation.opening import TIMER
from supportdesk.notifications.models import Delivery
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import actions as timers
from tests.cast import Desk
from tests.escalation.nights import filed, history
from tests.faults.figures import Figures, sending_began
from tests.faults.messages import Record, unsettled
from tests.faults.paging import answer, incidents
from tests.faults.sink import Sink
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

PAGES = 200
EARLIEST, LATEST = -0.01, 0.15
"""Seconds from the due instant of the step: before it is claimed, while it is taken, before its messages leave, while
they are spoken, and after."""
EXCHANGE = 0.05
"""Seconds that a service takes to answer."""
ON_ITS_WAY = 1.0
"""Seconds. Of a batch that has begun, what leaves within a tenth of one is not looked at again (ten messages at most);
the rest is for a busy machine."""


def test_of_two_hundred_steps_and_acknowledgements_one_comes_first(
    drud: Desk, services: Sink, workers: Workers, figures: Figures, record_property: Record
) -> None:
    services.script = lambda heard: replace(answer(heard), after=EXCHANGE)
    workers.start("only")
    pages = [opened(drud) for _ in range(PAGES)]
    eventually(lambda: not unsettled(drud.vendor, is_urgent=True), workers.log)
    committed = {}
    for number, page in enumerate(pages):
        due_at = database_now() + timedelta(seconds=0.05)
        with vendor_scope(drud.vendor):
            timers.set(TIMER, page.pk, due_at)
        moment = due_at + timedelta(seconds=EARLIEST + (LATEST - EARLIEST) * number / PAGES)
        time.sleep(max(0.0, (moment - database_now()).total_seconds()))
        with vendor_scope(drud.vendor):
            paging.acknowledge(page, by=drud.carol, at=database_now())
        committed[page.pk] = database_now(), time.monotonic()
    eventually(lambda: not unsettled(drud.vendor, is_urgent=True), workers.log)

    stepped, began, texts = 0, sending_began(), texted(services)
    on_their_way, late = 0, [0.0]
    with vendor_scope(drud.vendor):
        for page in pages:
            page.refresh_from_db()
            assert (page.state, page.acknowledged_by) == (PageState.ACKNOWLEDGED, drud.carol)
            # By when they were written: whoever acknowledges says when they began to, and may have had to wait.
            told = [event.kind for event in sorted(history(page), key=lambda event: event.pk)]
            assert told.count("page.acknowledged") == 1
            assert told[-1] == "page.acknowledged", "a step was taken after it"
            assert page.landings <= 1
            stepped += page.landings
            at, moment_of = committed[page.pk]
            messages = list(Delivery.objects.filter(occasion__startswith=f"page-{page.pk}-1-"))
            assert bool(messages) == bool(page.landings)
            assert not [each for each in messages if each.pk in began and began[each.pk] > at], "it was called off"
            heard = texts.get(page.ticket.number, [])
            assert len(heard) <= 1
            on_their_way += sum(each <= moment_of < each + EXCHANGE for each in heard)
            late += [each - moment_of for each in heard if each > moment_of]
        called_off = Delivery.objects.filter(state="cancelled").count()
    assert 0 < stepped < PAGES, "each came first sometimes"
    assert on_their_way, "nobody acknowledged while a text was being taken"
    assert called_off
    assert max(late) <= ON_ITS_WAY
    record_property("the step came first", stepped)
    record_property("texts on their way when it came", on_their_way)
    record_property("texts that left after it", f"{len(late) - 1}, by {max(late):.3f} s at most")
    record_property("messages called off", called_off)
    check_services(services, stepped)
    figures.check(fire=10, send=10, oldest=10)


def opened(desk: Desk) -> Page:
    """A page whose first step is far away."""
    with vendor_scope(desk.vendor):
        page = Page.objects.get(ticket=filed(desk, "Urgent", database_now()))
        timers.set(TIMER, page.pk, database_now() + timedelta(minutes=30))
        return page


def texted(services: Sink) -> dict[int, list[float]]:
    """When texts arrived at Twilio, in monotonic seconds, by the number of the ticket that they are about."""
    found: dict[int, list[float]] = {}
    for each in services.heard:
        if each.path.endswith("/Messages.json") and each.method == "POST":
            number = re.search(r"#(\d+) ", parse_qs(each.body.decode())["Body"][0])
            assert number is not None
            found.setdefault(int(number[1]), []).append(each.at)
    return found


def check_services(services: Sink, stepped: int) -> None:
    """An incident is opened for each step that was taken at most, once, and before it is acknowledged."""
    of: dict[str, list[str]] = {}
    for kind, key in incidents(services):
        of.setdefault(key, []).append(kind)
    assert len(of) <= stepped
    assert Counter(map(tuple, of.values())).keys() <= {("CRITICAL", "ACKNOWLEDGEMENT")}
    assert max(services.by(lambda each: (each.path, each.body)).values()) == 1
