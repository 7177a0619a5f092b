"""A clock at a glance. All instants are UTC on Tuesday 10 March 2026 unless they say otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sla.book import Book
from sla.chips import Chip, ChipState, Waiting, chip, counts_only_open_time, reason_text, waiting_instead
from sla.clocks import replay
from sla.facts import Fact, FactKind
from sla.targets import Audience, Metric
from tests.sla.promises import ALWAYS, OFFICE, enterprise, utc

OPENED_P1 = Fact(utc("10:00"), FactKind.OPENED, priority="P1", terms=enterprise())
OPENED_P2 = replace(OPENED_P1, priority="P2")
OPENED_P3 = replace(OPENED_P1, priority="P3")


def state(at: str, text: str, reason: str = "") -> Fact:
    return Fact(utc(at), FactKind.STATE_CHANGED, state=text, reason=reason)


def first_response(book: Book, at: str) -> Chip:
    run = next(run for run in book.runs if (run.metric, run.audience) == (Metric.FIRST_RESPONSE, Audience.CONTRACT))
    return chip(run, utc(at))


@pytest.mark.parametrize(
    ("facts", "at", "expected"),
    [
        ([OPENED_P1], "10:30", ChipState.RUNNING),
        ([OPENED_P1], "11:30", ChipState.AT_RISK),
        ([OPENED_P1], "12:00", ChipState.AT_RISK),
        ([OPENED_P1], "12:00:01", ChipState.BREACHED),
        ([OPENED_P1, state("10:30", "waiting")], "2026-03-12T10:00", ChipState.PAUSED),
        ([OPENED_P1, Fact(utc("11:00"), FactKind.REPLIED)], "13:00", ChipState.MET),
        ([OPENED_P1, Fact(utc("12:30"), FactKind.REPLIED)], "13:00", ChipState.LATE),
        ([OPENED_P3], "2026-03-19T10:00", ChipState.BEST_EFFORT),
        ([OPENED_P3, Fact(utc("12:30"), FactKind.REPLIED)], "13:00", ChipState.MET),
    ],
    ids=[
        "running",
        "at risk from the warning",
        "in time until the due instant",
        "breached after it, noticed or not",
        "paused",
        "met",
        "late",
        "best effort",
        "best effort, met",
    ],
)
def test_the_state(facts: list[Fact], at: str, expected: ChipState) -> None:
    assert first_response(replay(facts), at).state is expected


def test_what_is_left_is_open_time() -> None:
    seen = first_response(replay([OPENED_P2]), "10:30")
    assert (seen.left, seen.remaining_seconds) == (timedelta(hours=3, minutes=30), 12600)
    evening = Fact(utc("2026-03-10T14:00"), FactKind.OPENED, priority="P2", terms=enterprise())
    assert first_response(replay([evening]), "2026-03-10T20:00").left == timedelta(hours=3)


def test_the_ring_is_the_share_of_open_time_used() -> None:
    assert first_response(replay([OPENED_P1]), "10:30").share_used == pytest.approx(0.25)
    assert first_response(replay([OPENED_P1]), "18:00").share_used == 1.0
    answered = replay([OPENED_P1, Fact(utc("11:00"), FactKind.REPLIED)])
    assert first_response(answered, "18:00").share_used == pytest.approx(0.5)
    assert first_response(replay([OPENED_P3]), "18:00").share_used == 0.0


def test_a_paused_clock_shows_what_it_will_have_left() -> None:
    paused = first_response(replay([OPENED_P1, state("10:30", "waiting")]), "2026-03-12T10:00")
    assert (paused.due_at, paused.left) == (None, timedelta(hours=1, minutes=30))
    assert paused.share_used == pytest.approx(0.25)


def test_a_calendar_with_closed_time_brings_the_stretches_that_are_ahead() -> None:
    evening = Fact(utc("2026-03-10T14:00"), FactKind.OPENED, priority="P2", terms=enterprise())
    seen = first_response(replay([evening]), "2026-03-10T14:30")
    assert seen.business
    assert seen.open == (
        (utc("2026-03-10T14:30"), utc("2026-03-10T15:00")),
        (utc("2026-03-11T07:00"), utc("2026-03-11T10:00")),
    )
    around_the_clock = first_response(replay([OPENED_P1]), "10:30")
    assert (around_the_clock.business, around_the_clock.open) == (False, ())


def test_a_clock_is_far_while_closed_hours_lie_before_its_due_instant() -> None:
    evening = Fact(utc("2026-03-10T14:00"), FactKind.OPENED, priority="P2", terms=enterprise())
    book = replay([evening])
    assert first_response(book, "2026-03-10T14:30").is_far
    assert first_response(book, "2026-03-10T20:00").is_far
    assert not first_response(book, "2026-03-11T07:00:00.250000").is_far
    assert not first_response(replay([OPENED_P1]), "10:30").is_far


class TestWaitingInstead:
    def test_of_a_clock_that_runs_is_the_clock(self) -> None:
        running = first_response(replay([OPENED_P1]), "10:30")
        assert waiting_instead(running, utc("10:00")) is running

    def test_of_one_that_was_met_is_how_long_the_customer_waits_again(self) -> None:
        met = first_response(replay([OPENED_P1, Fact(utc("11:00"), FactKind.REPLIED)]), "13:00")
        waiting = waiting_instead(met, utc("12:30"))
        assert isinstance(waiting, Waiting)
        assert (waiting.since, waiting.last, waiting.state) == (utc("12:30"), met, ChipState.WAITING)
        assert waiting_instead(met, None) is met

    def test_where_nothing_was_ever_promised(self) -> None:
        assert waiting_instead(None, utc("12:30")) == Waiting(utc("12:30"), None)
        assert waiting_instead(None, None) is None


def test_which_calendars_are_ever_closed() -> None:
    assert not counts_only_open_time(ALWAYS)
    assert counts_only_open_time(OFFICE)


def test_customers_do_not_read_what_agents_write_as_a_reason() -> None:
    book = replay([OPENED_P1, state("10:30", "waiting", "He never answers")])
    run = next(run for run in book.runs if run.audience is Audience.CONTRACT)
    assert chip(run, utc("11:00")).reason == "He never answers"
    assert chip(run, utc("11:00"), for_customer=True).reason == "waiting for your answer"
    assert reason_text("waiting") == "waiting for customer"


def test_internal_objectives_say_that_they_are() -> None:
    labels = {run.audience: chip(run, utc("10:05")).label for run in replay([OPENED_P1]).runs}
    assert labels[Audience.INTERNAL] == "First response (internal)"
