"""What an edit would move is listed before it is saved, and saving moves that and nothing else."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from plans.actions import load_contract
from plans.actions.versions import IN_FORCE
from plans.contract import Contract, read_canonical
from plans.contract.edit import with_holidays
from plans.models import PlanVersion
from plans.queries import current_contract
from plans.states import State
from plans.terms import terms_of, terms_of_contract
from sla import ledger, tasks
from sla.actions import Recomputed, recompute_open
from sla.calendars import BusinessCalendar
from sla.clocks import replay
from sla.ledger import run_of
from sla.models import Clock
from sla.moves import Change
from sla.preview import Preview, preview_calendar, preview_contract, preview_plan_version
from sla.terms import terms_by_id
from sla.timeline import facts_of
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.firing import fire_due
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.sla.test_reactions import filed
from tickets import actions
from tickets.models import Event, Ticket
from tickets.models.event import Kind

NEXT_MONDAY = date(2026, 3, 9)


def kyiv(text: str) -> datetime:
    """ "6 12:00": a day of March 2026 and a clock time in Kyiv, two hours ahead of UTC."""
    day, clock = text.split()
    hour, minute = clock.split(":")
    return datetime(2026, 3, int(day), int(hour), int(minute), tzinfo=UTC) - timedelta(hours=2)


FRIDAY = kyiv("6 12:00")


@dataclass
class Tickets:
    """The desk on Friday at noon; P2–P4 are owed an answer within 24 business hours, M–F 09:00–17:00."""

    running: Ticket
    due_today: Ticket
    paused: Ticket
    urgent: Ticket
    overdue: Ticket
    answered: Ticket


@pytest.fixture
def tickets(in_oro: Desk) -> Tickets:
    found = Tickets(
        overdue=filed(in_oro, "P2", kyiv("2 10:00")),
        answered=filed(in_oro, "P3", kyiv("2 11:00")),
        due_today=filed(in_oro, "P2", kyiv("3 15:00")),
        paused=filed(in_oro, "P4", kyiv("5 09:00")),
        running=filed(in_oro, "P3", kyiv("6 10:00")),
        urgent=filed(in_oro, "P1", kyiv("6 11:00")),
    )
    actions.reply(found.answered, by=in_oro.carol, at=kyiv("4 10:30"), body="Have you tried the new release?")
    actions.set_state(found.paused, State.WAITING, by=in_oro.carol, at=kyiv("6 09:00"), reason="Logs, please")
    return found


def with_monday_off() -> Contract:
    contract = current_contract()
    assert contract is not None
    return with_holidays(contract, "business-hours", {NEXT_MONDAY: "Women's Day, observed"})


def edited(contract: Contract, **hours: str) -> Contract:
    """The contract with other amounts for the first response of these priorities."""
    document = contract.model_dump(mode="json", exclude_defaults=True)
    for code, within in hours.items():
        document["plans"][0]["promises"][code]["first_response"]["within"] = within
    return read_canonical(document, name="edited")


def numbers(preview: Preview) -> dict[int, tuple[datetime | None, datetime | None]]:
    return {each.ticket_number: (each.move.old_due_at, each.move.new_due_at) for each in preview.clocks}


def rows() -> dict[int, tuple[datetime | None, datetime | None, str]]:
    return {clock.pk: (clock.due_at, clock.breached_at, clock.outcome) for clock in Clock.objects.all()}


def test_a_holiday_moves_exactly_the_clocks_that_would_have_counted_it(tickets: Tickets) -> None:
    assert numbers(preview_contract(with_monday_off(), at=FRIDAY)) == {
        tickets.running.number: (kyiv("11 10:00"), kyiv("12 10:00")),
        tickets.paused.number: (kyiv("10 12:00"), kyiv("11 12:00")),
    }


def test_the_paused_clock_is_shown_as_if_it_resumed_now(tickets: Tickets) -> None:
    preview = preview_contract(with_monday_off(), at=FRIDAY)
    assert [each.move.is_paused for each in preview.clocks] == [True, False]
    assert (preview.tickets, preview.moved_tickets, preview.count(Change.MOVES)) == (6, 2, 2)


def test_a_calendar_is_previewed_without_a_contract_file(tickets: Tickets) -> None:
    calendar = BusinessCalendar(
        "Europe/Kyiv",
        {key: [("09:00", "17:00")] for key in ("mon", "tue", "wed", "thu", "fri")},
        {NEXT_MONDAY: "Women's Day"},
    )
    assert numbers(preview_calendar("business-hours", calendar, at=FRIDAY)) == numbers(
        preview_contract(with_monday_off(), at=FRIDAY)
    )
    with pytest.raises(LookupError, match="around-the-clock, business-hours"):
        preview_calendar("weekends", calendar, at=FRIDAY)


def test_a_preview_writes_nothing(tickets: Tickets) -> None:
    before, events = rows(), Event.objects.count()
    preview_contract(with_monday_off(), at=FRIDAY)
    assert (rows(), Event.objects.count()) == (before, events)


def test_the_contract_in_force_moves_nothing(tickets: Tickets) -> None:
    contract = current_contract()
    assert contract is not None
    assert preview_contract(contract, at=FRIDAY) == Preview(FRIDAY, 0, ())


def test_shorter_promises_say_which_clocks_become_overdue_and_longer_ones_which_no_longer_are(
    tickets: Tickets,
) -> None:
    contract = current_contract()
    assert contract is not None
    shorter = preview_contract(edited(contract, P3="1 business hour"), at=FRIDAY)
    assert [each.ticket_number for each in shorter.clocks if each.move.becomes_breached] == [tickets.running.number]
    longer = preview_contract(edited(contract, P2="40 business hours"), at=FRIDAY)
    assert [each.ticket_number for each in longer.clocks if each.move.is_rescued] == [tickets.overdue.number]
    assert (shorter.becoming_breached, longer.rescued) == (1, 1)


def test_a_promise_that_goes_ends_its_clocks_and_a_new_one_begins_them(tickets: Tickets) -> None:
    contract = current_contract()
    assert contract is not None
    document = contract.model_dump(mode="json", exclude_defaults=True)
    cells = document["plans"][0]["promises"]
    cells["P1"]["resolution"] = {"within": "8h", "calendar": "around-the-clock", "source": "none"}
    cells["P3"] = {"no_clock": "Nothing is promised any more."}
    preview = preview_contract(read_canonical(document, name="edited"), at=FRIDAY)
    assert [(each.ticket_number, each.move.change, each.move.new_due_at) for each in preview.clocks] == [
        (tickets.running.number, Change.ENDS, None),
        (tickets.urgent.number, Change.BEGINS, kyiv("6 19:00")),
    ]
    assert preview.clocks[0].clock_id == Clock.objects.get(ticket=tickets.running).pk
    assert preview.clocks[1].clock_id is None


def test_saving_moves_what_was_previewed_and_nothing_else(in_oro: Desk, tickets: Tickets) -> None:
    before = rows()
    preview = preview_contract(with_monday_off(), at=FRIDAY)
    save(with_monday_off(), in_oro)
    after = rows()
    moved = {each.clock_id for each in preview.clocks}
    paused = Clock.objects.get(ticket=tickets.paused)
    assert {pk for pk in before if before[pk][0] != after[pk][0]} == moved - {paused.pk}
    actions.reply(tickets.paused, by=in_oro.alice, at=FRIDAY, body="Here are the logs.")
    assert Clock.objects.get(ticket=tickets.paused).due_at == kyiv("11 12:00")
    for each in preview.clocks:
        assert each.clock_id is not None
        assert Clock.objects.get(pk=each.clock_id).due_at == each.move.new_due_at


def test_among_many_tickets_in_every_state_exactly_the_clocks_move_that_arithmetic_says(in_oro: Desk) -> None:
    """What the preview lists and what saving moves, against the calendars themselves, clock by clock."""
    lived_in(in_oro, random.Random(7), 60)
    fire_all(FRIDAY)
    before = {clock["id"]: clock for clock in Clock.objects.values()}
    settled = {pk for pk, clock in before.items() if clock["settled_at"] is not None}
    monday_off = terms_of_contract(with_monday_off(), "enterprise")
    expected = {}
    for clock in Clock.objects.open():
        old = run_of(clock, terms_by_id([clock.plan_version_id])).resumed(FRIDAY)
        new = monday_off.target(clock.target_key)
        assert new is not None
        if (due_at := new.due(old.started_at, old.stretches)) != old.due_at:
            expected[clock.pk] = (old.due_at, due_at)
    assert len(expected) > 8, "a crowd in which something moves"
    assert len(before) - len(settled) - len(expected) > 8, "and something stays"
    assert {Clock.objects.get(pk=pk).outcome for pk in settled} == {"met", "late", "cancelled"}

    preview = preview_contract(with_monday_off(), at=FRIDAY)
    assert {each.clock_id: (each.move.old_due_at, each.move.new_due_at) for each in preview.clocks} == expected

    save(with_monday_off(), in_oro)
    version = PlanVersion.objects.order_by("-number")[0].pk
    after = {clock["id"]: clock for clock in Clock.objects.values()}
    assert after.keys() == before.keys()
    assert {pk: after[pk] for pk in settled} == {pk: before[pk] for pk in settled}, "not a field of a settled clock"
    for pk in before.keys() - settled - expected.keys():
        assert after[pk] == before[pk] | {"plan_version_id": version}, "the same clock under the new version"
    for clock in Clock.objects.filter(pk__in=expected):
        assert run_of(clock, terms_by_id([version])).resumed(FRIDAY).due_at == expected[clock.pk][1]


def lived_in(desk: Desk, chance: random.Random, count: int) -> None:
    """Tickets of a week, some answered, late, waiting, resolved unanswered, reopened or reprioritised."""
    for _ in range(count):
        at = kyiv("2 09:00") + timedelta(hours=chance.randrange(4 * 24))
        ticket = filed(desk, chance.choice(["P1", "P2", "P3", "P4"]), at)
        for _ in range(chance.randrange(3)):
            at += timedelta(minutes=chance.randrange(30, 900))
            if at >= FRIDAY or not ticket.is_open:
                break
            match chance.choice(["reply", "wait", "resolve", "reprioritise"]):
                case "reply":
                    actions.reply(ticket, by=desk.carol, at=at, body="On it.")
                case "wait":
                    actions.set_state(ticket, State.WAITING, by=desk.carol, at=at, reason="Logs, please")
                case "resolve":
                    actions.resolve(ticket, by=desk.carol, at=at)
                    if chance.random() < 0.5:
                        actions.reopen(ticket, by=desk.alice, at=at + timedelta(minutes=5))
                case _:
                    code = chance.choice(["P1", "P2", "P3", "P4"])
                    actions.set_priority(ticket, priority=desk.priority(code), by=desk.carol, at=at)
            ticket.refresh_from_db()


def fire_all(until: datetime) -> None:
    while fire_due(until=until):
        pass


def test_saving_leaves_settled_clocks_under_the_terms_they_were_settled_by(in_oro: Desk, tickets: Tickets) -> None:
    settled = Clock.objects.get(ticket=tickets.answered)
    save(with_monday_off(), in_oro)
    kept = Clock.objects.get(pk=settled.pk)
    assert (kept.due_at, kept.settled_at, kept.outcome, kept.plan_version_id) == (
        settled.due_at,
        kyiv("4 10:30"),
        "met",
        settled.plan_version_id,
    )


def test_saving_puts_the_change_on_the_timelines_of_open_tickets_only(in_oro: Desk, tickets: Tickets) -> None:
    actions.resolve(tickets.answered, by=in_oro.carol, at=kyiv("6 11:00"))
    old = tickets.running.plan_version_id
    done = save(with_monday_off(), in_oro)
    new = PlanVersion.objects.order_by("-number").first()
    assert new is not None
    changes = Event.objects.filter(kind=Kind.PLAN_CHANGED)
    assert {event.ticket_id for event in changes} == set(Ticket.objects.open().values_list("pk", flat=True))
    assert all(event.data == {"from": old, "to": new.pk, "is_edit": True} for event in changes)
    assert {ticket.plan_version_id for ticket in Ticket.objects.open()} == {new.pk}
    tickets.answered.refresh_from_db()
    assert tickets.answered.plan_version_id == old
    assert (done.tickets, done.clocks) == (5, 2)


def test_after_saving_the_rows_still_equal_a_replay_of_the_timeline(in_oro: Desk, tickets: Tickets) -> None:
    save(with_monday_off(), in_oro)
    for ticket in Ticket.objects.all():
        facts = [fact for _, fact in facts_of(Event.objects.filter(ticket=ticket).order_by("pk"))]
        stored = ledger.load([ticket.pk])[ticket.pk].book
        assert stored.open_runs() == replay(facts).open_runs()


def test_saving_wakes_the_worker_at_the_new_instants(in_oro: Desk, tickets: Tickets) -> None:
    save(with_monday_off(), in_oro)
    clock = Clock.objects.get(ticket=tickets.running)
    assert Timer.objects.get(kind="sla.alarm", subject_id=tickets.running.pk).due_at == clock.warn_at
    tickets.running.refresh_from_db()
    assert tickets.running.next_due_at == clock.due_at == kyiv("12 10:00")


def test_saving_twice_is_saving_once(in_oro: Desk, tickets: Tickets) -> None:
    save(with_monday_off(), in_oro)
    again = recompute_open(in_oro.vendor, by=in_oro.erin, at=FRIDAY)
    assert (again.tickets, again.clocks) == (0, 0)


def test_a_version_of_the_future_is_previewed_now_and_taken_up_by_the_worker_on_its_day(
    in_oro: Desk, tickets: Tickets
) -> None:
    saturday = kyiv("7 00:00")
    load_contract(with_monday_off(), by=in_oro.erin, at=FRIDAY, source_text="", effective_from=saturday)
    version = PlanVersion.objects.get(number=2)
    assert recompute_open(in_oro.vendor, by=None, at=FRIDAY).tickets == 0
    assert len(preview_plan_version(version, at=FRIDAY).clocks) == 2
    timer = Timer.objects.get(kind=IN_FORCE, subject_id=version.pk)
    assert timer.due_at == saturday
    tasks.version_in_force(version.pk, vendor_id=in_oro.vendor.pk, fence=timer.epoch, at=saturday)
    assert Clock.objects.get(ticket=tickets.running).due_at == kyiv("12 10:00")
    assert not Timer.objects.filter(kind=IN_FORCE, subject_id=version.pk).exists()


def test_another_vendors_tickets_are_no_part_of_it(tickets: Tickets, mallory: Membership) -> None:
    contract = with_monday_off()
    with vendor_scope(mallory.vendor):
        assert preview_contract(contract, at=FRIDAY) == Preview(FRIDAY, 0, ())
        assert recompute_open(mallory.vendor, by=mallory, at=FRIDAY).tickets == 0


def test_one_ticket_costs_as_many_queries_as_many(in_oro: Desk) -> None:
    filed(in_oro, "P3", kyiv("6 10:00"))
    contract = with_monday_off()
    terms_of(PlanVersion.objects.get())
    one = queries_of(contract)
    for _ in range(8):
        filed(in_oro, "P3", kyiv("6 10:00"))
    assert queries_of(contract) == one


def queries_of(contract: Contract) -> int:
    with CaptureQueriesContext(connection) as captured:
        preview_contract(contract, at=FRIDAY)
    return len(captured)


def save(contract: Contract, desk: Desk) -> Recomputed:
    load_contract(contract, by=desk.erin, at=FRIDAY, source_text="")
    return recompute_open(desk.vendor, by=desk.erin, at=FRIDAY)
