"""Whatever is done to tickets, in whatever order, and whether or not anything fires in between: the rows of their
clocks are what a replay of their timelines from scratch gives.

Two machines. ``AtWork`` goes through the real actions, the database and the firing: a quarter of a second for each
example. ``InHand`` goes through the step function and the rows as the ledger reads and fills them, without a database:
a fiftieth of a second, quick enough for the ten thousand examples of ``make check``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from plans.actions import load_contract
from plans.contract import write
from plans.contract.edit import with_holidays
from plans.models import Plan
from plans.queries import current_contract, version_in_force
from plans.states import State
from sla import ledger
from sla.actions import recompute_open
from sla.book import Book
from sla.clocks import advance, most_pressing, next_alarm_at, replay, step
from sla.facts import Fact, FactKind
from sla.models import Clock, TicketBook
from sla.reactions import TIMER, follow_tickets
from sla.runs import Alarm, Run, alarmed
from sla.targets import Metric, Terms
from sla.terms import terms_by_id
from sla.timeline import facts_of
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.firing import fire_due
from supportdesk.timers.models import Timer
from tests.cast import MONDAY, Desk, make_desk
from tests.sla.promises import ALWAYS, OFFICE, hours, target, terms
from tests.sla.test_replay import PLANS, PRIORITIES, START, gaps, happenings, hold, later_fact
from tickets import actions, events, transitions
from tickets.errors import Refused
from tickets.merging import UNDO_WITHIN
from tickets.models import Event, Ticket
from tickets.models.event import Kind

CODES = st.sampled_from(["P1", "P2", "P3"])
WHICH = st.integers(0, 9)
MOST_TICKETS = 3
MOST_EDITS = 2
FRIDAYS = [date(2026, 3, 6), date(2026, 3, 13)]

waits = st.one_of(
    st.just(0), st.integers(1, 90).map(lambda minutes: minutes * 60), st.integers(0, 3 * 86400), st.just(20 * 60)
).map(lambda seconds: timedelta(seconds=seconds))


class AtWork(RuleBasedStateMachine):
    """Alice and Carol at one desk. Every rule lets some time pass, fires what is due or lets it lie, and acts."""

    desk: Desk

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY
        self.fired_until: dict[int, datetime] = {}
        self.edits = 0
        self.tickets: list[Ticket] = []
        self.stack = ExitStack()
        self.stack.enter_context(undone())
        self.stack.enter_context(vendor_scope(self.desk.vendor))

    def teardown(self) -> None:
        self.stack.close()

    @initialize(code=CODES)
    def a_first_ticket(self, code: str) -> None:
        self.customer_opens(timedelta(0), code)

    @rule(wait=waits, fires=st.booleans())
    def time_passes(self, wait: timedelta, fires: bool) -> None:
        self.now += wait
        if fires:
            self.fire()

    @precondition(lambda self: len(self.tickets) < MOST_TICKETS)
    @rule(wait=waits, code=CODES)
    def customer_opens(self, wait: timedelta, code: str) -> None:
        self.now += wait
        self.opened(by=self.desk.alice, code=code, contact_at=None)

    @precondition(lambda self: len(self.tickets) < MOST_TICKETS)
    @rule(wait=waits, code=CODES, ago=waits)
    def agent_opens_after_a_call(self, wait: timedelta, code: str, ago: timedelta) -> None:
        self.now += wait
        self.opened(by=self.desk.carol, code=code, contact_at=self.now - ago)

    @rule(wait=waits, which=WHICH)
    def customer_writes(self, wait: timedelta, which: int) -> None:
        actions.reply(self.next(wait, which), by=self.desk.alice, at=self.now, body="Any news?")

    @rule(
        wait=waits,
        which=WHICH,
        then=st.none() | st.sampled_from(State),
        update=st.none() | waits.filter(bool),
    )
    def agent_replies(self, wait: timedelta, which: int, then: State | None, update: timedelta | None) -> None:
        """With a status and a promise of the next update in the same save, or without."""
        ticket = self.next(wait, which)
        then = then if then and transitions.may_follow(State(ticket.state), then) else None
        next_update_at = None if update is None else self.now + update
        actions.reply(
            ticket, by=self.desk.carol, at=self.now, body="On it.", then_state=then, next_update_at=next_update_at
        )

    @rule(wait=waits, which=WHICH, what=st.sampled_from(["auto", "note", "call", "no reply needed"]))
    def something_is_said(self, wait: timedelta, which: int, what: str) -> None:
        ticket, carol, at = self.next(wait, which), self.desk.carol, self.now
        match what:
            case "auto":
                actions.reply(ticket, by=None, at=at, body="We have received your message.")
            case "note":
                actions.note(ticket, by=carol, at=at, body="Odd.")
            case "call":
                actions.log_call(ticket, by=carol, at=at, body="Called.", minutes=4)
            case _:
                actions.no_reply_needed(ticket, by=carol, at=at)

    @rule(wait=waits, which=WHICH, update=waits.filter(bool))
    def agent_promises_an_update(self, wait: timedelta, which: int, update: timedelta) -> None:
        ticket = self.next(wait, which)
        actions.promise_update(ticket, by=self.desk.carol, at=self.now, next_update_at=self.now + update)

    @rule(wait=waits, which=WHICH, to=st.sampled_from(State), reason=st.sampled_from(["", "logs"]))
    def agent_sets_a_status(self, wait: timedelta, which: int, to: State, reason: str) -> None:
        """Holds, resumes, resolves and reopens; where that status cannot follow, another that can."""
        ticket = self.next(wait, which)
        following = transitions.next_states(State(ticket.state))
        to = to if to in following else following[0]
        actions.set_state(ticket, to, by=self.desk.carol, at=self.now, reason=reason)

    @rule(wait=waits, which=WHICH)
    def customer_resolves_or_reopens(self, wait: timedelta, which: int) -> None:
        ticket = self.next(wait, which)
        act = actions.resolve if ticket.is_open else actions.reopen
        act(ticket, by=self.desk.alice, at=self.now)

    @rule(wait=waits, which=WHICH, code=CODES)
    def priority_changes(self, wait: timedelta, which: int, code: str) -> None:
        ticket = self.next(wait, which)
        actions.set_priority(ticket, priority=self.desk.priority(code), by=self.desk.carol, at=self.now)

    @rule(wait=waits, which=WHICH, code=st.none() | CODES)
    def severity_changes(self, wait: timedelta, which: int, code: str | None) -> None:
        ticket = self.next(wait, which)
        severity = None if code is None else self.desk.priority(code)
        actions.triage(ticket, severity=severity, by=self.desk.carol, at=self.now)

    @rule(wait=waits, which=WHICH)
    def plan_changes(self, wait: timedelta, which: int) -> None:
        """From gold to silver or back."""
        ticket = self.next(wait, which)
        before = ticket.plan_version
        assert before is not None
        other = version_in_force(Plan.objects.exclude(pk=before.plan_id).get(), self.now)
        assert other is not None
        ticket.plan_version, ticket.plan_rank = other, other.plan.rank
        ticket.save(update_fields=["plan_version", "plan_rank"])
        moved = {"from": before.pk, "to": other.pk}
        events.record(ticket, Kind.PLAN_CHANGED, moved, by=self.desk.erin, at=self.now)

    @precondition(lambda self: self.edits < MOST_EDITS)
    @rule(wait=waits)
    def office_closes_on_one_more_friday(self, wait: timedelta) -> None:
        self.now += wait
        contract = current_contract()
        assert contract is not None
        edited = with_holidays(contract, "office", {FRIDAYS[self.edits]: "Outing"})
        load_contract(edited, by=None, at=self.now, source_text=write(edited))
        recompute_open(self.desk.vendor, by=self.desk.erin, at=self.now)
        self.edits += 1

    @precondition(lambda self: sum(ticket.is_open for ticket in self.goes_on()) > 1)
    @rule(wait=waits, which=WHICH)
    def two_are_merged(self, wait: timedelta, which: int) -> None:
        self.now += wait
        first, second, *_ = [ticket for ticket in self.goes_on() if ticket.is_open]
        ticket, into = (first, second) if which % 2 else (second, first)
        actions.merge(ticket, into=into, by=self.desk.carol, at=self.now)

    @precondition(lambda self: self.can_come_back() is not None)
    @rule(wait=waits)
    def a_merging_is_undone(self, wait: timedelta) -> None:
        ticket = self.can_come_back()
        assert ticket is not None
        self.now += min(wait, UNDO_WITHIN)
        with suppress(Refused):  # more than an hour ago by now
            actions.unmerge(ticket, by=self.desk.carol, at=self.now)

    @invariant()
    def rows_are_what_a_replay_gives(self) -> None:
        """Up to the last firing; and, whenever anybody looks, from there on."""
        live = self.live_runs()
        for ticket in Ticket.objects.filter(pk__in=[ticket.pk for ticket in self.tickets]):
            history = Event.objects.filter(ticket=ticket).order_by("pk")
            scratch = replay(fact for _, fact in facts_of(history))
            noticed, _ = advance(scratch, self.fired_until.get(ticket.pk, ticket.received_at))
            assert live[ticket.pk] == noticed.runs
            assert book_of(ticket) == without_settled(noticed)
            pressing = most_pressing(noticed.runs)
            assert ticket.next_due_at == (pressing.due_at if pressing else None)
            timer = Timer.objects.filter(kind=TIMER, subject_id=ticket.pk).first()
            assert (timer.due_at if timer else None) == next_alarm_at(noticed.runs)
            told = {event.data["clock"] for event in history if event.kind == Kind.SLA_BREACHED}
            broken = Clock.objects.filter(ticket=ticket, breached_at__isnull=False)
            assert set(broken.values_list("pk", flat=True)) <= told

    def next(self, wait: timedelta, which: int) -> Ticket:
        """One of the tickets that were not merged away, some time later."""
        self.now += wait
        choice = self.goes_on()
        return choice[which % len(choice)]

    def can_come_back(self) -> Ticket | None:
        """One that was merged into a ticket that still goes on."""
        going_on = {ticket.pk for ticket in self.goes_on()}
        return next((ticket for ticket in self.tickets if ticket.merged_into_id in going_on), None)

    def goes_on(self) -> list[Ticket]:
        for ticket in self.tickets:
            ticket.refresh_from_db()
        return [ticket for ticket in self.tickets if ticket.merged_into_id is None]

    def opened(self, *, by: Membership, code: str, contact_at: datetime | None) -> None:
        ticket = actions.open_ticket(
            by=by,
            at=self.now,
            requester=self.desk.alice,
            contact_at=contact_at,
            project=self.desk.project,
            priority=self.desk.priority(code),
            subject="The shop is down",
            body="Nothing answers.",
        )
        self.tickets.append(ticket)

    def fire(self) -> None:
        while fire_due(until=self.now):
            pass
        self.fired_until = dict.fromkeys((ticket.pk for ticket in self.tickets), self.now)

    def live_runs(self) -> dict[int, tuple[Run, ...]]:
        rows = list(Clock.objects.filter(ticket__in=self.tickets).order_by("pk"))
        frozen = terms_by_id(row.plan_version_id for row in rows)
        runs: dict[int, tuple[Run, ...]] = defaultdict(tuple)
        for row in rows:
            runs[row.ticket_id] += (ledger.run_of(row, frozen),)
        return runs


def book_of(ticket: Ticket) -> Book:
    return ledger.load([ticket.pk])[ticket.pk].book


def without_settled(book: Book) -> Book:
    """As the ledger reads it: settled runs are nobody's concern any more, unless they may go on."""
    return replace(book, runs=tuple(run for run in book.runs if run.is_open or goes_on(run, book)))


