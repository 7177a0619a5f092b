"""The outbox: each delivery once, tried again while it may help, a dead letter when it will not."""

from __future__ import annotations

import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection

from supportdesk.notifications.actions import KIND, retry_dead, tell
from supportdesk.notifications.channels.base import Refused, Result, Sent, TryLater
from supportdesk.notifications.channels.registry import CHANNELS
from supportdesk.notifications.models import Delivery, DeliveryState, Notice
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import actions as timers
from supportdesk.timers.models import Timer
from tests.notifications.conftest import People
from tests.notifications.wire import Wire, pump_until

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire()
    monkeypatch.setitem(CHANNELS, "email", wire)
    monkeypatch.setattr("supportdesk.notifications.outcomes.random.random", lambda: 0.5)
    return wire


@pytest.fixture
def queued(people: People) -> People:
    with vendor_scope(people.vendor):
        tell(
            [people.alice],
            kind="replied",
            title="Checkout is down — new reply",
            body="We found it.",
            path="/oro/tickets/12/",
            key="message-7",
            at=database_now(),
            ticket_number=12,
        )
    return people


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


def delivery_of(people: People) -> Delivery:
    with vendor_scope(people.vendor):
        found: Delivery = Delivery.objects.get()
        return found


def timers_of(people: People) -> list[datetime | None]:
    with vendor_scope(people.vendor):
        return list(Timer.objects.values_list("due_at", flat=True))


def test_it_is_sent_once_and_nothing_is_left_to_do(queued: People, wire: Wire) -> None:
    pump_until()
    pump_until()
    sent = delivery_of(queued)
    assert (sent.state, sent.attempts, sent.reference, sent.last_error) == (DeliveryState.SENT, 1, "reference", "")
    assert sent.sent_at is not None
    assert len(wire.reached) == 1
    assert timers_of(queued) == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (TryLater("503 busy"), "503 busy"),
        (TimeoutError("timed out"), "TimeoutError: timed out"),
        (smtplib.SMTPServerDisconnected("gone"), "SMTPServerDisconnected: gone"),
    ],
)
def test_what_may_work_later_is_tried_later(queued: People, wire: Wire, answer: Result | Exception, error: str) -> None:
    wire.answers = [answer, Sent()]
    before = database_now()
    pump_until()
    waiting = delivery_of(queued)
    assert (waiting.state, waiting.attempts, waiting.last_error) == (DeliveryState.PENDING, 1, error)
    [due_at] = timers_of(queued)
    assert due_at is not None
    assert before + timedelta(seconds=4) < due_at < database_now() + timedelta(seconds=6)
    pump_until(until=due_at + timedelta(seconds=1))
    sent = delivery_of(queued)
    assert (sent.state, sent.attempts, sent.last_error) == (DeliveryState.SENT, 2, "")
    assert wire.reached[0] == wire.reached[1]


def test_the_other_sides_wish_is_honoured(queued: People, wire: Wire) -> None:
    wire.answers = [TryLater("429 too many", retry_after=timedelta(minutes=10))]
    pump_until()
    [due_at] = timers_of(queued)
    assert due_at is not None
    assert due_at > database_now() + timedelta(minutes=9)


def test_what_is_refused_is_a_dead_letter_and_the_admins_are_told(queued: People, wire: Wire) -> None:
    wire.answers = [Refused("550 no such mailbox")]
    pump_until()
    dead = delivery_of(queued)
    assert (dead.state, dead.last_error) == (DeliveryState.DEAD, "550 no such mailbox")
    assert timers_of(queued) == []
    with vendor_scope(queued.vendor):
        notice = Notice.objects.of(queued.erin).get()
        assert "alice@northwind.example" in notice.title
        assert "550 no such mailbox" in notice.body


def test_after_three_days_of_trying_it_is_given_up(queued: People, wire: Wire) -> None:
    wire.answers = [TryLater("503")]
    with vendor_scope(queued.vendor):
        Delivery.objects.update(queued_at=database_now() - timedelta(days=3))
    pump_until()
    assert delivery_of(queued).state == DeliveryState.DEAD


def test_a_dead_letter_can_be_tried_again(queued: People, wire: Wire) -> None:
    wire.answers = [Refused("550"), Sent()]
    pump_until()
    with vendor_scope(queued.vendor):
        assert retry_dead(delivery_of(queued).pk, at=database_now())
    pump_until()
    assert delivery_of(queued).state == DeliveryState.SENT
    with vendor_scope(queued.vendor):
        assert not retry_dead(delivery_of(queued).pk, at=database_now())


def test_a_channel_that_no_longer_exists_is_a_dead_letter(queued: People, wire: Wire) -> None:
    with vendor_scope(queued.vendor):
        Delivery.objects.update(channel="telegram")
    pump_until()
    assert delivery_of(queued).state == DeliveryState.DEAD


def test_a_sender_that_was_overtaken_while_sending_writes_nothing(queued: People, wire: Wire) -> None:
    """A zombie: stopped past its lease, it wakes after another worker has sent and settled the delivery."""

    def overtaken(delivery: Delivery) -> None:
        wire.on_send = lambda delivery: None
        with vendor_scope(queued.vendor):
            timers.set(KIND, delivery.pk, NOON)
        pump_until()

    wire.on_send = overtaken
    wire.answers = [Sent("the second run"), Refused("the zombie")]
    pump_until()
    settled = delivery_of(queued)
    assert (settled.state, settled.reference) == (DeliveryState.SENT, "the second run")
    assert len(set(wire.reached)) == 1


def test_what_a_killed_worker_left_half_sent_is_sent_again_under_the_same_key(queued: People, wire: Wire) -> None:
    def killed(delivery: Delivery) -> None:
        wire.on_send = lambda delivery: None
        raise KeyboardInterrupt

    wire.on_send = killed
    with pytest.raises(KeyboardInterrupt):
        pump_until()
    assert delivery_of(queued).state == DeliveryState.SENDING
    pump_until(until=database_now() + timedelta(minutes=1))  # past the lease
    assert delivery_of(queued).state == DeliveryState.SENT
    assert len(set(wire.reached)) == 1


def test_a_delivery_that_was_settled_meanwhile_is_not_sent(queued: People, wire: Wire) -> None:
    with vendor_scope(queued.vendor):
        Delivery.objects.update(state=DeliveryState.SENT, sent_at=NOON)
    pump_until()
    assert wire.reached == []
    assert timers_of(queued) == []


def test_by_djangos_mail_interface(queued: People) -> None:
    pump_until()
    [message] = mail.outbox
    assert message.to == ["alice@northwind.example"]
    assert delivery_of(queued).reference == message.extra_headers["Message-ID"]
