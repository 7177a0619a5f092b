"""Hours that come with a plan: in which period they are to be used, and what is left."""

from __future__ import annotations

from datetime import date

import pytest

from plans.allowances import MOST_PERIODS, Account, Period, accounts, periods
from plans.contract.entitlements import AllowanceSection

JUNE = date(2026, 6, 15)


def allowance(**changed: object) -> AllowanceSection:
    said = {"slug": "expert-services", "name": "Expert Services", "kind": "expert_services", "per": "quarter"}
    return AllowanceSection.model_validate(said | {"hours": [16, 32], "source": "…"} | changed)


@pytest.mark.parametrize(
    ("per", "starts", "ends"),
    [
        ("month", date(2026, 6, 1), date(2026, 7, 1)),
        ("quarter", date(2026, 4, 1), date(2026, 7, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_calendar_periods(per: str, starts: date, ends: date) -> None:
    (latest, *_earlier) = periods(per, starts_on=date(2025, 1, 1), ends_on=None, today=JUNE)
    assert latest == Period(starts, ends)


def test_december_is_in_the_last_quarter() -> None:
    (latest,) = periods("quarter", starts_on=date(2026, 12, 1), ends_on=None, today=date(2026, 12, 31))
    assert latest == Period(date(2026, 10, 1), date(2027, 1, 1))
    assert latest.last_day == date(2026, 12, 31)


def test_a_package_is_for_all_the_dates_of_the_subscription() -> None:
    found = periods("package", starts_on=date(2026, 3, 1), ends_on=None, today=JUNE)
    assert found == [Period(date(2026, 3, 1), None)]
    assert found[0].holds(date(2030, 1, 1))


def test_go_back_to_the_start_of_the_subscription_and_no_further_than_is_shown() -> None:
    found = periods("quarter", starts_on=date(2025, 11, 20), ends_on=None, today=JUNE)
    assert [each.starts_on for each in found] == [date(2026, 4, 1), date(2026, 1, 1), date(2025, 10, 1)]
    assert len(periods("month", starts_on=date(2020, 1, 1), ends_on=None, today=JUNE)) == MOST_PERIODS


def test_end_with_the_subscription_and_begin_with_it() -> None:
    (latest, *_) = periods("quarter", starts_on=date(2025, 1, 1), ends_on=date(2026, 4, 1), today=JUNE)
    assert latest == Period(date(2026, 1, 1), date(2026, 4, 1))
    assert periods("quarter", starts_on=date(2026, 7, 1), ends_on=None, today=JUNE) == []


def test_hours_not_consumed_are_not_rolled_over() -> None:
    found = periods("quarter", starts_on=date(2026, 1, 1), ends_on=None, today=JUNE)
    minutes = {date(2026, 2, 3): 90, date(2026, 3, 31): 30, date(2026, 4, 1): 17 * 60}
    second, first = accounts(allowance(), found, 16, minutes)
    assert (first.used, first.left) == (120, 14 * 60)
    assert (second.used, second.carried, second.left) == (17 * 60, 0, -60)


def test_where_the_plan_says_so_they_are() -> None:
    found = periods("quarter", starts_on=date(2026, 1, 1), ends_on=None, today=JUNE)
    second, first = accounts(allowance(rolls_over=True), found, 16, {date(2026, 2, 3): 60})
    assert first.left == 15 * 60
    assert second == Account(found[0], 16 * 60, 15 * 60, 0)
