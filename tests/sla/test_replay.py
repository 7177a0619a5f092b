"""Live state equals replay from scratch, whatever happens and whenever anybody looks at the clock."""

from __future__ import annotations

from datetime import datetime, timedelta

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

gaps = st.one_of(st.just(0), st.integers(1, 7200), st.integers(1, 4 * 86400)).map(
    lambda seconds: timedelta(seconds=seconds)
)
plain = [
    FactKind.CUSTOMER_WROTE,
    FactKind.REPLIED,
    FactKind.CALL_LOGGED,
    FactKind.NO_REPLY_NEEDED,
    FactKind.CALLBACK_REQUESTED,
    FactKind.DELIVERY_REQUESTED,
    FactKind.DELIVERED,
    FactKind.MERGED,
]


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """An opening and up to fifteen facts after it, at any distance, several at one instant among them."""
    now = START
    contact = draw(st.one_of(st.none(), st.just(START - timedelta(minutes=50))))
    facts = [
        Fact(
            now,
            FactKind.OPENED,
            priority=draw(st.sampled_from(PRIORITIES)),
            terms=draw(st.sampled_from(PLANS)),
            since=contact,
        )
    ]
    for _ in range(draw(st.integers(0, 15))):
        now += draw(gaps)
        facts.append(draw(later_fact(now)))
    return facts


@st.composite
def later_fact(draw: st.DrawFn, now: datetime) -> Fact:
    kind = draw(
        st.one_of(
            st.sampled_from(plain),
            st.just(FactKind.STATE_CHANGED),
            st.sampled_from(
                [FactKind.PRIORITY_CHANGED, FactKind.SEVERITY_CHANGED, FactKind.TERMS_CHANGED, FactKind.UPDATE_PROMISED]
            ),
        )
    )
    match kind:
        case FactKind.STATE_CHANGED:
            return Fact(now, kind, state=draw(st.sampled_from(STATES)))
        case FactKind.PRIORITY_CHANGED:
            return Fact(now, kind, priority=draw(st.sampled_from(PRIORITIES)))
        case FactKind.SEVERITY_CHANGED:
            return Fact(now, kind, severity=draw(st.sampled_from([None, *PRIORITIES])))
        case FactKind.TERMS_CHANGED:
            return Fact(now, kind, terms=draw(st.sampled_from([None, *PLANS])))
        case FactKind.UPDATE_PROMISED:
            return Fact(now, kind, until=now + draw(gaps))
        case _:
            return Fact(now, kind)


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
