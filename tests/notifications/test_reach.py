"""Who is reached by what: their choices, their quiet hours, their numbers, and e-mails put together."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from supportdesk.accounts.models import Membership, User
from supportdesk.notifications.actions import quiet_until, tell
from supportdesk.notifications.channels.base import TryLater
from supportdesk.notifications.channels.registry import CHANNELS
from supportdesk.notifications.models import (
    ContactMethod,
    Delivery,
    DeliveryState,
    Integration,
    IntegrationKind,
    Notice,
    Preference,
)
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Timer
from tests.notifications.conftest import People
from tests.notifications.wire import Wire, pump_until

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setitem(CHANNELS, "email", wire)
    monkeypatch.setitem(CHANNELS, "sms", wire)
    monkeypatch.setattr("supportdesk.notifications.outcomes.random.random", lambda: 0.5)
    return wire


def told(people: list[Membership], kind: str = "replied", key: str = "k", at: datetime = NOON, **more: Any) -> None:
    with vendor_scope(people[0].vendor_id):
        values: dict[str, Any] = {"title": f"About {key}", "body": "…", "path": "/oro/tickets/12/", "ticket_number": 12}
        tell(people, kind=kind, key=key, at=at, **(values | more))


def with_phone(people: People, who: Membership, *, twilio: bool = True, **more: Any) -> ContactMethod:
    with vendor_scope(people.vendor):
        if twilio:
            Integration.objects.get_or_create(
                kind=IntegrationKind.TWILIO, defaults={"name": "Twilio", "created_at": NOON}
            )
        values = {"number": "+380447654321", "created_at": NOON, "verified_at": NOON}
        made: ContactMethod = ContactMethod.objects.create(membership=who, **(values | more))
        return made


def prefers(people: People, who: Membership, **choices: Any) -> None:
    with vendor_scope(people.vendor):
        Preference.objects.create(membership=who, **choices)


def rows(people: People) -> list[tuple[str, str, str]]:
    with vendor_scope(people.vendor):
        return list(Delivery.objects.order_by("id").values_list("channel", "address", "state"))


class TestByTelephone:
    def test_texts_and_calls_go_to_verified_numbers(self, people: People) -> None:
        with_phone(people, people.carol)
        with_phone(people, people.carol, number="+380441111111", takes_calls=False)
        with_phone(people, people.carol, number="+380442222222", verified_at=None)
        told([people.carol], kind="page.step", channels=("inbox", "sms", "voice"))
        assert rows(people) == [
            ("sms", "+380447654321", "pending"),
            ("sms", "+380441111111", "pending"),
            ("voice", "+380447654321", "pending"),
        ]

    def test_whoever_has_no_number_is_skipped_and_that_is_to_be_seen(self, people: People) -> None:
        with_phone(people, people.carol)
        told([people.erin], kind="page.step", channels=("sms",))
        assert rows(people) == [("sms", "", "skipped")]
        with vendor_scope(people.vendor):
            assert "no verified telephone number" in Delivery.objects.get().last_error
            assert not Timer.objects.exists()

    def test_without_a_service_nobody_is_called_and_that_is_to_be_seen(
        self, people: People, settings: Settings
    ) -> None:
        settings.DEMO = False
        with_phone(people, people.carol, twilio=False)
        told([people.carol], kind="page.step", channels=("voice",))
        with vendor_scope(people.vendor):
            assert "No service for texts" in Delivery.objects.get().last_error

    def test_the_demo_keeps_texts_in_its_mailbox(self, people: People, settings: Settings) -> None:
        settings.DEMO = True
        with_phone(people, people.carol, twilio=False)
        told([people.carol], kind="page.step", channels=("sms",))
        pump_until(NOON + SECOND)
        assert rows(people) == [("sms", "+380447654321", "sent")]


class TestChoices:
    def test_what_is_switched_off_comes_to_the_inbox_alone(self, people: People) -> None:
        prefers(people, people.carol, email_off=["replies"])
        told([people.carol])
        told([people.carol], kind="assigned", key="l")
        assert [channel for channel, _, _ in rows(people)] == ["email"]
        with vendor_scope(people.vendor):
            assert Notice.objects.of(people.carol).count() == 2

    def test_a_text_can_be_wished_for(self, people: People) -> None:
        with_phone(people, people.carol)
        prefers(people, people.carol, sms_on=["clocks"])
        told([people.carol], kind="sla.breached")
        told([people.carol], kind="replied", key="l")
        assert [channel for channel, _, _ in rows(people)] == ["email", "sms", "email"]

    def test_pages_come_as_they_were_sent_whatever_is_chosen(self, people: People) -> None:
        groups = ["new", "mine", "replies", "progress", "wishes", "clocks"]
        prefers(people, people.carol, email_off=groups, quiet_from=time(0), quiet_to=time(23, 59))
        told([people.carol], kind="page.step")
        with vendor_scope(people.vendor):
            assert list(Timer.objects.values_list("kind", "due_at")) == [("delivery.urgent", NOON)]

    def test_the_inbox_alone_asks_for_nothing(self, people: People) -> None:
        with_phone(people, people.carol)
        prefers(people, people.carol, sms_on=["replies"])
        told([people.carol], channels=("inbox",))
        assert rows(people) == []

    def test_the_queries_are_as_many_for_fifty_people_as_for_one(self, people: People) -> None:
        with_phone(people, people.carol)
        with vendor_scope(people.vendor):
            users = User.objects.bulk_create(User(name=f"A{n}", email=f"a{n}@oro.example") for n in range(50))
            Membership.objects.bulk_create(Membership(user=user, role="agent", tier=2) for user in users)
            staff = list(Membership.objects.filter(tier=2))
            for number, each in enumerate(staff):
                Preference.objects.create(membership=each, sms_on=["replies"], quiet_from=time(22), quiet_to=time(7))
                ContactMethod.objects.create(
                    membership=each, number=f"+38044000{number:04}", created_at=NOON, verified_at=NOON
                )

            def queries_for(count: int) -> int:
                with CaptureQueriesContext(connection) as queries:
                    told(staff[:count], key=f"k{count}", channels=("inbox", "email", "sms", "voice"))
                return len(queries)

            assert queries_for(1) == queries_for(50) == 6


class TestQuietHours:
    def test_e_mails_and_texts_wait_for_the_morning(self, people: People, wire: Wire) -> None:
        """Carol is in UTC; it is noon."""
        with_phone(people, people.carol)
        prefers(people, people.carol, quiet_from=time(11), quiet_to=time(13), sms_on=["replies"])
        told([people.carol])
        pump_until(NOON + 59 * MINUTE)
        assert wire.reached == []
        pump_until(NOON + 61 * MINUTE)
        assert len(wire.reached) == 2
        with vendor_scope(people.vendor):
            assert quiet_until(people.carol, NOON) == NOON + 60 * MINUTE
            assert quiet_until(people.erin, NOON) is None


class TestPuttingTogether:
    def test_the_first_leaves_at_once_and_what_follows_soon_leaves_together(self, people: People, wire: Wire) -> None:
        told([people.carol], key="a")
        pump_until(NOON + SECOND)
        for number, key in enumerate("bcd", start=5):
            told([people.carol], key=key, at=NOON + number * SECOND, ticket_number=number)
        pump_until(NOON + 60 * SECOND)
        assert len(wire.reached) == 1
        pump_until(NOON + 125 * SECOND)
        assert (len(wire.reached), len(wire.along[1])) == (2, 2)
        assert {state for _, _, state in rows(people)} == {"sent"}

    def test_one_before_that_is_dated_in_the_future_holds_up_no_longer(self, people: People, wire: Wire) -> None:
        """As after a clock that was an hour ahead."""
        told([people.carol], key="a", at=NOON + 60 * MINUTE)
        pump_until(NOON + 60 * MINUTE + SECOND)
        told([people.carol], key="b")
        with vendor_scope(people.vendor):
            [timer] = Timer.objects.all()
        assert timer.due_at == NOON + 2 * MINUTE

    def test_what_is_urgent_waits_for_nothing(self, people: People, wire: Wire) -> None:
        told([people.carol], key="a")
        pump_until(NOON + SECOND)
        told([people.carol], kind="page.step", key="b", at=NOON + 2 * SECOND)
        told([people.carol], kind="sla.breached", key="c", at=NOON + 2 * SECOND)
        pump_until(NOON + 3 * SECOND)
        assert len(wire.reached) == 3

    def test_a_customers_answers_are_never_held_back_unless_they_wish(self, people: People, wire: Wire) -> None:
        for number, key in enumerate("abc"):
            told([people.alice], key=key, at=NOON + number * SECOND)
            pump_until(NOON + (number + 0.5) * SECOND)
        assert len(wire.reached) == 3

    def test_a_repeat_carries_the_same(self, people: People, wire: Wire) -> None:
        wire.answers = [TryLater("451", fault="message"), *wire.answers]
        told([people.carol], key="a")
        told([people.carol], key="b")
        pump_until(NOON + SECOND)
        told([people.carol], key="c", at=NOON + 2 * SECOND, ticket_number=13)
        pump_until(NOON + 3 * SECOND)
        pump_until(NOON + 10 * SECOND)
        assert wire.reached[0] == wire.reached[-1]
        assert wire.along[0] == wire.along[-1]
        pump_until(NOON + 5 * MINUTE)
        with vendor_scope(people.vendor):
            assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.SENT}


def test_one_message_of_a_ticket_does_not_overtake_another(people: People, wire: Wire) -> None:
    wire.answers = [TryLater("451", fault="message"), *wire.answers]
    told([people.alice], key="a")
    pump_until(NOON + SECOND)
    told([people.alice], key="b", at=NOON + 2 * SECOND)
    told([people.alice], key="z", at=NOON + 2 * SECOND, ticket_number=13)
    pump_until(NOON + 3 * SECOND)
    pump_until(NOON + 8 * SECOND)
    pump_until(NOON + 9 * SECOND)
    assert [key.partition("/")[0] for key in wire.reached] == ["a", "z", "a", "b"]
