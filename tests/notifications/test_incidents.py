"""Incidents go out in order, once, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from supportdesk.notifications.channels.base import Refused, Sent, TryLater
from supportdesk.notifications.channels.registry import CHANNELS
from supportdesk.notifications.incidents import Action, inside_key, outside_key, post
from supportdesk.notifications.models import Delivery, DeliveryState, Integration, IntegrationKind
from supportdesk.tenancy.scope import vendor_scope
from tests.notifications.conftest import People
from tests.notifications.wire import Wire, pump_until

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setitem(CHANNELS, "pagerduty", wire)
    monkeypatch.setattr("supportdesk.notifications.outcomes.random.random", lambda: 0.5)
    return wire


@pytest.fixture
def pager(people: People) -> Integration:
    with vendor_scope(people.vendor):
        made: Integration = Integration.objects.create(kind=IntegrationKind.PAGERDUTY, name="Pager", created_at=NOON)
        return made


def posted(pager: Integration, action: Action, *, at: datetime = NOON, incident: str = "page-7", key: str = "") -> None:
    with vendor_scope(pager.vendor_id):
        post(
            integration=pager,
            action=action,
            incident_key=incident,
            title="Checkout is down",
            body="It is.",
            severity="critical",
            path="/oro/desk/tickets/12/",
            key=key or f"{incident}-{action}",
            at=at,
            ticket_number=12,
        )


def states(pager: Integration) -> dict[str, str]:
    with vendor_scope(pager.vendor_id):
        return {each.occasion: each.state for each in Delivery.objects.order_by("id")}


def steps(wire: Wire) -> list[str]:
    return [key.partition("/")[0] for key in wire.reached]


def test_each_step_leaves_once_and_in_order(pager: Integration, wire: Wire) -> None:
    for action in ("trigger", "acknowledge", "resolve"):
        posted(pager, action)
        posted(pager, action)
        pump_until(NOON + SECOND)
    assert steps(wire) == ["page-7-trigger", "page-7-acknowledge", "page-7-resolve"]


def test_what_follows_waits_until_the_trigger_has_left(pager: Integration, wire: Wire) -> None:
    wire.answers = [TryLater("500"), TryLater("500"), Sent()]
    posted(pager, "trigger")
    pump_until(NOON + SECOND)
    posted(pager, "resolve", at=NOON + SECOND)
    for seconds in range(2, 12):
        pump_until(NOON + seconds * SECOND)
    assert steps(wire) == ["page-7-trigger"] * 3 + ["page-7-resolve"]
    assert set(states(pager).values()) == {"sent"}


def test_other_incidents_do_not_wait(pager: Integration, wire: Wire) -> None:
    wire.answers = [TryLater("500", fault="message"), Sent()]
    posted(pager, "trigger")
    pump_until(NOON + SECOND)
    posted(pager, "trigger", incident="page-8", at=NOON + SECOND)
    pump_until(NOON + 1.1 * SECOND)
    assert steps(wire) == ["page-7-trigger", "page-8-trigger"]


def test_resolved_before_anything_left_neither_leaves(pager: Integration, wire: Wire) -> None:
    posted(pager, "trigger")
    posted(pager, "resolve")
    pump_until(NOON + timedelta(hours=1))
    assert wire.reached == []
    assert set(states(pager).values()) == {DeliveryState.CANCELLED}


def test_an_attempt_of_which_nobody_knows_whether_it_arrived_is_not_called_off(pager: Integration, wire: Wire) -> None:
    wire.answers = [TryLater("time-out"), Sent()]
    posted(pager, "trigger")
    pump_until(NOON + SECOND)
    posted(pager, "resolve", at=NOON + SECOND)
    for seconds in range(2, 8):
        pump_until(NOON + seconds * SECOND)
    assert steps(wire)[-1] == "page-7-resolve"


def test_what_follows_a_trigger_that_never_arrived_is_pointless(pager: Integration, wire: Wire) -> None:
    wire.answers = [Refused("404")]
    posted(pager, "trigger")
    pump_until(NOON + SECOND)
    posted(pager, "acknowledge", at=NOON + SECOND)
    posted(pager, "resolve", at=NOON + SECOND)
    pump_until(NOON + 3 * SECOND)
    assert steps(wire) == ["page-7-trigger"]
    assert list(states(pager).values()) == ["dead", "cancelled", "cancelled"]


def test_triggered_again_after_a_resolution_it_counts_again(pager: Integration, wire: Wire) -> None:
    for key, action in (("a", "trigger"), ("b", "resolve"), ("c", "trigger"), ("d", "resolve")):
        posted(pager, action, key=key)  # type: ignore[arg-type]
        pump_until(NOON + SECOND)
    assert steps(wire) == ["a", "b", "c", "d"]


def test_nothing_is_posted_to_a_disabled_integration_and_that_is_to_be_seen(pager: Integration, wire: Wire) -> None:
    pager.disabled_at = NOON
    posted(pager, "trigger")
    pump_until(NOON + SECOND)
    with vendor_scope(pager.vendor_id):
        [delivery] = Delivery.objects.about(["page-7-trigger"])
    assert (delivery.state, delivery.last_error) == (DeliveryState.SKIPPED, "The integration is disabled.")
    assert wire.reached == []


def test_the_other_side_knows_it_by_a_name_that_is_unique_in_the_world() -> None:
    assert outside_key("oro", "page-7") == "127.0.0.1/oro/page-7"
    assert inside_key("oro", "127.0.0.1/oro/page-7") == "page-7"
    assert inside_key("drud", "127.0.0.1/oro/page-7") is None
    assert inside_key("oro", "elsewhere.example/oro/page-7") is None
