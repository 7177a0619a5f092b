"""Weekly hours as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.contract.hours import AROUND_THE_CLOCK, WORKING_DAYS_WHOLE, Week, parse_week, week_json, write_week
from sla.calendars import BusinessCalendar

NINE_TO_FIVE = (("09:00", "17:00"),)
CLOSED: tuple[tuple[str, str], ...] = ()


@pytest.mark.parametrize(
    ("written", "week"),
    [
        ("24x7", AROUND_THE_CLOCK),
        ("24/7", AROUND_THE_CLOCK),
        ("24x5", WORKING_DAYS_WHOLE),
        ({"mon-sun": "00:00-24:00"}, AROUND_THE_CLOCK),
        ({"mon-fri": "09:00-17:00"}, (NINE_TO_FIVE,) * 5 + (CLOSED,) * 2),
        ({"Monday": "09:00–17:00", "sat, sun": "closed"}, (NINE_TO_FIVE,) + (CLOSED,) * 6),
        ({"mon": "13:00-17:00, 09:00-12:00"}, ((("09:00", "12:00"), ("13:00", "17:00")),) + (CLOSED,) * 6),
        ({"mon": ["09:00-12:00", "13:00-17:00"]}, ((("09:00", "12:00"), ("13:00", "17:00")),) + (CLOSED,) * 6),
        ({"sun": "22:00-06:00"}, (CLOSED,) * 6 + ((("22:00", "06:00"),),)),
        ({"mon-sun": "closed"}, (CLOSED,) * 7),
    ],
)
def test_a_week_is_read_as_people_write_it(written: object, week: Week) -> None:
    assert parse_week(written) == week
    assert parse_week(write_week(week)) == week


def test_equal_days_in_a_row_are_written_together() -> None:
    week = parse_week({"mon, tue, thu": "09:00-17:00", "sat": "10:00-12:00"})
    assert write_week(week) == {"mon-tue": "09:00-17:00", "thu": "09:00-17:00", "sat": "10:00-12:00"}


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("always", "expected '24x7', '24x5', or opening hours by day"),
        ({}, "expected '24x7'"),
        (None, "expected '24x7'"),
        ({"moon": "09:00-17:00"}, "expected a day or days such as 'mon'"),
        ({"fri-mon": "09:00-17:00"}, "expected a day or days such as 'mon'"),
        ({"mon-fri": "09:00-17:00", "fri": "closed"}, "'fri' is given twice"),
        ({"mon": "9-17"}, r"expected a clock time from 00:00 to 24:00, found '9' \(at 'mon'\)"),
        ({"mon": "09:00-25:00"}, "expected a clock time from 00:00 to 24:00, found '25:00'"),
        ({"mon": "24:30-09:00"}, "expected a clock time"),
        ({"mon": "09:60-10:00"}, "expected a clock time"),
        ({"mon": "nine to five"}, "expected opening hours such as '09:00-17:00'"),
        ({"mon": 9}, "expected opening hours such as '09:00-17:00'"),
        ({"mon": "09:00-09:00"}, "a whole day is 00:00-24:00"),
        ({"mon": "24:00-06:00"}, "a beginning and an end"),
        ({"mon": "09:00-13:00, 12:00-17:00"}, "shifts that do not overlap, and those of 'mon' do"),
        ({"mon": "22:00-06:00", "tue": "05:00-09:00"}, "those of 'mon' do"),
        ({"sun": "22:00-06:00", "mon": "05:00-09:00"}, "those of 'sun' do"),
    ],
)
def test_a_broken_week_is_refused_naming_what_was_expected(written: object, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_week(written)


HOURS = st.lists(st.integers(0, 24), min_size=2, max_size=6, unique=True).map(
    lambda marks: tuple(
        (f"{opens:02}:00", f"{closes:02}:00")
        for opens, closes in zip(sorted(marks)[::2], sorted(marks)[1::2], strict=False)
    )
)


@given(st.tuples(*[st.one_of(st.just(CLOSED), HOURS)] * 7))
def test_every_week_is_written_so_that_it_reads_the_same_and_the_engine_takes_it(week: Week) -> None:
    assert parse_week(write_week(week)) == week
    calendar = BusinessCalendar.from_json({"zone": "Europe/Kyiv", "week": week_json(week)})
    assert calendar.is_never_open == (week == (CLOSED,) * 7)
