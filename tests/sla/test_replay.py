"""Live state equals replay from scratch, whatever happens and whenever anybody looks at the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sla.book import Book
from sla.clocks import advance, next_alarm_at, replay, step
from sla.facts import Fact, FactKind
from sla.runs import Alarm, AlarmKind, Outcome, Run
from sla.targets import BestEffort, BusinessDays, Driver, Metric, WarnAt
from tests.sla.promises import OFFICE, enterprise, hours, minutes, target, terms, utc

START = utc("2026-03-05T13:00")
SEVERITY_DRIVEN = terms(
    target(Metric.FIRST_RESPONSE, "P1", minutes(20), warn=WarnAt(lead=timedelta(minutes=5))),
    target(Metric.UPDATE, "P1", minutes(60), runs_in=frozenset({"in_progress"})),
    target(
        Metric.FIRST_RESPONSE, "P2", BusinessDays(1), calendar=OFFICE, pauses_in=frozenset({"waiting", "acknowledged"})
    ),
    target(Metric.NEXT_RESPONSE, "P2", hours(3), pauses_in=frozenset()),
    target(Metric.RESOLUTION, "P3", BestEffort()),
    target(Metric.CALLBACK, "P2", minutes(30)),
    target(Metric.DELIVERY, "*", BusinessDays(2, low=1, rule="end_of_day"), calendar=OFFICE),
    driver=Driver.SEVERITY,
    version=2,
)
PLANS = [enterprise(), SEVERITY_DRIVEN]
PRIORITIES = ["P1", "P2", "P3", "P4"]
STATES = ["acknowledged", "in_progress", "waiting", "resolved", "reopened"]


def gap_of(number: int) -> timedelta:
    """None at all, or some seconds, minutes or days: one number of a test each, for drawing is what takes the time."""
    if number < 3_000:
        return timedelta(0)
    if number < 6_500:
        return timedelta(seconds=(number - 2_999) * 2)
    return timedelta(seconds=(number - 6_499) * 97)


gaps = st.integers(0, 10_000).map(gap_of)

PLAIN = [
    FactKind.CUSTOMER_WROTE,
    FactKind.REPLIED,
    FactKind.CALL_LOGGED,
    FactKind.NO_REPLY_NEEDED,
    FactKind.CALLBACK_REQUESTED,
    FactKind.DELIVERY_REQUESTED,
    FactKind.DELIVERED,
    FactKind.MERGED,
]
HAPPENINGS: list[dict[str, Any]] = [
    *({"kind": kind} for kind in PLAIN),
    *({"kind": FactKind.STATE_CHANGED, "state": state} for state in STATES * 2),
    *({"kind": FactKind.PRIORITY_CHANGED, "priority": code} for code in PRIORITIES),
    *({"kind": FactKind.SEVERITY_CHANGED, "severity": code} for code in [None, *PRIORITIES]),
    *({"kind": FactKind.TERMS_CHANGED, "terms": plan} for plan in [None, *PLANS]),
    *({"kind": FactKind.UPDATE_PROMISED} for _ in range(3)),
]
happenings = st.tuples(st.integers(0, len(HAPPENINGS) - 1), gaps)


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """An opening and up to fifteen facts after it, at any distance, several at one instant among them."""
    now = START
    contact = draw(st.one_of(st.none(), st.just(START - timedelta(minutes=50))))
    priority, plan = draw(st.sampled_from(PRIORITIES)), draw(st.sampled_from(PLANS))
    facts = [Fact(now, FactKind.OPENED, priority=priority, terms=plan, since=contact)]
    for gap, drawn in draw(st.lists(st.tuples(gaps, happenings), max_size=15)):
        now += gap
        facts.append(later_fact(now, drawn))
    return facts


def later_fact(now: datetime, drawn: tuple[int, timedelta]) -> Fact:
    """What happens at ``now``; the gap is what an update is promised for."""
    which, gap = drawn
    until = now + gap if HAPPENINGS[which]["kind"] is FactKind.UPDATE_PROMISED else None
    return Fact(now, until=until, **HAPPENINGS[which])


def live(facts: list[Fact], looks: list[datetime]) -> tuple[Book, list[Alarm]]:
    """The book as the running system keeps it: somebody looks at every one of these instants and at every alarm."""
    book, alarms = Book(), list[Alarm]()
    for each in facts:
        while (due := next_alarm_at(book.runs)) is not None and due < each.at and any(look >= due for look in looks):
            book, new = advance(book, min(each.at, due + timedelta(microseconds=1)))
            alarms += new
        for look in (look for look in looks if look <= each.at):
            book, new = advance(book, look)
            alarms += new
        book, new = step(book, each)
        alarms += new
    return book, alarms


def settled(book: Book, end: datetime) -> tuple[Run, ...]:
    return advance(book, end)[0].runs


@given(histories(), st.lists(gaps, max_size=8))
def test_looking_at_the_clock_changes_nothing(facts: list[Fact], looks: list[timedelta]) -> None:
    end = facts[-1].at + timedelta(days=10)
    book, _ = live(facts, [START + gap for gap in looks])
    assert settled(book, end) == settled(replay(facts), end)


@given(histories(), st.integers(0, 15))
def test_a_history_may_be_folded_in_two_parts(facts: list[Fact], cut: int) -> None:
    assert replay(facts[cut:], book=replay(facts[:cut])) == replay(facts)


@given(histories(), st.integers(1, 15))
def test_settled_runs_never_change(facts: list[Fact], cut: int) -> None:
    frozen = [run for run in replay(facts[:cut]).runs if not run.is_open]
    after = replay(facts).runs
    assert all(run in after for run in frozen)


@given(histories())
def test_every_run_keeps_its_invariants(facts: list[Fact]) -> None:
    end = facts[-1].at + timedelta(days=10)
    book = Book()
    for each in facts:
        book, _ = step(book, each)
        hold(book, each.at)
    hold(advance(book, end)[0], end)


def hold(book: Book, now: datetime) -> None:
    slots = [(run.metric, run.audience) for run in book.runs if run.is_open]
    assert len(slots) == len(set(slots)), "one open run of a kind at most"
    cycles = [(run.metric, run.audience, run.cycle) for run in book.runs]
    assert len(cycles) == len(set(cycles))
    assert book.is_open or not slots, "nothing runs on a closed ticket"
    for run in book.runs:
        assert (run.settled_at is None) == (run.outcome is None)
        assert run.is_open or not run.is_paused
        assert run.breached_at in (None, run.due_at)
        if run.outcome is not None:
            assert (run.outcome is Outcome.LATE) == (run.breached_at is not None)
        if run.outcome is Outcome.MET and run.due_at is not None and run.settled_at is not None:
            assert run.settled_at <= run.due_at
        if run.target.is_best_effort and run.promised_at is None:
            assert run.due_at is None
        if run.is_open and run.due_at is not None:
            assert (run.due_at < now) == (run.breached_at is not None), (
                "breached exactly when the due instant has passed"
            )
        if run.warn_at is not None and run.due_at is not None:
            assert run.started_at <= run.warn_at <= run.due_at
        for earlier, later in zip(run.pauses, run.pauses[1:], strict=False):
            assert earlier.began_at < earlier.ended_at <= later.began_at


@given(histories())
def test_breach_alarms_carry_the_due_instant_and_come_in_order(facts: list[Fact]) -> None:
    book = replay(facts)
    _, alarms = advance(book, facts[-1].at + timedelta(days=10))
    assert [alarm.at for alarm in alarms] == sorted(alarm.at for alarm in alarms)
    for alarm in alarms:
        assert alarm.at == (alarm.run.breached_at if alarm.kind is AlarmKind.BREACH else alarm.run.warned_at)
