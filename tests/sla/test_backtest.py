"""The past under other terms: counted as the rows count it, the same in one process, on all cores and by workers."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from plans.contract import Contract
from plans.contract.edit import with_holidays
from plans.models import PlanVersion
from plans.queries import current_contract
from plans.states import State
from sla import backtest_runs, tasks
from sla.actions import recompute_open
from sla.attainment import Counts, Standing, percent, standing_of
from sla.backtest import BRINGS_TERMS, Cell, Comparison, History, Question, compare
from sla.backtest_runs import PART, Asked
from sla.clocks import replay
from sla.facts import Fact, FactKind
from sla.history import histories
from sla.ledger import run_of
from sla.models import Backtest, BacktestPart, Clock
from sla.targets import Audience, Metric, Terms
from sla.terms import terms_by_id
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.sla.promises import enterprise, hours, target, terms, utc
from tests.sla.test_preview import edited, kyiv
from tests.sla.test_reactions import filed
from tests.sla.test_replay import PLANS
from tests.sla.test_replay import histories as any_history
from tickets import actions

ASKED = Asked(kyiv("1 00:00"), kyiv("15 00:00"))
AT = kyiv("16 12:00")
FIRST = Cell("Enterprise", "P1", Metric.FIRST_RESPONSE, Audience.CONTRACT)


def asking(then: Terms, now: Terms | None = None, **changes: datetime) -> Question:
    period = {"start": utc("00:00"), "end": utc("2026-03-20T00:00"), "at": utc("2026-03-20T00:00")} | changes
    return Question({1: now or enterprise()}, {1: replace(then, plan_version_id=1)}, {1: "Enterprise"}, **period)


def quick(hours_: float) -> Terms:
    return terms(target(Metric.FIRST_RESPONSE, "P1", hours(hours_)))


ONE = terms(target(Metric.FIRST_RESPONSE, "P1", hours(2)))
ANSWERED_AFTER_90_MINUTES = History(
    1,
    1042,
    (
        Fact(utc("10:00"), FactKind.OPENED, priority="P1", state="new"),
        Fact(utc("11:30"), FactKind.REPLIED),
    ),
    (1,),
)


class TestComparing:
    def test_a_shorter_promise_would_have_been_missed(self) -> None:
        answer = compare(asking(quick(1), ONE), [ANSWERED_AFTER_90_MINUTES])
        assert (answer.now, answer.then) == ({FIRST: Counts(met=1)}, {FIRST: Counts(late=1)})
        (flip,) = answer.flips
        assert (flip.ticket_number, flip.now, flip.then) == (1042, Standing.MET, Standing.LATE)
        assert (flip.now_due_at, flip.then_due_at) == (utc("12:00"), utc("11:00"))

    def test_the_same_terms_flip_nothing(self) -> None:
        answer = compare(asking(quick(2), ONE), [ANSWERED_AFTER_90_MINUTES])
        assert (answer.flips, answer.now) == ([], answer.then)

    def test_an_answer_at_the_due_instant_is_in_time_under_the_draft_too(self) -> None:
        assert compare(asking(quick(1.5), ONE), [ANSWERED_AFTER_90_MINUTES]).then == {FIRST: Counts(met=1)}

    def test_a_promise_that_was_not_made_has_no_clock_on_that_side(self) -> None:
        (flip,) = compare(asking(terms(), ONE), [ANSWERED_AFTER_90_MINUTES]).flips
        assert (flip.now, flip.then, flip.then_due_at) == (Standing.MET, None, None)

    def test_clocks_count_by_their_start_in_a_half_open_period(self) -> None:
        assert not compare(asking(ONE, ONE, start=utc("10:01")), [ANSWERED_AFTER_90_MINUTES]).now
        assert not compare(asking(ONE, ONE, end=utc("10:00")), [ANSWERED_AFTER_90_MINUTES]).now
        assert compare(asking(ONE, ONE, start=utc("10:00"), end=utc("10:01")), [ANSWERED_AFTER_90_MINUTES]).now

    def test_what_is_open_is_running_until_its_due_instant_has_passed(self) -> None:
        unanswered = replace(ANSWERED_AFTER_90_MINUTES, facts=ANSWERED_AFTER_90_MINUTES.facts[:1])
        assert compare(asking(ONE, ONE, at=utc("12:00")), [unanswered]).now == {FIRST: Counts(running=1)}
        assert compare(asking(ONE, ONE, at=utc("12:01")), [unanswered]).now == {FIRST: Counts(breached=1)}

    def test_parts_add_up_and_survive_the_database(self) -> None:
        whole = compare(asking(quick(1), ONE), [ANSWERED_AFTER_90_MINUTES] * 3)
        sum_ = Comparison()
        for part in [compare(asking(quick(1), ONE), [ANSWERED_AFTER_90_MINUTES])] * 3:
            sum_.add(Comparison.from_json(part.as_json()))
        assert sum_ == whole

    @given(any_history())
    def test_under_its_own_terms_any_history_stands_as_a_replay_says(self, facts: list[Fact]) -> None:
        end = facts[-1].at + timedelta(days=10)
        own = {each.plan_version_id: each for each in PLANS if each.plan_version_id is not None}
        brought = [fact.terms for fact in facts if fact.kind in BRINGS_TERMS]
        told = tuple(replace(fact, terms=None) if fact.kind in BRINGS_TERMS else fact for fact in facts)
        history = History(1, 1, told, tuple(each.plan_version_id if each else None for each in brought))
        question = Question(own, dict(own), {1: "One", 2: "Two"}, facts[0].at - timedelta(days=1), end, end)
        answer = compare(question, [history])
        expected = Counter(standing for run in replay(facts).runs if (standing := standing_of(run, end)) is not None)
        counted = sum(answer.now.values(), Counts())
        assert {standing: getattr(counted, standing.value) for standing in expected} == expected
        assert not answer.flips


@pytest.mark.parametrize(
    ("share", "spelt"),
    [(None, "–"), (0.0, "0 %"), (1.0, "100 %"), (0.5, "50.0 %"), (0.99999, "99.9 %"), (0.00001, "0.1 %")],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share: float | None, spelt: str) -> None:
    assert percent(share) == spelt


@pytest.fixture
def past(in_oro: Desk) -> Desk:
    return lived_through(in_oro)


def lived_through(desk: Desk) -> Desk:
    """Two weeks of March: answered in time, late, paused, reprioritised, unanswered and withdrawn."""
    for day in (2, 3, 4, 5):
        quickly = filed(desk, "P3", kyiv(f"{day} 10:00"))
        actions.reply(quickly, by=desk.carol, at=kyiv(f"{day} 15:00"), body="Have you tried the new release?")
        actions.resolve(quickly, by=desk.carol, at=kyiv(f"{day} 16:00"))
    late = filed(desk, "P1", kyiv("2 10:00"))
    actions.reply(late, by=desk.carol, at=kyiv("2 19:00"), body="Sorry.")
    held = filed(desk, "P2", kyiv("6 10:00"))
    actions.set_state(held, State.WAITING, by=desk.carol, at=kyiv("6 11:00"), reason="Logs")
    actions.reply(held, by=desk.alice, at=kyiv("9 11:00"), body="Here they are.")
    actions.reply(held, by=desk.carol, at=kyiv("11 15:00"), body="Thank you.")
    raised = filed(desk, "P4", kyiv("4 10:00"))
    actions.set_priority(raised, priority=desk.priority("P1"), by=desk.carol, at=kyiv("4 12:00"))
    actions.reply(raised, by=desk.carol, at=kyiv("4 13:00"), body="On it.")
    filed(desk, "P3", kyiv("10 10:00"))
    filed(desk, "P1", kyiv("14 10:00"))
    dropped = filed(desk, "P3", kyiv("5 10:00"))
    actions.set_priority(dropped, priority=desk.priority("ER"), by=desk.carol, at=kyiv("5 11:00"))
    return desk


def draft(**hours_: str) -> Contract:
    contract = current_contract()
    assert contract is not None
    return edited(contract, **hours_)


def answer_of(contract: Contract, jobs: int = 1, asked: Asked = ASKED) -> Comparison:
    return backtest_runs.run(contract, asked, at=AT, jobs=jobs, progress=lambda done, total: None)


def outline(answer: Comparison) -> tuple[object, ...]:
    flips = sorted(answer.flips, key=lambda flip: (flip.ticket_number, flip.started_at))
    return answer.now, answer.then, flips, answer.tickets, answer.facts


def test_the_past_as_it_was_equals_the_rows(past: Desk) -> None:
    clocks = list(Clock.objects.all())
    own = terms_by_id(clock.plan_version_id for clock in clocks)
    rows = Counter(standing_of(run_of(clock, own), AT) for clock in clocks)
    counted = sum(answer_of(draft()).now.values(), Counts())
    assert counted == Counts(met=rows[Standing.MET], late=rows[Standing.LATE], breached=rows[Standing.BREACHED])
    assert (counted.met, counted.late, counted.breached, rows[None]) == (6, 1, 2, 1)


def test_a_tighter_draft_shows_what_would_have_been_missed(past: Desk) -> None:
    answer = answer_of(draft(P3="4 business hours"))
    p3 = Cell("Enterprise", "P3", Metric.FIRST_RESPONSE, Audience.CONTRACT)
    assert (answer.now[p3], answer.then[p3]) == (Counts(met=4, breached=1), Counts(late=4, breached=1))
    assert {(flip.now, flip.then) for flip in answer.flips} == {(Standing.MET, Standing.LATE)}
    assert sorted(flip.ticket_number for flip in answer.flips) == [1, 2, 3, 4]


def test_a_holiday_in_the_past_forgives(past: Desk) -> None:
    contract = current_contract()
    assert contract is not None
    days = {date(2026, 3, day): "Strike" for day in (11, 12, 13)}
    answer = answer_of(with_holidays(contract, "business-hours", days))
    assert [(flip.now, flip.then) for flip in answer.flips] == [(Standing.BREACHED, Standing.RUNNING)]


def test_all_cores_give_the_answer_of_one(past: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest_runs, "BATCH", 2)
    contract = draft(P3="4 business hours", P2="1 business hour")
    assert outline(answer_of(contract, jobs=2)) == outline(answer_of(contract))


def test_workers_give_the_answer_of_one_process(past: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest_runs, "BATCH", 3)
    contract = draft(P3="4 business hours")
    backtest = backtest_runs.ask_workers(contract, ASKED, by=past.erin, at=AT)
    timers = list(Timer.objects.filter(kind=PART))
    assert [timer.due_at for timer in timers] == [AT] * 4
    assert backtest_runs.progress_of(backtest) == (0, 10)
    for timer in timers:
        tasks.backtest_part(timer.subject_id, vendor_id=past.vendor.pk, fence=timer.epoch, at=AT)
    assert backtest_runs.progress_of(backtest) == (10, 10)
    assert outline(backtest_runs.collect(backtest)) == outline(answer_of(contract))
    assert not Timer.objects.filter(kind=PART).exists()


def test_a_worker_that_was_overtaken_writes_nothing(past: Desk) -> None:
    backtest = backtest_runs.ask_workers(draft(P3="4 business hours"), ASKED, by=None, at=AT)
    part = BacktestPart.objects.get()
    timer = Timer.objects.get(kind=PART)
    tasks.backtest_part(part.pk, vendor_id=past.vendor.pk, fence=timer.epoch - 1, at=AT)
    assert backtest_runs.progress_of(backtest)[0] == 0


def test_a_backtest_that_nobody_waits_for_any_more_leaves_nothing_behind(past: Desk) -> None:
    backtest = backtest_runs.ask_workers(draft(P3="4 business hours"), ASKED, by=None, at=AT)
    backtest_runs.withdraw(backtest)
    assert not Backtest.objects.exists()
    assert not BacktestPart.objects.exists()
    assert not Timer.objects.filter(kind=PART).exists()


def test_against_the_present_leaves_out_what_earlier_edits_did(past: Desk) -> None:
    from plans.actions import load_contract

    tighter = draft(P3="4 business hours")
    load_contract(tighter, by=past.erin, at=kyiv("16 09:00"), source_text="")
    recompute_open(past.vendor, by=past.erin, at=kyiv("16 09:00"))
    assert len(answer_of(tighter).flips) == 4
    present = replace(ASKED, is_against_present=True)
    assert answer_of(tighter, asked=present).flips == []


def test_histories_name_the_versions_that_the_facts_came_with(past: Desk) -> None:
    version = PlanVersion.objects.get()
    found = histories(list(Clock.objects.values_list("ticket_id", flat=True).distinct()))
    assert all(history.versions == (version.pk,) for history in found)
    assert all(fact.terms is None for history in found for fact in history.facts)


def test_another_vendors_past_is_not_counted(past: Desk, mallory: Membership) -> None:
    contract = draft(P3="4 business hours")
    with vendor_scope(mallory.vendor):
        assert answer_of(contract) == Comparison()


def test_a_batch_takes_two_queries_however_many_tickets(past: Desk) -> None:
    ids = list(Clock.objects.values_list("ticket_id", flat=True).distinct())
    histories(ids)
    for batch in (ids[:1], ids):
        with CaptureQueriesContext(connection) as captured:
            histories(batch)
        assert len(captured) == 2


def test_tickets_settled_for_good_before_the_period_are_not_read(past: Desk) -> None:
    assert answer_of(draft(), asked=Asked(kyiv("12 00:00"), kyiv("15 00:00"))).tickets == 6
    assert answer_of(draft(), asked=Asked(datetime(2025, 1, 1, tzinfo=UTC), kyiv("1 00:00"))).tickets == 0
