from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.notifications.quiet import quiet_until

KYIV = ZoneInfo("Europe/Kyiv")
NIGHT = (time(22), time(7))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "until"),
    [
        ("2026-03-02 19:59", None),
        ("2026-03-02 20:00", "2026-03-03 05:00"),  # 22:00 in Kyiv: half-open
        ("2026-03-03 02:10", "2026-03-03 05:00"),
        ("2026-03-03 05:00", None),
        ("2026-03-28 23:30", "2026-03-29 04:00"),  # the night in which an hour is skipped
        ("2026-10-24 23:30", "2026-10-25 05:00"),  # the night in which one comes twice
    ],
)
def test_over_midnight(at: str, until: str | None) -> None:
    assert quiet_until(*NIGHT, KYIV, utc(at)) == (utc(until) if until else None)


def test_within_a_day() -> None:
    lunch = (time(12), time(13, 30))
    assert quiet_until(*lunch, KYIV, utc("2026-03-02 10:00")) == utc("2026-03-02 11:30")
    assert quiet_until(*lunch, KYIV, utc("2026-03-02 11:30")) is None


def test_an_end_that_is_skipped_is_the_first_instant_after() -> None:
    """In Kyiv 03:00 to 04:00 did not exist on 29 March 2026."""
    assert quiet_until(time(22), time(3, 30), KYIV, utc("2026-03-28 23:00")) == utc("2026-03-29 01:00")


def test_without_both_ends_there_are_none() -> None:
    assert quiet_until(None, None, KYIV, utc("2026-03-02 23:00")) is None


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),
    st.times(),
    st.times(),
    st.sampled_from(["Europe/Kyiv", "America/New_York", "Australia/Lord_Howe", "UTC"]),
)
def test_the_end_is_later_and_no_quiet_hours_hold_then(at: datetime, starts: time, ends: time, zone: str) -> None:
    starts, ends = starts.replace(microsecond=0, second=0), ends.replace(microsecond=0, second=0)
    if starts == ends:
        return
    instant = at.replace(tzinfo=UTC)
    until = quiet_until(starts, ends, ZoneInfo(zone), instant)
    if until is not None:
        assert until > instant
        assert quiet_until(starts, ends, ZoneInfo(zone), until) is None
