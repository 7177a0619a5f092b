"""Phone call-backs where the plan has them ("Phone callback service", commercetools Premium)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from sla.clocks import replay
from sla.facts import Fact, FactKind
from sla.runs import Outcome
from sla.targets import Metric, Span
from supportdesk.notifications.models import Delivery
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk, make_desk
from tests.sla.promises import target, terms, utc
from tickets import actions, callbacks, phone_numbers
from tickets.errors import Refused
from tickets.models import Callback, Event, Ticket
from tickets.models.event import Kind

HOUR = timedelta(hours=1)
NUMBER = "+49 30 901820"


@pytest.mark.parametrize(
    ("typed", "zones", "expected"),
    [
        ("+49 30 901820", (), "+4930901820"),
        ("030 901820", ("Europe/Berlin",), "+4930901820"),
        ("(303) 555-0142", ("America/Denver",), "+13035550142"),
        ("030/901820", ("UTC", "Europe/Berlin"), "+4930901820"),
        ("067 123 4567", ("America/Denver", "Europe/Kyiv"), "+380671234567"),
        ("00 49 30 901820", ("Europe/Paris",), "+4930901820"),
    ],
)
def test_numbers_are_read_as_they_are_dialled_where_people_live(
    typed: str, zones: tuple[str, ...], expected: str
) -> None:
    assert phone_numbers.dialled(typed, zones=zones) == expected


@pytest.mark.parametrize("typed", ["", "call me", "12", "030 901820", "+49 1", "+999 123456789"])
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not a telephone number"):
        phone_numbers.dialled(typed)


def test_numbers_are_shown_in_groups() -> None:
    assert phone_numbers.readable("+4930901820") == "+49 30 901820"


def filed(desk: Desk, priority: str = "S2") -> Ticket:
    return actions.open_ticket(
        by=desk.alice,
        at=MONDAY,
        project=desk.project,
        priority=desk.priority(priority),
        subject="Checkout is down",
        body="It answers 502.",
    )


@pytest.fixture
def tools(db: None) -> Iterator[Desk]:
    """commercetools Premium, in its scope."""
    desk = make_desk("commercetools")
    with vendor_scope(desk.vendor):
        yield desk


def ask(ticket: Ticket, desk: Desk, at: datetime = MONDAY, **said: object) -> Callback:
    return actions.ask_for_callback(ticket, **({"number": NUMBER, "by": desk.alice, "at": at} | said))  # type: ignore[arg-type]


@pytest.mark.django_db
class TestAskingForACall:
    @pytest.mark.parametrize("code", ["S1", "S2", "S3", "S4"])
    def test_is_part_of_premium_at_every_priority(self, tools: Desk, code: str) -> None:
        assert callbacks.is_offered(filed(tools, code))

    def test_is_on_the_timeline_and_told_to_the_desk(self, tools: Desk) -> None:
        ticket = filed(tools)
        callback = ask(ticket, tools, starts_at=MONDAY + HOUR, ends_at=MONDAY + 3 * HOUR)
        assert (callback.number, callback.asked_by) == ("+4930901820", tools.alice)
        event = Event.objects.get(kind=Kind.CALLBACK_REQUESTED)
        assert event.data == {
            "callback": callback.pk,
            "number": "+4930901820",
            "starts_at": "2026-03-02T09:00:00+00:00",
            "ends_at": "2026-03-02T11:00:00+00:00",
        }
        told = Delivery.objects.filter(kind=Kind.CALLBACK_REQUESTED)
        assert {mail.body for mail in told} == {
            "Alice, +49 30 901820, between Mon 2 March 2026, 10:00 CET and Mon 2 March 2026, 12:00 CET"
        }
        assert tools.carol.user.email in {mail.address for mail in told}

    @pytest.mark.parametrize(
        ("said", "field"),
        [
            ({"number": "soon"}, "number"),
            ({"ends_at": MONDAY + HOUR}, "starts_at"),
            ({"starts_at": MONDAY + HOUR}, "ends_at"),
            ({"starts_at": MONDAY + HOUR, "ends_at": MONDAY + HOUR}, "ends_at"),
            ({"starts_at": MONDAY - 2 * HOUR, "ends_at": MONDAY - HOUR}, "ends_at"),
            ({"starts_at": MONDAY + 400 * HOUR, "ends_at": MONDAY + 401 * HOUR}, "starts_at"),
        ],
    )
    def test_names_the_field_at_fault(self, tools: Desk, said: dict[str, object], field: str) -> None:
        with pytest.raises(Refused) as refused:
            ask(filed(tools), tools, MONDAY, **said)
        assert refused.value.field == field
        assert not Callback.objects.exists()

    def test_twice_is_refused(self, tools: Desk) -> None:
        ticket = filed(tools)
        callback = ask(ticket, tools)
        with pytest.raises(Refused, match="already"):
            ask(ticket, tools)
        with pytest.raises(IntegrityError, match="callback_one_open"), transaction.atomic():
            Callback.objects.create(ticket=ticket, number="+1", asked_by=callback.asked_by, asked_at=MONDAY)

    def test_where_the_plan_has_none_it_is_refused(self, in_oro: Desk) -> None:
        ticket = filed(in_oro, "P1")
        assert not callbacks.is_offered(ticket)
        with pytest.raises(Refused, match="no phone call-backs"):
            ask(ticket, in_oro)


@pytest.mark.django_db
class TestTheCall:
    def test_once_logged_ends_the_wait(self, tools: Desk) -> None:
        ticket = filed(tools)
        callback = ask(ticket, tools)
        actions.log_call(ticket, by=tools.carol, at=MONDAY + HOUR, body="Talked it through.", minutes=10)
        callback.refresh_from_db()
        assert (callback.ended_at, callback.outcome) == (MONDAY + HOUR, "called")
        ask(ticket, tools, at=MONDAY + 2 * HOUR)

    def test_can_be_cancelled_by_the_customer(self, tools: Desk) -> None:
        ticket = filed(tools)
        callback = ask(ticket, tools)
        actions.cancel_callback(ticket, by=tools.alice, at=MONDAY + HOUR)
        callback.refresh_from_db()
        assert (callback.ended_at, callback.outcome) == (MONDAY + HOUR, "cancelled")
        assert Event.objects.get(kind=Kind.CALLBACK_CANCELLED).data == {"callback": callback.pk}
        with pytest.raises(Refused, match="No call-back"):
            actions.cancel_callback(ticket, by=tools.alice, at=MONDAY + HOUR)

    def test_is_no_longer_wanted_when_the_ticket_is_resolved(self, tools: Desk) -> None:
        ticket = filed(tools)
        callback = ask(ticket, tools)
        actions.resolve(ticket, by=tools.alice, at=MONDAY + HOUR)
        callback.refresh_from_db()
        assert callback.outcome == "resolved"


def test_cancelling_ends_the_promise_of_a_call() -> None:
    """Where a contract gives the call-back a time, here 15 minutes."""
    callback = target(Metric.CALLBACK, "P1", Span(15 * 60))
    opened = Fact(utc("10:00"), FactKind.OPENED, priority="P1", state="new", terms=terms(callback))
    asked = Fact(utc("10:05"), FactKind.CALLBACK_REQUESTED)
    in_time = replay([opened, asked, Fact(utc("10:10"), FactKind.CALLBACK_CANCELLED)])
    too_late = replay([opened, asked, Fact(utc("10:30"), FactKind.CALLBACK_CANCELLED)])
    assert [run.outcome for run in in_time.runs] == [Outcome.CANCELLED]
    assert [run.outcome for run in too_late.runs] == [Outcome.LATE]
