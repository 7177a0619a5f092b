"""Asking again while the customer is waited for: every two business days, three times, then resolved (OroCloud)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from plans.states import State
from sla.calendars import BusinessCalendar
from sla.targets import Amount, BestEffort, BusinessDays, Span
from supportdesk.notifications.models import Delivery
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.firing import fire_due
from supportdesk.timers.models import Timer
from tests.cast import MONDAY, Desk, make_desk
from tickets import actions
from tickets.models import Event, Message, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageKind
from tickets.reminders import TIMER, after

HOUR = timedelta(hours=1)
OFFICE = BusinessCalendar("Europe/Kyiv", {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")})
NEVER = BusinessCalendar("Europe/Kyiv", {})


def march(day: int, hour: int = 8) -> datetime:
    """An instant of March 2026; 08:00 UTC is 10:00 in Kyiv until the 28th."""
    return datetime(2026, 3, day, hour, tzinfo=UTC)


REMINDED = [march(4), march(6), march(10)]
RESOLVED = march(12)


@pytest.mark.parametrize(
    ("calendar", "amount", "times", "expected"),
    [
        (OFFICE, BusinessDays(2), 1, march(4)),
        (OFFICE, BusinessDays(2), 4, march(12)),
        (OFFICE, Span(16 * 3600), 1, march(4)),
        (OFFICE, Span(16 * 3600), 3, march(10)),
        (NEVER, BusinessDays(2), 1, None),
        (OFFICE, BestEffort(), 1, None),
    ],
)
def test_the_instants_are_open_time_from_the_last_word(
    calendar: BusinessCalendar, amount: Amount, times: int, expected: datetime | None
) -> None:
    assert after(calendar, amount, MONDAY, times) == expected


@pytest.fixture
def waiting(in_oro: Desk, ticket: Ticket) -> Ticket:
    """Carol has asked Alice something, Monday 10:00 in Kyiv."""
    actions.reply(ticket, by=in_oro.carol, at=MONDAY, body="Which browser?", then_state=State.WAITING)
    return ticket


def timer_of(ticket: Ticket) -> datetime | None:
    timer: Timer | None = Timer.objects.filter(kind=TIMER, subject_id=ticket.pk).first()
    return timer.due_at if timer else None


def automatic(ticket: Ticket) -> list[Message]:
    return list(Message.objects.filter(ticket=ticket, kind=MessageKind.AUTO).order_by("id"))


def fire_to_the_end() -> None:
    """As the pump does, each timer just after it is due, until nothing is left."""
    while (due := Timer.objects.filter(kind=TIMER, due_at__isnull=False).order_by("due_at").first()) is not None:
        assert due.due_at is not None
        fire_due(until=due.due_at + timedelta(milliseconds=100))


@pytest.mark.django_db
class TestWaiting:
    def test_is_followed_up_three_times_and_then_resolved_each_at_its_instant(self, waiting: Ticket) -> None:
        fire_to_the_end()
        assert [message.created_at for message in automatic(waiting)] == [*REMINDED, RESOLVED]
        waiting.refresh_from_db()
        assert (waiting.state, waiting.resolved_at) == (State.RESOLVED, RESOLVED)
        resolved = Event.objects.get(ticket=waiting, kind=Kind.RESOLVED)
        assert (resolved.by, resolved.at, resolved.data["reason"]) == (None, RESOLVED, "No answer after 3 reminders.")
        assert timer_of(waiting) is None

    def test_each_reminder_announces_what_comes(self, waiting: Ticket) -> None:
        fire_to_the_end()
        *reminders, last = [message.body for message in automatic(waiting)]
        for number, text in enumerate(reminders, 1):
            assert f"This is reminder {number} of 3" in text
            assert "Without an answer we resolve the request on Thu 12 March 2026, 10:00 EET." in text
        assert "now resolved" in last
        assert "until Thu 26 March 2026, 10:00 EET that reopens it" in last

    def test_reminders_reach_the_customer_by_email_and_the_end_once(self, waiting: Ticket) -> None:
        fire_to_the_end()
        mails = Delivery.objects.filter(address="alice@orocloud.example", kind__in=("auto_replied", "resolved"))
        assert [mail.subject for mail in mails.order_by("id")] == [
            "Reminder 1 of 3, we need your answer: Checkout is down",
            "Reminder 2 of 3, we need your answer: Checkout is down",
            "Reminder 3 of 3, we need your answer: Checkout is down",
            "Resolved: Checkout is down",
        ]

    def test_no_reminder_answers_the_customer(self, waiting: Ticket) -> None:
        """What the system sends by itself is no response."""
        fire_to_the_end()
        assert not Event.objects.filter(ticket=waiting, kind=Kind.REPLIED, at__gt=MONDAY).exists()

    def test_firing_again_sends_nothing_twice(self, waiting: Ticket) -> None:
        for _each in range(3):
            fire_due(until=REMINDED[0] + HOUR / 2)
        assert len(automatic(waiting)) == 1
        assert timer_of(waiting) == REMINDED[1]

    def test_not_before_the_instant_has_passed(self, waiting: Ticket) -> None:
        fire_due(until=REMINDED[0])
        assert automatic(waiting) == []

    def test_after_an_outage_the_customer_has_the_full_time_from_the_reminder(self, waiting: Ticket) -> None:
        back = march(20)
        fire_due(until=back)
        assert [message.created_at for message in automatic(waiting)] == [back]
        assert "resolve the request on Mon 30 March 2026, 10:00 EEST" in automatic(waiting)[0].body
        assert timer_of(waiting) == march(24)


@pytest.mark.django_db
class TestWhatEndsIt:
    @pytest.mark.parametrize(
        "act",
        [
            lambda ticket, desk: actions.reply(ticket, by=desk.alice, at=MONDAY + HOUR, body="Firefox."),
            lambda ticket, desk: actions.set_state(ticket, State.IN_PROGRESS, by=desk.carol, at=MONDAY + HOUR),
            lambda ticket, desk: actions.resolve(ticket, by=desk.alice, at=MONDAY + HOUR),
        ],
        ids=["an answer", "work goes on", "resolved"],
    )
    def test_leaving_the_state(self, in_oro: Desk, waiting: Ticket, act: Callable[[Ticket, Desk], object]) -> None:
        act(waiting, in_oro)
        assert timer_of(waiting) is None
        fire_due(until=RESOLVED)
        assert automatic(waiting) == []

    def test_being_merged_away(self, in_oro: Desk, waiting: Ticket) -> None:
        other = actions.open_ticket(
            by=in_oro.alice,
            at=MONDAY,
            project=in_oro.project,
            priority=in_oro.priority("P2"),
            subject="Again",
            body="Still down.",
        )
        actions.merge(waiting, into=other, by=in_oro.carol, at=MONDAY + HOUR)
        assert timer_of(waiting) is None

    def test_another_question_counts_anew(self, in_oro: Desk, waiting: Ticket) -> None:
        fire_due(until=REMINDED[0] + HOUR / 2)
        actions.reply(waiting, by=in_oro.carol, at=march(5), body="And which version?")
        assert timer_of(waiting) == march(9)
        fire_to_the_end()
        assert [event.data["reminder"] for event in _reminders(waiting)] == [1, 1, 2, 3]

    def test_waiting_again_counts_anew(self, in_oro: Desk, waiting: Ticket) -> None:
        fire_due(until=REMINDED[0] + HOUR / 2)
        actions.reply(waiting, by=in_oro.alice, at=march(5), body="Firefox.")
        actions.set_state(waiting, State.WAITING, by=in_oro.carol, at=march(5, 9))
        fire_to_the_end()
        assert [event.data["reminder"] for event in _reminders(waiting)] == [1, 1, 2, 3]

    def test_a_note_changes_nothing(self, in_oro: Desk, waiting: Ticket) -> None:
        actions.note(waiting, by=in_oro.carol, at=march(3), body="She is on holiday.")
        assert timer_of(waiting) == REMINDED[0]


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["platformsh-apps", "drud", "platformsh", "commercetools"])
def test_a_vendor_without_follow_ups_reminds_nobody(slug: str) -> None:
    desk = make_desk(slug)
    with vendor_scope(desk.vendor):
        ticket = actions.open_ticket(
            by=desk.alice,
            at=MONDAY,
            project=desk.project,
            priority=desk.priority({"platformsh-apps": "P1", "drud": "High", "platformsh": "High"}.get(slug, "S1")),
            subject="Down",
            body="It is down.",
        )
        actions.set_state(ticket, State.WAITING, by=desk.carol, at=MONDAY)
        assert timer_of(ticket) is None


def _reminders(ticket: Ticket) -> list[Event]:
    return list(Event.objects.filter(ticket=ticket, kind=Kind.AUTO_REPLIED, data__has_key="reminder").order_by("id"))
