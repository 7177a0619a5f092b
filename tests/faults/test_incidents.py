"""Incidents at a service that is slow or away: what happens to one arrives in order, under one key, or not at all."""

from __future__ import annotations

from collections import Counter

import pytest

from supportdesk.accounts.models import Vendor
from supportdesk.notifications.models import IntegrationKind
from tests.faults.figures import Figures
from tests.faults.incidents import said, service, step
from tests.faults.messages import states, unsettled
from tests.faults.sink import Heard, Say, Sink
from tests.workers import Workers, eventually

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
