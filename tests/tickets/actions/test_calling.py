"""Calls that the desk arranges, claims and is reminded of, and meetings with a shared screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from sla.models import Clock
from supportdesk.notifications.models import Delivery
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Timer
from supportdesk.timers.registry import DueTimer
from tests.cast import MONDAY, Desk, make_desk
from tickets import actions, call_reminders
from tickets.errors import Refused
from tickets.models import Callback, Conference, Event, Ticket
from tickets.models.event import Kind

HOUR = timedelta(hours=1)
NUMBER = "+49 30 901820"


@pytest.fixture
def apps(db: None) -> Iterator[Desk]:
    """Platform.sh's application support, whose contract has rooms for screen-sharing."""
    desk = make_desk("platformsh-apps")
    with vendor_scope(desk.vendor):
        yield desk


@pytest.fixture
def ticket(apps: Desk) -> Ticket:
    return actions.open_ticket(
        by=apps.alice,
        at=MONDAY,
        project=apps.project,
        priority=apps.priority("P2"),
        subject="Hard to explain",
        body="It flickers.",
    )


def arrange(ticket: Ticket, desk: Desk, **said: object) -> Callback:
    facts: dict[str, object] = {"number": NUMBER, "starts_at": MONDAY + 3 * HOUR, "by": desk.carol, "at": MONDAY}
    return actions.schedule_callback(ticket, **(facts | said))  # type: ignore[arg-type]


def fire(callback: Callback) -> None:
    timer = Timer.objects.get(kind=call_reminders.TIMER)
    assert timer.due_at is not None
    due = DueTimer(timer.pk, timer.vendor_id, timer.kind, timer.subject_id, timer.epoch, timer.due_at, 0)
    call_reminders.fire([due], at=timer.due_at)


class TestArrangingACall:
    def test_tells_the_customer_and_reminds_whoever_calls(self, apps: Desk, ticket: Ticket) -> None:
        actions.assign(ticket, to=apps.dan, by=apps.carol, at=MONDAY)
        callback = arrange(ticket, apps, note="Ask for the theme.")
        assert (callback.number, callback.claimed_by) == ("+4930901820", apps.dan)
        told = Delivery.objects.get(kind=Kind.CALLBACK_SCHEDULED)
        assert told.membership_id == apps.alice.pk
        assert "Mon 2 March 2026, 13:00 EET" in told.body
        assert Timer.objects.get(kind=call_reminders.TIMER).due_at == MONDAY + 3 * HOUR - timedelta(minutes=10)
        fire(callback)
        reminder = Delivery.objects.get(kind="callback_reminder")
        assert (reminder.membership_id, reminder.body) == (apps.dan.pk, "+49 30 901820\n\nAsk for the theme.")

    def test_reminds_nobody_of_a_call_that_was_made(self, apps: Desk, ticket: Ticket) -> None:
        callback = arrange(ticket, apps)
        actions.log_call(ticket, by=apps.carol, at=MONDAY + HOUR, body="They called us.", minutes=3)
        fire(callback)
        assert not Delivery.objects.filter(kind="callback_reminder").exists()

    def test_takes_the_place_of_another_and_moves_no_clock(self, apps: Desk, ticket: Ticket) -> None:
        before = list(Clock.objects.values_list("metric", "due_at"))
        first, second = arrange(ticket, apps), arrange(ticket, apps, starts_at=MONDAY + 4 * HOUR)
        first.refresh_from_db()
        assert first.outcome == "cancelled"
        assert Callback.objects.open().get() == second
        assert list(Clock.objects.values_list("metric", "due_at")) == before

    @pytest.mark.parametrize(
        ("said", "field"), [({"number": "soon"}, "number"), ({"starts_at": MONDAY - HOUR}, "ends_at")]
    )
    def test_names_the_field_at_fault(self, apps: Desk, ticket: Ticket, said: dict[str, object], field: str) -> None:
        with pytest.raises(Refused) as refusal:
            arrange(ticket, apps, **said)
        assert refusal.value.field == field

    def test_is_claimed_by_one(self, apps: Desk, ticket: Ticket) -> None:
        arrange(ticket, apps)
        with pytest.raises(Refused, match="Carol makes this call"):
            actions.claim_callback(ticket, by=apps.dan, at=MONDAY)
        assert actions.claim_callback(ticket, by=apps.dan, at=MONDAY, seen=apps.carol.pk).claimed_by == apps.dan
        assert Event.objects.filter(kind=Kind.CALLBACK_CLAIMED).count() == 1


class TestAMeeting:
    def test_takes_place_in_a_room_of_the_contracts_that_nobody_can_guess(self, apps: Desk, ticket: Ticket) -> None:
        one = actions.open_conference(ticket, by=apps.carol, at=MONDAY)
        two = actions.open_conference(ticket, by=apps.carol, at=MONDAY, starts_at=MONDAY + HOUR)
        assert one.url != two.url
        assert two.url.startswith("https://meet.platformsh.example/")
        assert Conference.objects.open().get() == two
        told = Delivery.objects.filter(kind=Kind.CONFERENCE_ADDED).order_by("pk").last()
        assert told is not None
        assert two.url in told.body
        actions.end_conference(ticket, by=apps.carol, at=MONDAY)
        with pytest.raises(Refused):
            actions.end_conference(ticket, by=apps.carol, at=MONDAY)

    @pytest.mark.parametrize(
        "url", ["http://meet.example/1", "javascript:alert(1)", "https://", "https://a:b@meet.example"]
    )
    def test_takes_https_addresses_only(self, apps: Desk, ticket: Ticket, url: str) -> None:
        with pytest.raises(Refused) as refusal:
            actions.open_conference(ticket, by=apps.carol, at=MONDAY, url=url)
        assert refusal.value.field == "url"

    def test_the_database_holds_one_and_https(self, apps: Desk, ticket: Ticket) -> None:
        meeting = actions.open_conference(ticket, by=apps.carol, at=MONDAY, url="https://meet.example/1")
        with pytest.raises(IntegrityError, match="conference_is_https"), transaction.atomic():
            Conference.objects.filter(pk=meeting.pk).update(url="http://meet.example/1")
        with pytest.raises(IntegrityError, match="conference_one_open"), transaction.atomic():
            Conference.objects.create(ticket=ticket, url="https://x.example", added_by=apps.carol, added_at=MONDAY)

    def test_needs_an_address_where_the_contract_has_no_rooms(self, in_oro: Desk) -> None:
        filed = actions.open_ticket(
            by=in_oro.alice, at=MONDAY, project=in_oro.project, priority=in_oro.priority("P2"), subject="x", body="y"
        )
        with pytest.raises(Refused) as refusal:
            actions.open_conference(filed, by=in_oro.carol, at=MONDAY)
        assert refusal.value.field == "url"
        with pytest.raises(PermissionDenied):
            actions.open_conference(filed, by=in_oro.alice, at=MONDAY, url="https://meet.example/1")
