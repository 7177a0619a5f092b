"""One matter, two tickets: one is closed with a link, the other goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from sla.models import Clock
from supportdesk.timers.models import Timer
from tests import factories
from tests.cast import MONDAY, Desk
from tests.sla.test_reactions import HOUR, filed
from tickets import actions
from tickets.errors import Refused
from tickets.models import Event, Ticket
from tickets.models.event import Kind


def merged_events(ticket: Ticket) -> list[dict[str, object]]:
    return list(Event.objects.filter(ticket=ticket, kind=Kind.MERGED).values_list("data", flat=True))


def test_the_merged_ticket_is_closed_with_a_link_and_owes_nothing(in_oro: Desk) -> None:
    first, second = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
    closed = actions.merge(second, into=first, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    closed.refresh_from_db()
    assert (closed.state, closed.resolved_at, closed.merged_into) == ("resolved", MONDAY + 2 * HOUR, first)
    assert (closed.next_due_at, closed.unanswered_since) == (None, None)
    assert Clock.objects.get(ticket=second).outcome == "cancelled"
    assert not Timer.objects.filter(kind="sla.alarm", subject_id=second.pk).exists()
    assert Clock.objects.get(ticket=first).settled_at is None


def test_both_timelines_say_which_and_when_the_customer_first_asked(in_oro: Desk) -> None:
    early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
    actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    received = MONDAY.isoformat()
    assert merged_events(early) == [{"into": late.number, "received_at": received}]
    assert merged_events(late) == [{"from": early.number, "received_at": received}]


def test_the_one_that_goes_on_waits_for_an_answer_since_the_earlier_question(in_oro: Desk) -> None:
    early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
    actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    late.refresh_from_db()
    assert late.unanswered_since == MONDAY


def test_a_resolved_ticket_keeps_when_it_was_resolved(in_oro: Desk) -> None:
    first, second = filed(in_oro), filed(in_oro)
    actions.resolve(second, by=in_oro.carol, at=MONDAY + HOUR)
    closed = actions.merge(second, into=first, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    assert closed.resolved_at == MONDAY + HOUR


def test_nothing_can_be_done_to_a_merged_ticket(in_oro: Desk) -> None:
    first, second = filed(in_oro), filed(in_oro)
    actions.merge(second, into=first, by=in_oro.carol, at=MONDAY + HOUR)
    with pytest.raises(Refused, match=f"#{first.number}"):
        actions.reply(second, by=in_oro.alice, at=MONDAY + 2 * HOUR, body="Hello?")
    with pytest.raises(Refused, match=f"#{first.number}"):
        actions.reopen(second, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    with pytest.raises(Refused, match=f"#{first.number}"):
        actions.merge(filed(in_oro), into=second, by=in_oro.carol, at=MONDAY + 2 * HOUR)


def test_only_an_open_ticket_of_the_same_organization_takes_another_in(in_oro: Desk) -> None:
    ticket, resolved, foreign = filed(in_oro), filed(in_oro), filed(in_oro)
    actions.resolve(resolved, by=in_oro.carol, at=MONDAY + HOUR)
    foreign.organization = factories.OrganizationFactory.create(slug="southwind")
    foreign.save(update_fields=["organization"])
    for into in (ticket, resolved, foreign):
        with pytest.raises(Refused) as refusal:
            actions.merge(ticket, into=into, by=in_oro.carol, at=MONDAY + 2 * HOUR)
        assert refusal.value.field == "into"


def test_customers_merge_nothing(in_oro: Desk) -> None:
    with pytest.raises(PermissionDenied):
        actions.merge(filed(in_oro), into=filed(in_oro), by=in_oro.alice, at=MONDAY + timedelta(minutes=5))


def test_the_database_refuses_a_merged_ticket_that_is_open_or_its_own(in_oro: Desk) -> None:
    ticket, other = filed(in_oro), filed(in_oro)
    with pytest.raises(IntegrityError, match="ticket_merged_is_closed"), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(merged_into=other)
    actions.resolve(ticket, by=in_oro.carol, at=MONDAY + HOUR)
    with pytest.raises(IntegrityError, match="ticket_merged_is_closed"), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(merged_into=ticket)
