"""Clocks follow what is done to tickets: rows after real actions on OroCloud's desk."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from plans.states import State
from sla import ledger
from sla.clocks import replay
from sla.models import Clock, TicketBook
from sla.runs import Run
from sla.terms import terms_by_id
from sla.timeline import facts_of
from supportdesk.timers.models import Timer
from tests.cast import MONDAY, Desk
from tickets import actions
from tickets.models import Event, Ticket
from tickets.models.event import Kind

HOUR = timedelta(hours=1)


def filed(desk: Desk, priority: str = "P1", at: datetime = MONDAY) -> Ticket:
    return actions.open_ticket(
        by=desk.alice,
        at=at,
        project=desk.project,
        priority=desk.priority(priority),
        subject="The shop is down",
        body="Nothing answers.",
        fields={"license_key": "K", "company_name": "Northwind"},
    )


def clock_of(ticket: Ticket) -> Clock:
    return Clock.objects.get(ticket=ticket)


def timer_of(ticket: Ticket) -> datetime | None:
    timer: Timer | None = Timer.objects.filter(kind="sla.alarm", subject_id=ticket.pk).first()
    return timer.due_at if timer else None


def test_filing_starts_the_clocks_and_sets_the_timer_and_the_queues_order(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    clock = clock_of(ticket)
    assert (clock.started_at, clock.due_at) == (MONDAY, MONDAY + 4 * HOUR)
    assert clock.warn_at is not None
    assert timer_of(ticket) == clock.warn_at
    ticket.refresh_from_db()
    assert ticket.next_due_at == clock.due_at


def test_the_ticket_in_hand_knows_its_next_due_instant(in_oro: Desk) -> None:
    assert filed(in_oro).next_due_at == MONDAY + 4 * HOUR


def test_a_reply_settles_and_leaves_nothing_due(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    actions.reply(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="We are on it.")
    assert (clock_of(ticket).outcome, clock_of(ticket).settled_at) == ("met", MONDAY + HOUR)
    assert timer_of(ticket) is None
    ticket.refresh_from_db()
    assert ticket.next_due_at is None


def test_an_automatic_reply_and_a_note_settle_nothing(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    actions.reply(ticket, by=None, at=MONDAY + HOUR, body="We have received your request.")
    actions.note(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="Looks bad.")
    assert clock_of(ticket).settled_at is None


def test_an_agent_states_when_the_customer_called(in_oro: Desk) -> None:
    ticket = actions.open_ticket(
        by=in_oro.carol,
        at=MONDAY + HOUR,
        requester=in_oro.alice,
        contact_at=MONDAY,
        project=in_oro.project,
        priority=in_oro.priority("P1"),
        subject="By phone",
        body="She called.",
        fields={"license_key": "K", "company_name": "Northwind"},
    )
    assert clock_of(ticket).started_at == MONDAY


def test_waiting_pauses_with_its_reason_and_the_customer_resumes(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    actions.set_state(ticket, State.WAITING, by=in_oro.carol, at=MONDAY + HOUR, reason="Need the logs")
    paused = clock_of(ticket)
    assert (paused.paused_at, paused.paused_reason, paused.due_at) == (MONDAY + HOUR, "Need the logs", None)
    assert timer_of(ticket) is None
    actions.reply(ticket, by=in_oro.alice, at=MONDAY + 3 * HOUR, body="Here they are.")
    assert clock_of(ticket).due_at == MONDAY + 6 * HOUR
    assert timer_of(ticket) == clock_of(ticket).warn_at


def test_another_priority_moves_the_deadline_from_the_same_start(in_oro: Desk) -> None:
    ticket = filed(in_oro, "P3")
    before = clock_of(ticket)
    actions.set_priority(ticket, priority=in_oro.priority("P1"), by=in_oro.carol, at=MONDAY + HOUR)
    after = clock_of(ticket)
    assert (after.pk, after.started_at, after.due_at) == (before.pk, MONDAY, MONDAY + 4 * HOUR)
    assert after.target_key != before.target_key


def test_a_deadline_moved_into_the_past_goes_on_the_timeline_at_its_own_instant(in_oro: Desk) -> None:
    ticket = filed(in_oro, "P3")
    actions.set_priority(ticket, priority=in_oro.priority("P1"), by=in_oro.carol, at=MONDAY + 6 * HOUR)
    breach = Event.objects.get(ticket=ticket, kind=Kind.SLA_BREACHED)
    assert (breach.at, breach.by) == (MONDAY + 4 * HOUR, None)
    assert breach.data["clock"] == clock_of(ticket).pk


def test_an_enhancement_request_has_no_clock(in_oro: Desk) -> None:
    ticket = filed(in_oro, "ER")
    assert not Clock.objects.filter(ticket=ticket).exists()
    assert ticket.next_due_at is None


@pytest.mark.parametrize("seed", range(12))
def test_live_rows_equal_a_replay_from_scratch(in_oro: Desk, seed: int) -> None:
    """Any sequence of actions, with alarms fired or not in between."""
    chance = random.Random(seed)
    ticket, now = filed(in_oro, chance.choice(["P1", "P3", "ER"])), MONDAY
    for _ in range(14):
        now += timedelta(minutes=chance.choice([0, 3, 50, 200, 1500]))
        ticket.refresh_from_db()
        do_something(ticket, in_oro, now, chance)
    events = Event.objects.filter(ticket=ticket).order_by("pk")
    scratch = replay(fact for _, fact in facts_of(events))
    assert book_values(ticket) == [scratch.state, scratch.priority, scratch.asked_at, scratch.unanswered_at]
    rows = Clock.objects.filter(ticket=ticket)
    terms = terms_by_id(row.plan_version_id for row in rows)
    live = {(run.metric, run.audience, run.cycle): run for run in (ledger.run_of(row, terms) for row in rows)}
    assert live == {(run.metric, run.audience, run.cycle): run for run in scratch.runs}


def do_something(ticket: Ticket, desk: Desk, now: datetime, chance: random.Random) -> None:
    match chance.randrange(9):
        case 0:
            actions.reply(ticket, by=desk.alice, at=now, body="Any news?")
        case 1:
            actions.reply(ticket, by=desk.carol, at=now, body="We are on it.", next_update_at=now + 2 * HOUR)
        case 2:
            actions.reply(ticket, by=None, at=now, body="Automatic.")
        case 3:
            actions.log_call(ticket, by=desk.carol, at=now, body="Called.", minutes=5)
        case 4:
            code = chance.choice(["P1", "P2", "P4", "ER"])
            actions.set_priority(ticket, priority=desk.priority(code), by=desk.carol, at=now)
        case 5 if ticket.is_open:
            actions.reply(ticket, by=desk.carol, at=now, body="Please send logs.")
            ticket.refresh_from_db()
            actions.set_state(ticket, State.WAITING, by=desk.carol, at=now, reason="logs")
        case 6 if ticket.is_open:
            actions.resolve(ticket, by=desk.carol, at=now)
        case 6:
            actions.reopen(ticket, by=desk.alice, at=now)
        case 7:
            actions.triage(ticket, severity=desk.priority("P2"), by=desk.carol, at=now)
        case _:
            actions.no_reply_needed(ticket, by=desk.carol, at=now)


def book_values(ticket: Ticket) -> list[object]:
    book = ledger.load([ticket.pk])[ticket.pk].book
    return [book.state, book.priority, book.asked_at, book.unanswered_at]


def test_what_is_read_is_what_was_written(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    actions.set_state(ticket, State.WAITING, by=in_oro.carol, at=MONDAY + HOUR)
    actions.reply(ticket, by=in_oro.alice, at=MONDAY + 2 * HOUR, body="Here.")
    entry = ledger.load([ticket.pk])[ticket.pk]
    with CaptureQueriesContext(
        connection,
    ) as queries:
        ledger.save([entry])
    assert len(queries) == 0, "nothing changed, nothing is written"
    [run] = entry.book.runs
    assert isinstance(run, Run)
    assert [(pause.began_at, pause.ended_at) for pause in run.pauses] == [(MONDAY + HOUR, MONDAY + 2 * HOUR)]


class TestTheDatabaseRefuses:
    def broken(self, ticket: Ticket, **values: object) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Clock.objects.filter(ticket=ticket).update(**values)

    def test_an_outcome_without_an_instant_and_the_reverse(self, in_oro: Desk) -> None:
        ticket = filed(in_oro)
        self.broken(ticket, outcome="met")
        self.broken(ticket, settled_at=MONDAY)

    def test_a_late_clock_without_a_breach_and_a_met_one_with_it(self, in_oro: Desk) -> None:
        ticket = filed(in_oro)
        self.broken(ticket, settled_at=MONDAY, outcome="late")
        self.broken(ticket, settled_at=MONDAY, outcome="met", breached_at=MONDAY + 4 * HOUR)

    def test_a_breach_at_another_instant_than_due(self, in_oro: Desk) -> None:
        self.broken(filed(in_oro), breached_at=MONDAY)

    def test_a_settled_clock_that_is_paused(self, in_oro: Desk) -> None:
        self.broken(filed(in_oro), settled_at=MONDAY, outcome="met", paused_at=MONDAY)

    def test_a_second_open_clock_of_a_kind(self, in_oro: Desk) -> None:
        clock = clock_of(filed(in_oro))
        clock.pk, clock.cycle = None, 2
        with pytest.raises(IntegrityError), transaction.atomic():
            clock.save(force_insert=True)

    def test_a_second_book_of_a_ticket(self, in_oro: Desk) -> None:
        ticket = filed(in_oro)
        with pytest.raises(IntegrityError), transaction.atomic():
            TicketBook.objects.create(ticket=ticket, priority="P1")
