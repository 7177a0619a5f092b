"""Clocks for pages: one query for a whole queue, the right chip for each reader."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from plans.states import State
from sla import pages, queries
from sla.chips import ChipState, Waiting
from sla.models import Clock
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk, make_desk
from tests.sla.test_reactions import HOUR, clock_of, filed
from tickets import actions
from tickets.models import Ticket


@pytest.mark.parametrize("count", [1, 50])
def test_the_chips_of_a_queue_take_one_query(in_oro: Desk, count: int) -> None:
    for _ in range(count):
        filed(in_oro)
    tickets = list(Ticket.objects.all())
    queries.pressing_chips(tickets, at=MONDAY)
    with CaptureQueriesContext(connection) as captured:
        chips = queries.pressing_chips(tickets, at=MONDAY + HOUR)
    assert len(captured) == 1
    assert len(chips) == count


def test_a_ticket_without_clocks_has_no_chip(in_oro: Desk) -> None:
    ticket = filed(in_oro, "ER")
    assert queries.pressing_chips([ticket], at=MONDAY) == {}
    assert pages.chips_for([ticket], at=MONDAY, for_customer=True) == {ticket.pk: None}


def test_the_latest_cycle_is_shown_and_nothing_that_was_cancelled(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    actions.resolve(ticket, by=in_oro.alice, at=MONDAY + HOUR)
    assert queries.chips_of(ticket, at=MONDAY + HOUR) == []
    actions.reopen(ticket, by=in_oro.alice, at=MONDAY + 2 * HOUR)
    [chip] = queries.chips_of(ticket, at=MONDAY + 2 * HOUR)
    assert (chip.state, chip.due_at) == (ChipState.RUNNING, MONDAY + 6 * HOUR)


def test_a_paused_clock_is_shown_when_nothing_presses(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    actions.set_state(ticket, State.WAITING, by=in_oro.carol, at=MONDAY + HOUR)
    assert queries.pressing_chips([ticket], at=MONDAY + HOUR)[ticket.pk].state is ChipState.PAUSED


def test_a_customer_who_writes_again_is_seen_to_wait_though_nothing_more_is_promised(in_oro: Desk) -> None:
    """OroCloud promises a first response and no further one."""
    ticket = filed(in_oro)
    actions.reply(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="On it.")
    ticket.refresh_from_db()
    [met] = pages.chips_of(ticket, at=MONDAY + 2 * HOUR, for_customer=False)
    assert met.state is ChipState.MET
    actions.reply(ticket, by=in_oro.alice, at=MONDAY + 2 * HOUR, body="Any news?")
    ticket.refresh_from_db()
    first, second = pages.chips_of(ticket, at=MONDAY + 5 * HOUR, for_customer=False)
    assert isinstance(first, Waiting)
    assert (first.since, second) == (MONDAY + 2 * HOUR, met)
    assert pages.chips_for([ticket], at=MONDAY + 5 * HOUR, for_customer=False) == {ticket.pk: first}
    assert pages.chips_for([ticket], at=MONDAY + 5 * HOUR, for_customer=True) == {ticket.pk: met}


def test_customers_see_no_internal_objectives(db: None) -> None:
    drud = make_desk("drud")
    with vendor_scope(drud.vendor):
        ticket = actions.open_ticket(
            by=drud.alice,
            at=MONDAY,
            project=drud.project,
            priority=drud.priority("Urgent"),
            subject="Down",
            body="Everything is down.",
        )
        assert queries.chips_of(ticket, at=MONDAY, for_customer=True) == []
        [internal] = queries.chips_of(ticket, at=MONDAY)
        assert internal.due_at == MONDAY + HOUR
        with pytest.raises(Http404):
            pages.explained(ticket, internal.clock_id or 0, at=MONDAY, for_customer=True)


def test_an_explanation_names_the_priority_change(in_oro: Desk) -> None:
    ticket = filed(in_oro, "P3")
    actions.set_priority(ticket, priority=in_oro.priority("P1"), by=in_oro.carol, at=MONDAY + HOUR)
    told = pages.explained(ticket, clock_of(ticket).pk, at=MONDAY + 2 * HOUR, for_customer=True)
    assert any("priority changed from P3 to P1; same start, same pauses" in line for line in told.sentences)
    assert told.chip.due_at == MONDAY + 4 * HOUR


def test_a_clock_of_another_ticket_is_not_found(in_oro: Desk) -> None:
    mine, other = filed(in_oro), filed(in_oro)
    with pytest.raises(Http404):
        pages.explained(mine, clock_of(other).pk, at=MONDAY, for_customer=False)


def test_the_pages_tag_changes_with_an_alarm(in_oro: Desk) -> None:
    from tests.sla.test_alarms import fire

    ticket = filed(in_oro)
    before = pages.page_tag(ticket)
    assert pages.page_tag(ticket) == before
    fire(ticket, at=MONDAY + timedelta(days=1))
    assert pages.page_tag(ticket) != before


def test_another_vendors_clocks_are_not_there(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    drud = make_desk("drud")
    with vendor_scope(drud.vendor):
        assert not Clock.objects.filter(ticket_id=ticket.pk).exists()
        assert queries.clocks_of([ticket]) == {ticket.pk: []}