def goes_on(run: Run, book: Book) -> bool:
    return book.merged_away.get((run.metric, run.audience)) == run.cycle


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


PARTS = 4

EDITED = terms(
    target(Metric.FIRST_RESPONSE, "P1", hours(1), calendar=OFFICE),
    target(Metric.RESOLUTION, "P1", hours(8), calendar=OFFICE),
    target(Metric.UPDATE, "P1", hours(2), calendar=ALWAYS),
    target(Metric.FIRST_RESPONSE, "P2", hours(4), calendar=ALWAYS),
    version=3,
)
"""What ``enterprise`` promises, on other calendars and without some of it."""

TERMS_BY_ID = {each.plan_version_id: each for each in [*PLANS, EDITED] if each.plan_version_id is not None}


class InHand(RuleBasedStateMachine):
    """One ticket's rows, without a database: each fact is taken by the book that the ledger reads from them, and what
    becomes of it is put into them, while somebody looks at the clock now and then."""

    @initialize(priority=st.sampled_from(PRIORITIES), promised=st.sampled_from([*PLANS, EDITED]), ago=gaps)
    def opened(self, priority: str, promised: Terms, ago: timedelta) -> None:
        self.now = START
        self.facts: list[Fact] = []
        self.row: TicketBook | None = None
        self.clocks: list[Clock] = []
        self.take(Fact(self.now, FactKind.OPENED, priority=priority, terms=promised, since=self.now - ago))

    @rule(gap=gaps, drawn=happenings)
    def happens(self, gap: timedelta, drawn: tuple[int, timedelta]) -> None:
        self.now += gap
        self.take(later_fact(self.now, drawn))

    @rule(gap=gaps)
    def calendars_are_edited(self, gap: timedelta) -> None:
        self.now += gap
        self.take(Fact(self.now, FactKind.TERMS_CHANGED, terms=EDITED))

    @precondition(lambda self: self.entry().book.merged_away)
    @rule(gap=gaps)
    def comes_back(self, gap: timedelta) -> None:
        """As it was before it was merged."""
        merged = max(number for number, fact in enumerate(self.facts) if fact.kind is FactKind.MERGED)
        before = replay(self.facts[:merged])
        self.now += gap
        owed = {name: getattr(before, name) for name in ("asked_at", "unanswered_at")}
        self.take(Fact(self.now, FactKind.CAME_BACK, state=before.state, since=before.open_since, **owed))

    @rule(gap=gaps)
    def somebody_looks(self, gap: timedelta) -> None:
        self.now += gap
        self.look()

    @rule()
    def the_timer_fires(self) -> None:
        due = next_alarm_at(self.entry().book.runs)
        if due is not None:
            self.now = max(self.now, due + timedelta(microseconds=1))
            alarms = self.look()
            assert alarms, "a timer that fires for nothing"
            assert alarms[0].at == due

    def take(self, fact: Fact) -> None:
        self.facts.append(fact)
        entry = self.entry()
        entry.book, _ = step(entry.book, fact)
        self.put(entry)

    def look(self) -> tuple[Alarm, ...]:
        entry = self.entry()
        entry.book, alarms = advance(entry.book, self.now)
        self.put(entry)
        return alarms

    def entry(self) -> ledger.Entry:
        row = self.row
        read = [
            clock
            for clock in self.clocks
            if clock.settled_at is None or (row is not None and ledger.is_merged_away(clock, row))
        ]
        return ledger.entry_of(1, row, read, TERMS_BY_ID)

    def put(self, entry: ledger.Entry) -> None:
        """Into the rows, and through what the database makes of JSON."""
        changed = ledger.filled([entry])
        self.row = entry.row
        self.clocks += changed.new_clocks
        for clock in (*changed.new_clocks, *changed.old_clocks):
            clock.pauses = json.loads(json.dumps(clock.pauses))
        if entry.row is not None:
            for name in ("stays", "cycles", "merged_away"):
                setattr(entry.row, name, json.loads(json.dumps(getattr(entry.row, name))))

    def runs(self) -> tuple[Run, ...]:
        return tuple(ledger.run_of(clock, TERMS_BY_ID) for clock in self.clocks)

    @invariant()
    def book_keeps_its_invariants(self) -> None:
        hold(advance(self.entry().book, self.now)[0], self.now)

    def teardown(self) -> None:
        """The rows are what a replay from scratch gives: all runs, also those settled long ago, and the book."""
        if hasattr(self, "facts"):
            scratch, live = replay(self.facts), self.entry().book
            for end in (self.now, self.now + timedelta(days=9)):
                expected, _ = advance(scratch, end)
                assert tuple(alarmed(run, end)[0] for run in self.runs()) == expected.runs
                assert advance(live, end)[0] == without_settled(expected)


@pytest.mark.hypothesis
@pytest.mark.django_db
def test_rows_equal_a_replay_whatever_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each example in a transaction of its own, rolled back. Nobody is told: inboxes are another matter. Each takes a
    quarter of a second, so it is 20 of them by default and 500 in ``make check``."""
    monkeypatch.setattr(events, "reactions", [follow_tickets])
    desk = make_desk("everything", plan="gold", folder=Path(__file__).parent)
    machine = type("AtWork", (AtWork,), {"desk": desk})
    profile = settings.default
    assert profile is not None
    examples = max(20, profile.max_examples // 20)
    run_state_machine_as_test(machine, settings=settings(max_examples=examples, stateful_step_count=12))


@pytest.mark.hypothesis
@pytest.mark.parametrize("part", range(PARTS))
def test_clocks_equal_a_replay_whatever_happens(part: int) -> None:
    """In parts, so that several processes share the work."""
    profile = settings.default
    assert profile is not None
    run_state_machine_as_test(
        InHand, settings=settings(max_examples=profile.max_examples // PARTS, stateful_step_count=15)
    )
