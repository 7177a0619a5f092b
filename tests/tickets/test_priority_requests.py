"""A higher priority on request: asked with a reason, decided by the team."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from sla.models import Clock
from supportdesk.notifications.models import Notice
from tests.cast import MONDAY, Desk
from tickets import actions, priority_requests
from tickets.errors import Refused
from tickets.models import Event, Message, Ticket
from tickets.models.event import Kind

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def ask(ticket: Ticket, desk: Desk, code: str = "P1", reason: str = "No order gets through.") -> Event:
    return actions.ask_for_priority(ticket, priority=desk.priority(code), reason=reason, by=desk.alice, at=MONDAY)


def test_asking_changes_nothing_but_reaches_the_desk_and_the_leads(in_oro: Desk, ticket: Ticket) -> None:
    event = ask(ticket, in_oro)
    ticket.refresh_from_db()
    assert ticket.priority.code == "P2"
    assert event.data == {"from": "P2", "to": "P1", "reason": "No order gets through."}
    assert priority_requests.pending_on(ticket) == event
    told = {notice.membership for notice in Notice.objects.filter(kind=Kind.PRIORITY_REQUESTED)}
    assert {in_oro.carol, in_oro.dan, in_oro.erin} <= told
    assert in_oro.alice not in told


@pytest.mark.parametrize(
    ("code", "reason", "field"), [("P2", "x", "priority"), ("P3", "x", "priority"), ("P1", " ", "reason")]
)
def test_names_the_field_at_fault(in_oro: Desk, ticket: Ticket, code: str, reason: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(ticket, in_oro, code, reason)
    assert refused.value.field == field
    assert priority_requests.pending_on(ticket) is None


def test_accepting_raises_it_with_the_customers_reason(in_oro: Desk, ticket: Ticket) -> None:
    ask(ticket, in_oro)
    actions.accept_priority(ticket, by=in_oro.carol, at=MONDAY + HOUR)
    ticket.refresh_from_db()
    assert ticket.priority.code == "P1"
    assert Clock.objects.get(ticket=ticket).due_at == MONDAY + 4 * HOUR
    changed = Event.objects.get(kind=Kind.PRIORITY_CHANGED)
    assert (changed.by, changed.data["reason"]) == (in_oro.carol, "No order gets through.")
    assert priority_requests.pending_on(ticket) is None
    assert Notice.objects.filter(membership=in_oro.alice, kind=Kind.PRIORITY_CHANGED).count() == 1


def test_declining_answers_the_customer(in_oro: Desk, ticket: Ticket) -> None:
    ask(ticket, in_oro)
    event = actions.decline_priority(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="There is a workaround: …")
    assert event.data == {"from": "P2", "to": "P1"}
    assert Message.objects.filter(ticket=ticket, author=in_oro.carol).get().body == "There is a workaround: …"
    assert Clock.objects.get(ticket=ticket).outcome == "met"
    assert priority_requests.pending_on(ticket) is None


def test_declining_needs_words(in_oro: Desk, ticket: Ticket) -> None:
    ask(ticket, in_oro)
    with pytest.raises(Refused) as refused:
        actions.decline_priority(ticket, by=in_oro.carol, at=MONDAY, body=" ")
    assert refused.value.field == "body"
    assert priority_requests.pending_on(ticket) is not None


def test_one_request_at_a_time_and_another_after_the_answer(in_oro: Desk, ticket: Ticket) -> None:
    ask(ticket, in_oro)
    with pytest.raises(Refused, match="already"):
        ask(ticket, in_oro)
    actions.decline_priority(ticket, by=in_oro.carol, at=MONDAY, body="Not yet.")
    assert ask(ticket, in_oro) == priority_requests.pending_on(ticket)


def test_nothing_can_be_decided_that_nobody_asked(in_oro: Desk, ticket: Ticket) -> None:
    with pytest.raises(Refused, match="Nobody"):
        actions.accept_priority(ticket, by=in_oro.carol, at=MONDAY)
    with pytest.raises(Refused, match="Nobody"):
        actions.decline_priority(ticket, by=in_oro.carol, at=MONDAY, body="No.")


def test_resolving_settles_it(in_oro: Desk, ticket: Ticket) -> None:
    ask(ticket, in_oro)
    actions.resolve(ticket, by=in_oro.carol, at=MONDAY)
    assert priority_requests.pending_on(ticket) is None


def test_readers_ask_and_the_team_decides(in_oro: Desk, ticket: Ticket) -> None:
    with pytest.raises(PermissionDenied):
        actions.ask_for_priority(ticket, priority=in_oro.priority("P1"), reason="x", by=in_oro.bob, at=MONDAY)
    ask(ticket, in_oro)
    with pytest.raises(PermissionDenied):
        actions.accept_priority(ticket, by=in_oro.alice, at=MONDAY)
