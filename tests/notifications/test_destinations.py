"""A dead destination delays nobody, and is found again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from supportdesk.notifications.actions import send
from supportdesk.notifications.channels.base import Refused, Sent, TryLater
from supportdesk.notifications.channels.registry import CHANNELS
from supportdesk.notifications.models import Delivery, Destination, Integration, IntegrationKind, Notice
from supportdesk.notifications.outbox import Recipient
from supportdesk.tenancy.scope import vendor_scope
from tests.notifications.conftest import People
from tests.notifications.wire import Wire, pump_until

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setitem(CHANNELS, "webhook", wire)
    monkeypatch.setattr("supportdesk.notifications.outcomes.random.random", lambda: 0.5)
    return wire


@pytest.fixture
def hook(people: People) -> Integration:
    with vendor_scope(people.vendor):
        made: Integration = Integration.objects.create(kind=IntegrationKind.WEBHOOK, name="Hook", created_at=NOON)
        return made


def queue(hook: Integration, *keys: str, at: datetime = NOON, kind: str = "report") -> None:
    with vendor_scope(hook.vendor_id):
        for key in keys:
            recipient = Recipient("webhook", hook.name, "hook", integration_id=hook.pk, destination=hook.destination)
            send([recipient], kind=kind, title="x", body="", path="", key=key, at=at)


def destination(hook: Integration) -> Destination:
    with vendor_scope(hook.vendor_id):
        found: Destination = Destination.objects.get(name=hook.destination)
        return found


def test_after_three_failures_in_a_row_nothing_more_is_sent_until_somebody_has_tried(
    hook: Integration, wire: Wire
) -> None:
    wire.answers = [TryLater("500")]
    queue(hook, *"abcdefghij")
    pump_until(NOON + SECOND)
    assert wire.reached == ["a/hook", "b/hook", "c/hook"]
    assert destination(hook).is_open
    wire.answers = [Sent()]
    pump_until(NOON + 8 * SECOND)
    pump_until(NOON + 9 * SECOND)
    assert len(wire.reached) >= 10
    with vendor_scope(hook.vendor_id):
        for seconds in range(10, 30):
            pump_until(NOON + seconds * SECOND)
        assert set(Delivery.objects.values_list("state", flat=True)) == {"sent"}
    assert not destination(hook).is_open


def test_one_that_is_still_dead_costs_one_attempt_a_pause(hook: Integration, wire: Wire) -> None:
    wire.answers = [TryLater("500")]
    queue(hook, *(f"k{n}" for n in range(30)))
    for seconds in range(1, 60):
        pump_until(NOON + seconds * SECOND)
    assert len(wire.reached) < 9  # three, and one after 5, 10, 20 seconds


def test_it_is_a_matter_of_this_destination_alone(people: People, hook: Integration, wire: Wire) -> None:
    with vendor_scope(people.vendor):
        other = Integration.objects.create(kind=IntegrationKind.WEBHOOK, name="Other", created_at=NOON)
    wire.answers = [TryLater("500")]
    queue(hook, *"abcd")
    pump_until(NOON + SECOND)
    wire.answers = [Sent()]
    queue(other, "z", at=NOON + SECOND)
    pump_until(NOON + 1.5 * SECOND)
    assert wire.reached[-1] == "z/hook"


def test_what_is_urgent_tries_soon_and_lets_the_others_go(hook: Integration, wire: Wire) -> None:
    wire.answers = [TryLater("500")]
    queue(hook, *(f"k{n}" for n in range(6)))
    for seconds in range(1, 50):
        pump_until(NOON + seconds * SECOND)
    wire.answers = [Sent()]
    before = len(wire.reached)
    queue(hook, "page", at=NOON + 50 * SECOND, kind="page.step")
    pump_until(NOON + 54 * SECOND)
    assert wire.reached[before] == "page/hook"
    pump_until(NOON + 56 * SECOND)
    assert len(wire.reached) > before + 1


def test_being_throttled_holds_up_what_is_not_urgent(hook: Integration, wire: Wire) -> None:
    wire.answers = [TryLater("429", timedelta(minutes=16), fault="throttle"), Sent()]
    queue(hook, "a")
    pump_until(NOON + SECOND)
    queue(hook, "b", at=NOON + SECOND)
    queue(hook, "page", at=NOON + SECOND, kind="page.step")
    pump_until(NOON + timedelta(minutes=1))
    assert wire.reached == ["a/hook", "page/hook"]
    pump_until(NOON + timedelta(minutes=17))
    assert sorted(wire.reached) == ["a/hook", "a/hook", "b/hook", "page/hook"]


def test_one_that_is_gone_is_shut_off_and_the_admins_are_told(people: People, hook: Integration, wire: Wire) -> None:
    wire.answers = [Refused("410 Gone", is_gone=True)]
    queue(hook, "a")
    pump_until(NOON + SECOND)
    with vendor_scope(people.vendor):
        changed = Integration.objects.get(pk=hook.pk)
        assert (changed.is_enabled, changed.disabled_because) == (False, "410 Gone")
        assert Notice.objects.of(people.erin).filter(kind="integration.shut_off").count() == 1
