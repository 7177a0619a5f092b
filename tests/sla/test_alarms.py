"""Clocks that come due: once, at their true instants, in few queries, and told to the right people."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from sla import alarms
from sla.models import Clock
from supportdesk.accounts.models import TeamMember
from supportdesk.notifications.models import Notice
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.firing import fire_due
from supportdesk.timers.models import Timer
from supportdesk.timers.registry import DueTimer
from tests.cast import MONDAY, Desk, make_desk
from tests.sla.test_reactions import HOUR, clock_of, filed, timer_of
from tickets import actions
from tickets.models import Event, Ticket
from tickets.models.event import Kind

DUE = MONDAY + 4 * HOUR
LATER = MONDAY + 30 * HOUR


def fire(*tickets: Ticket, at: datetime) -> None:
    due = [
        DueTimer(each.pk, each.vendor_id, each.kind, each.subject_id, each.epoch, each.due_at or at, each.attempts)
        for each in Timer.objects.filter(kind="sla.alarm", subject_id__in=[ticket.pk for ticket in tickets])
    ]
    alarms.fire(due, at=at)


def alarms_of(ticket: Ticket) -> list[tuple[str, datetime]]:
    events = Event.objects.filter(ticket=ticket, kind__in=[Kind.SLA_WARNING, Kind.SLA_BREACHED]).order_by("pk")
    return [(event.kind, event.at) for event in events]


def test_a_warning_then_a_breach_each_at_its_instant(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    warn_at = clock_of(ticket).warn_at
    assert warn_at is not None
    fire(ticket, at=warn_at + timedelta(seconds=2))
    assert alarms_of(ticket) == [(Kind.SLA_WARNING, warn_at)]
    assert timer_of(ticket) == DUE
    fire(ticket, at=DUE + timedelta(seconds=2))
    assert alarms_of(ticket) == [(Kind.SLA_WARNING, warn_at), (Kind.SLA_BREACHED, DUE)]
    clock = clock_of(ticket)
    assert (clock.warned_at, clock.breached_at, clock.settled_at) == (warn_at, DUE, None)
    assert timer_of(ticket) is None


def test_after_an_outage_both_come_in_due_order_dated_as_they_were_due(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    fire(ticket, at=LATER)
    assert [kind for kind, _ in alarms_of(ticket)] == [Kind.SLA_WARNING, Kind.SLA_BREACHED]
    assert alarms_of(ticket)[1][1] == DUE


def test_firing_twice_is_firing_once(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    due = [DueTimer(1, in_oro.vendor.pk, "sla.alarm", ticket.pk, 1, DUE, 0)]
    alarms.fire(due, at=LATER)
    before = alarms_of(ticket)
    alarms.fire(due, at=LATER + HOUR)
    assert alarms_of(ticket) == before
    assert Notice.objects.filter(kind=Kind.SLA_BREACHED).values("membership").distinct().count() == (
        Notice.objects.filter(kind=Kind.SLA_BREACHED).count()
    )


def test_an_answer_before_the_firing_leaves_nothing_to_fire(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    due = [DueTimer(1, in_oro.vendor.pk, "sla.alarm", ticket.pk, 1, DUE, 0)]
    actions.reply(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="We are on it.")
    alarms.fire(due, at=LATER)
    assert alarms_of(ticket) == []


def test_an_answer_after_the_due_instant_but_before_the_firing_is_late(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    actions.reply(ticket, by=in_oro.carol, at=DUE + timedelta(seconds=1), body="Sorry.")
    assert clock_of(ticket).outcome == "late"
    assert alarms_of(ticket)[-1] == (Kind.SLA_BREACHED, DUE)


def test_a_ticket_that_is_gone_is_passed_over(in_oro: Desk) -> None:
    alarms.fire([DueTimer(1, in_oro.vendor.pk, "sla.alarm", 999_999, 1, DUE, 0)], at=LATER)
    assert Event.objects.count() == 0


def test_leads_and_assignee_are_told_of_a_breach(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY)
    fire(ticket, at=LATER)
    told = Notice.objects.filter(kind=Kind.SLA_BREACHED)
    assert {notice.membership_id for notice in told} == {in_oro.carol.pk, in_oro.dan.pk, in_oro.erin.pk}
    assert "#1" in told[0].title


def test_a_warning_that_comes_with_its_breach_is_not_told(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    fire(ticket, at=LATER)
    assert not Notice.objects.filter(kind=Kind.SLA_WARNING).exists()
    assert Notice.objects.filter(kind=Kind.SLA_BREACHED).exists()


def test_without_an_assignee_the_team_is_told(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    assert ticket.team is not None
    TeamMember.objects.create(team=ticket.team, membership=in_oro.carol)
    fire(ticket, at=LATER)
    assert Notice.objects.filter(kind=Kind.SLA_BREACHED, membership=in_oro.carol).exists()


def test_customers_are_not_told_of_breaches(in_oro: Desk) -> None:
    fire(filed(in_oro), at=LATER)
    assert not Notice.objects.filter(kind=Kind.SLA_BREACHED, membership=in_oro.alice).exists()


@pytest.mark.parametrize("count", [1, 20])
def test_a_batch_is_marked_in_the_same_queries_whatever_its_size(
    in_oro: Desk, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tickets import events

    tickets = [filed(in_oro) for _ in range(count)]
    monkeypatch.setattr(events, "reactions", [])
    due = [DueTimer(0, in_oro.vendor.pk, "sla.alarm", ticket.pk, 1, DUE, 0) for ticket in tickets]
    with CaptureQueriesContext(connection) as queries:
        alarms.fire(due, at=LATER)
    assert len(queries) <= 12
    assert Clock.objects.filter(breached_at=DUE).count() == count


def test_the_pump_fires_what_is_due_and_no_more(in_oro: Desk) -> None:
    early, late = filed(in_oro), filed(in_oro, at=MONDAY + 2 * HOUR)
    fire_due(until=DUE + timedelta(seconds=1))
    assert alarms_of(early)[-1] == (Kind.SLA_BREACHED, DUE)
    assert Kind.SLA_BREACHED not in [kind for kind, _ in alarms_of(late)]
    assert timer_of(late) is not None
    fire_due(until=LATER)
    assert alarms_of(late)[-1] == (Kind.SLA_BREACHED, DUE + 2 * HOUR)


def test_at_the_due_instant_itself_nothing_is_broken_yet(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    fire_due(until=DUE)
    assert [kind for kind, _ in alarms_of(ticket)] == [Kind.SLA_WARNING]


@pytest.mark.django_db(transaction=True)
def test_a_ticket_in_somebodys_hands_is_left_for_the_next_round() -> None:
    """An action holds the ticket and will want its timer: the firing passes it over and does the others."""
    desk = make_desk("orocloud")
    with vendor_scope(desk.vendor):
        busy, free = filed(desk), filed(desk)
    with ThreadPoolExecutor(1) as other, vendor_scope(desk.vendor):
        Ticket.objects.select_for_update(of=("self",)).get(pk=busy.pk)
        other.submit(in_own_connection, lambda: fire_due(until=LATER)).result(timeout=10)
    with vendor_scope(desk.vendor):
        assert Kind.SLA_BREACHED in [kind for kind, _ in alarms_of(free)]
        assert alarms_of(busy) == []
        retry_at = timer_of(busy)
        assert retry_at is not None
        assert retry_at <= LATER + HOUR
    fire_due(until=LATER + HOUR)
    with vendor_scope(desk.vendor):
        assert alarms_of(busy)[-1] == (Kind.SLA_BREACHED, DUE)


def in_own_connection(work: Callable[[], object]) -> None:
    try:
        work()
    finally:
        connection.close()
