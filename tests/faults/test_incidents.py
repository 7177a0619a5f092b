"""Incidents at a service that is slow or away: what happens to one arrives in order, under one key, or not at all."""

from __future__ import annotations

from collections import Counter

import pytest

from escalation.models import Page
from supportdesk.accounts.models import Vendor
from supportdesk.notifications.models import IntegrationKind
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk
from tests.escalation.nights import filed, history, kinds
from tests.faults.figures import Figures
from tests.faults.incidents import said, service, step
from tests.faults.messages import states, unsettled
from tests.faults.paging import CAROL, answer, incidents, load_policies, rung
from tests.faults.sink import Heard, Say, Sink
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]


def test_a_trigger_that_is_slow_is_not_overtaken_by_its_resolution(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures
) -> None:
    tries: Counter[str] = Counter()

    def script(heard: Heard) -> Say:
        action = heard.json["event_action"]
        tries[action] += 1
        return Say(500) if action == "trigger" and tries[action] < 3 else Say(202, '{"status":"success"}')

    sink.script = script
    pager = service(oro, IntegrationKind.PAGERDUTY)
    fleet.start("first")
    fleet.start("second")
    step(pager, "page-1", "trigger")
    eventually(lambda: bool(sink.heard), fleet.log)
    step(pager, "page-1", "acknowledge")
    step(pager, "page-1", "resolve")
    eventually(lambda: not unsettled(oro), fleet.log)
    told = said(sink, "page-1")
    assert [action for action, _ in told] == ["trigger", "trigger", "trigger", "acknowledge", "resolve"]
    assert len({key for _, key in told}) == 1
    assert states(oro) == {"sent": 3}
    figures.check(fire=20, send=30, oldest=20)


def test_an_incident_that_is_refused_for_good_is_not_waited_for(
    drud: Desk, services: Sink, workers: Workers, figures: Figures
) -> None:
    """The policy gives VictorOps a minute. It knows no such routing key: Carol is texted at once, and once."""

    def script(heard: Heard) -> Say:
        return Say(404, '{"result":"failure"}') if "/alert/" in heard.path else answer(heard)

    services.script = script
    with vendor_scope(drud.vendor):
        second = {"notify": ["rota:ddev-live-on-call/2"], "by": ["sms"]}
        steps = [{"post": "VictorOps"}, {"wait": "60 s"}, second, {"wait": "60 s"}]
        load_policies([{"slug": "pager", "name": "Pager", "when": ["opened"], "steps": steps}])
    workers.start("first")
    workers.start("second")
    with vendor_scope(drud.vendor):
        page = Page.objects.get(ticket=filed(drud, "Urgent", database_now()))
    with figures.recovery(within=20):
        eventually(lambda: bool(rung(services, "Messages")), workers.log)
    eventually(lambda: not unsettled(drud.vendor, is_urgent=True), workers.log)
    assert (rung(services, "Messages"), [kind for kind, _ in incidents(services)]) == ([CAROL], ["CRITICAL"])
    with vendor_scope(drud.vendor):
        page.refresh_from_db()
        assert (page.landings, page.has_reached) == (2, True)
        assert sorted(kinds(page)) == ["missed", "opened", "step", "step", "untaken"]
        [missed] = [event for event in history(page) if event.kind == "page.missed"]
        assert missed.data["channel"] == "service"
        assert page.next_at is not None
        assert (page.next_at - database_now()).total_seconds() > 20, "the next wait is whole"
    figures.check(fire=10, send=20, oldest=10)
