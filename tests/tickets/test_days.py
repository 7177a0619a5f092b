"""Days in an address: which are read, when they begin and end, and their words."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tickets import days
from tickets.days import Days

KYIV = ZoneInfo("Europe/Kyiv")
LATE = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)
"""01:30 on Sunday 29 March in Kyiv, before its clocks go forward."""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("today", Days(count=1)),
        ("7d", Days(count=7)),
        ("3650d", Days(count=3650)),
        ("2026-01-05..2026-02-01", Days(first=date(2026, 1, 5), last=date(2026, 2, 1))),
        ("2026-01-05..", Days(first=date(2026, 1, 5))),
        ("..2026-02-01", Days(last=date(2026, 2, 1))),
    ],
)
def test_what_is_read(written: str, read: Days) -> None:
    assert days.read(written) == read


@pytest.mark.parametrize(
    "written", ["", "..", "0d", "3651d", "07d", "7 d", "2026-02-01..2026-01-31", "2026-02-30..", "1969-12-31..", "soon"]
)
def test_what_is_not(written: str) -> None:
    assert days.read(written) is None


def test_the_last_days_begin_at_the_readers_midnight() -> None:
    assert days.before(Days(count=1), LATE, KYIV) == (datetime(2026, 3, 29, tzinfo=KYIV), None)
    assert days.before(Days(count=7), LATE, KYIV) == (datetime(2026, 3, 23, tzinfo=KYIV), None)
    assert days.before(Days(count=1), LATE, ZoneInfo("UTC")) == (datetime(2026, 3, 28, tzinfo=UTC), None)


def test_the_next_days_end_at_the_readers_midnight_and_have_no_beginning() -> None:
    first, last = days.ahead(Days(count=1), LATE, KYIV)
    assert (first, last) == (None, datetime(2026, 3, 29, 21, tzinfo=UTC)), "a day of 23 hours"
    assert days.ahead(Days(count=7), LATE, KYIV)[1] == datetime(2026, 4, 5, tzinfo=KYIV)


def test_both_days_of_a_stretch_are_in_it() -> None:
    stretch = Days(first=date(2026, 3, 1), last=date(2026, 3, 2))
    ends = (datetime(2026, 3, 1, tzinfo=KYIV), datetime(2026, 3, 3, tzinfo=KYIV))
    assert days.before(stretch, LATE, KYIV) == days.ahead(stretch, LATE, KYIV) == ends
    assert days.before(Days(last=date(2026, 3, 2)), LATE, KYIV) == (None, ends[1])


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        ("2026-03-01", "2026-03-02", "2026-03-01..2026-03-02"),
        ("2026-03-02", "2026-03-01", "2026-03-01..2026-03-02"),
        ("2026-03-01", "", "2026-03-01.."),
        ("", "2026-03-01", "..2026-03-01"),
        ("", "", ""),
    ],
)
def test_typed_dates_are_written_in_their_order(first: str, last: str, written: str) -> None:
    assert days.written(first, last) == written


@pytest.mark.parametrize(
    ("written", "behind", "ahead"),
    [
        ("today", "today", "today or overdue"),
        ("7d", "in the last 7 days", "in the next 7 days"),
        ("2026-03-01..", "from 1 Mar 2026 on", "from 1 Mar 2026 on"),
        ("..2026-03-01", "until 1 Mar 2026", "until 1 Mar 2026"),
        ("2026-03-01..2026-03-01", "on 1 Mar 2026", "on 1 Mar 2026"),
        ("2026-03-01..2026-04-02", "from 1 Mar 2026 to 2 Apr 2026", "from 1 Mar 2026 to 2 Apr 2026"),
    ],
)
def test_their_words(written: str, behind: str, ahead: str) -> None:
    read = days.read(written)
    assert read is not None
    assert (days.words(read), days.words(read, is_ahead=True)) == (behind, ahead)
