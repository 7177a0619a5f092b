"""What a target promises: the due instant, the lower end of a range, the warning, and which targets hold."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sla.targets import ANY_PRIORITY, Audience, BestEffort, BusinessDays, Driver, Metric, Span, WarnAt
from tests.sla.promises import CLOSED, OFFICE, enterprise, hours, minutes, target, terms, utc

FRIDAY_EVENING = utc("2026-03-06T14:30")
"""16:30 in Kyiv; the Monday after it is a holiday."""


def test_a_span_counts_open_time_only() -> None:
    promise = target(Metric.FIRST_RESPONSE, "P2", hours(4), calendar=OFFICE)
    assert promise.due(FRIDAY_EVENING) == utc("2026-03-10T10:30")


def test_pauses_do_not_count() -> None:
    promise = target(Metric.FIRST_RESPONSE, "P1", hours(2))
    assert promise.due(utc("10:00"), [(utc("11:00"), utc("11:40"))]) == utc("12:40")


def test_business_days_are_due_at_the_same_clock_time() -> None:
    promise = target(Metric.FIRST_RESPONSE, "P2", BusinessDays(1), calendar=OFFICE)
    assert promise.due(FRIDAY_EVENING) == utc("2026-03-10T14:30")


def test_business_days_get_back_the_open_time_that_pauses_took() -> None:
    promise = target(Metric.FIRST_RESPONSE, "P2", BusinessDays(1), calendar=OFFICE)
    over_the_weekend = [(utc("2026-03-06T14:45"), utc("2026-03-10T07:20"))]
    assert promise.due(FRIDAY_EVENING, over_the_weekend) == utc("2026-03-11T07:05")


def test_a_pause_outside_hours_costs_business_days_nothing() -> None:
    promise = target(Metric.FIRST_RESPONSE, "P2", BusinessDays(1), calendar=OFFICE)
    weekend = [(utc("2026-03-07T00:00"), utc("2026-03-08T12:00"))]
    assert promise.due(FRIDAY_EVENING, weekend) == promise.due(FRIDAY_EVENING)


def test_of_a_range_the_upper_end_is_promised_and_the_lower_shown() -> None:
    promise = target(Metric.FIRST_RESPONSE, "P3", BusinessDays(2, low=1), calendar=OFFICE)
    assert promise.due_low(utc("10:00")) == utc("2026-03-11T10:00")
    assert promise.due(utc("10:00")) == utc("2026-03-12T10:00")
    assert target(Metric.FIRST_RESPONSE, "P3", BusinessDays(2), calendar=OFFICE).due_low(utc("10:00")) is None


def test_best_effort_is_never_due_and_never_warns() -> None:
    promise = target(Metric.FIRST_RESPONSE, "P3", BestEffort())
    assert promise.is_best_effort
    assert promise.due(utc("10:00")) is None
    assert promise.warn_at(utc("10:00")) is None


def test_a_calendar_that_never_opens_is_never_due() -> None:
    assert target(Metric.FIRST_RESPONSE, "P1", hours(2), calendar=CLOSED).due(utc("10:00")) is None


@pytest.mark.parametrize(
    ("warn", "expected"),
    [
        (WarnAt(0.75), utc("11:30")),
        (WarnAt(lead=timedelta(minutes=10)), utc("11:50")),
        (WarnAt(0.75, timedelta(minutes=10)), utc("11:30")),
        (WarnAt(0.75, timedelta(minutes=45)), utc("11:15")),
        (WarnAt(lead=timedelta(hours=5)), utc("10:00")),
        (WarnAt(), None),
    ],
    ids=["fraction", "lead", "earlier of both: fraction", "earlier of both: lead", "not before the start", "none"],
)
def test_the_warning_before_two_hours_from_ten(warn: WarnAt, expected: object) -> None:
    assert target(Metric.FIRST_RESPONSE, "P1", hours(2), warn=warn).warn_at(utc("10:00")) == expected


def test_the_fraction_is_of_open_time_with_pauses_taken_out() -> None:
    promise = target(Metric.FIRST_RESPONSE, "P2", hours(4), calendar=OFFICE, warn=WarnAt(0.5))
    assert promise.warn_at(FRIDAY_EVENING) == utc("2026-03-10T08:30")
    assert promise.warn_at(FRIDAY_EVENING, [(utc("08:00"), utc("08:10"))]) == utc("2026-03-10T08:40")


class TestApplying:
    """Which targets hold for a priority and a triage severity."""

    def test_the_customers_priority_drives_the_contract_and_severity_the_internal_ones(self) -> None:
        mine = enterprise().applying("P3", "P1")
        assert {(each.priority, each.audience) for each in mine} == {
            ("P3", Audience.CONTRACT),
            ("P1", Audience.INTERNAL),
        }

    def test_a_plan_may_let_severity_drive_the_contract_too(self) -> None:
        plan = terms(*enterprise().targets, driver=Driver.SEVERITY)
        assert {each.priority for each in plan.applying("P3", "P2")} == {"P2"}
        assert {each.priority for each in plan.applying("P3", None)} == {"P3"}

    def test_a_target_for_any_priority_always_holds(self) -> None:
        hourly = target(Metric.UPDATE, ANY_PRIORITY, minutes(60))
        assert terms(hourly).applying("Urgent") == (hourly,)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Span(0),
        lambda: BusinessDays(0),
        lambda: BusinessDays(1, low=2),
        lambda: WarnAt(0.0),
        lambda: WarnAt(1.5),
        lambda: WarnAt(lead=timedelta(0)),
        lambda: terms(target(Metric.UPDATE, "P1", minutes(5)), target(Metric.UPDATE, "P1", minutes(6))),
    ],
)
def test_nonsense_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"must|lies|comes|same key"):
        wrong()  # type: ignore[operator]
