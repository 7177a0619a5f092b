"""What the business calendar promises, rule by rule, and against brute force over real zones."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla.calendars import TZDATA_VERSION, ZONE_NAMES, BusinessCalendar, Rule
from tests.sla.oracle import Oracle

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "cases" / "business_time.json"
CASES = json.loads((SHARED if SHARED.exists() else ROOT / "tests" / "cases" / "business_time.json").read_text())

WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]
ALL_DAYS = [*WEEKDAYS, "sat", "sun"]
OFFICE_WEEK = {day: [("09:00", "17:00")] for day in WEEKDAYS}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def office(zone: str = "UTC", **more: Any) -> BusinessCalendar:
    return BusinessCalendar(zone, OFFICE_WEEK, **more)


def every_day(*hours: tuple[str, str], zone: str = "UTC", **more: Any) -> BusinessCalendar:
    return BusinessCalendar(zone, dict.fromkeys(ALL_DAYS, hours), **more)


def periods(calendar: BusinessCalendar, a: str, b: str, **more: Any) -> list[tuple[str, str]]:
    return [(f"{p:%d %H:%M}", f"{q:%d %H:%M}") for p, q in calendar.open_periods(at(a), at(b), **more)]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_gathered_case(case: dict[str, Any]) -> None:
    calendar = BusinessCalendar.from_json(case["calendar"])
    start = at(case["start"])
    pauses = [(at(p), at(q)) for p, q in case.get("pauses") or ()]
    expected = case["expect"]
    match case["op"]:
        case "add":
            assert calendar.add(start, case["amount_seconds"], pauses) == (expected and at(expected))
        case "between":
            assert calendar.between(start, at(case["end"]), pauses) == expected
        case "is_open":
            assert calendar.is_open(start, pauses) is expected
        case "next_open":
            assert calendar.next_open(start, pauses) == (expected and at(expected))
        case "add_days":
            assert calendar.add_days(start, case["days"], case["rule"]) == (expected and at(expected))
        case other:
            pytest.fail(f"no such question: {other}")


class TestShifts:
    def test_back_to_back_days_lose_no_instant(self) -> None:
        around_the_clock = every_day(("00:00", "24:00"))
        assert around_the_clock.between(at("2026-01-01T00:00Z"), at("2027-01-01T00:00Z")) == 365 * 86400
        assert around_the_clock.add(at("2026-05-01T23:59:59.999999Z"), 1) == at("2026-05-02T00:00:00.999999Z")

    def test_touching_stretches_are_one(self) -> None:
        assert periods(every_day(("00:00", "24:00")), "2026-05-01T12:00Z", "2026-05-20T12:00Z") == [
            ("01 12:00", "20 12:00")
        ]

    def test_overlapping_shifts_count_once(self) -> None:
        calendar = every_day(("09:00", "13:00"), ("11:00", "15:00"), ("12:00", "12:30"))
        assert calendar.between(at("2026-05-04T00:00Z"), at("2026-05-05T00:00Z")) == 6 * 3600

    def test_until_midnight_is_written_either_way(self) -> None:
        assert every_day(("17:00", "00:00")) == every_day(("17:00", "24:00"))

    def test_seconds_in_shift_times(self) -> None:
        assert every_day(("09:00:30", "09:00:45")).between(at("2026-05-04T00:00Z"), at("2026-05-05T00:00Z")) == 15

    def test_shifts_read_as_they_are_written(self) -> None:
        assert [str(shift) for shift in every_day(("22:00", "06:00"), ("00:00", "24:00")).week[0]] == [
            "00:00–24:00",
            "22:00–06:00",
        ]

    def test_times_of_day_serve_as_well(self) -> None:
        assert every_day((time(9), time(17))) == every_day(("09:00", "17:00"))  # type: ignore[arg-type]


class TestSpans:
    def test_used_up_at_closing_is_due_at_closing(self) -> None:
        assert office().add(at("2026-05-01T16:00Z"), 3600) == at("2026-05-01T17:00Z")
        assert office().add(at("2026-05-01T16:00Z"), 3601) == at("2026-05-04T09:00:01Z")

    def test_going_back_stops_at_the_opening(self) -> None:
        assert office().add(at("2026-05-04T10:00Z"), -3600) == at("2026-05-04T09:00Z")
        assert office().add(at("2026-05-04T10:00Z"), -3601) == at("2026-05-01T16:59:59Z")

    def test_nothing_added_is_the_start_even_outside_hours(self) -> None:
        assert office().add(at("2026-05-03T03:00+02:00"), 0) == at("2026-05-03T01:00Z")
        assert office().add(at("2026-05-03T03:00Z"), 0.0, [(at("2026-05-03T00:00Z"), None)]) == at("2026-05-03T03:00Z")

    def test_exact_to_the_microsecond(self) -> None:
        assert office().add(at("2026-05-01T16:59:59.500001Z"), 1) == at("2026-05-04T09:00:00.500001Z")
        assert office().add(at("2026-05-01T12:00Z"), 0.25) == at("2026-05-01T12:00:00.25Z")
        assert office().between(at("2026-05-01T16:59:59.75Z"), at("2026-05-04T09:00:01Z")) == 1.25

    def test_whole_seconds_are_ints(self) -> None:
        assert type(office().between(at("2026-05-01T10:00Z"), at("2026-05-01T11:00Z"))) is int

    def test_reversed_arguments_change_the_sign(self) -> None:
        a, b = at("2026-05-01T12:00Z"), at("2026-05-05T12:00Z")
        pauses = [(at("2026-05-04T10:00Z"), at("2026-05-04T11:00Z"))]
        assert office().between(b, a, pauses) == -office().between(a, b, pauses) == -(5 + 7 + 3) * 3600

    def test_answers_are_in_utc_whatever_zone_is_asked_in(self) -> None:
        asked = datetime(2026, 5, 4, 12, tzinfo=ZoneInfo("Asia/Kathmandu"))
        due = office().add(asked, 60)
        assert due is not None
        assert due.tzinfo is UTC
        assert due == at("2026-05-04T09:01Z")


class TestClockChanges:
    def test_lord_howe_moves_by_half_an_hour(self) -> None:
        calendar = every_day(("00:00", "24:00"), zone="Australia/Lord_Howe")
        assert calendar.between(at("2026-04-05T00:00+11:00"), at("2026-04-06T00:00+10:30")) == 24.5 * 3600
        assert calendar.between(at("2026-10-04T00:00+10:30"), at("2026-10-05T00:00+11:00")) == 23.5 * 3600

    def test_samoa_had_no_30_december_2011(self) -> None:
        calendar = every_day(("09:00", "17:00"), zone="Pacific/Apia")
        assert periods(calendar, "2011-12-29T00:00-10:00", "2012-01-01T00:00+14:00") == [
            ("29 19:00", "30 03:00"),
            ("30 19:00", "31 03:00"),
        ]
        due = calendar.add_days(at("2011-12-29T10:00-10:00"), 1)
        assert due == at("2011-12-31T10:00+14:00")

    def test_a_night_into_the_skipped_date_ends_a_gap_later(self) -> None:
        calendar = BusinessCalendar("Pacific/Apia", {"thu": [("22:00", "06:00")]})
        assert calendar.between(at("2011-12-29T00:00-10:00"), at("2012-01-02T00:00+14:00")) == 8 * 3600
        assert calendar.is_open(at("2011-12-31T05:59+14:00"))

    def test_specials_and_holidays_on_a_skipped_date_are_nothing(self) -> None:
        plain = every_day(("00:00", "24:00"), zone="Pacific/Apia")
        odd = every_day(
            ("00:00", "24:00"),
            zone="Pacific/Apia",
            holidays=["2011-12-30"],
            specials={"2011-12-30": [("01:00", "02:00")]},
        )
        span = at("2011-12-28T00:00Z"), at("2012-01-02T00:00Z")
        assert plain.between(*span) == odd.between(*span) == 5 * 86400

    def test_kathmandu(self) -> None:
        assert office("Asia/Kathmandu").next_open(at("2026-05-04T00:00Z")) == at("2026-05-04T03:15Z")

    def test_business_day_at_a_skipped_clock_time(self) -> None:
        calendar = every_day(("00:00", "24:00"), zone="America/New_York")
        assert calendar.add_days(at("2026-03-07T02:30-05:00"), 1) == at("2026-03-08T03:30-04:00")

    def test_same_data_whatever_the_system_has(self) -> None:
        assert "Europe/Kyiv" in ZONE_NAMES
        assert TZDATA_VERSION[:2] == "20"


class TestHolidaysAndSpecials:
    def test_holiday_cuts_the_night_before_and_leaves_the_night_after(self) -> None:
        calendar = every_day(("22:00", "06:00"), holidays=["2026-05-05"])
        assert periods(calendar, "2026-05-04T12:00Z", "2026-05-06T12:00Z") == [
            ("04 22:00", "05 00:00"),
            ("06 00:00", "06 06:00"),
        ]

    def test_special_is_cut_by_no_holiday(self) -> None:
        calendar = office(holidays=["2026-12-24", "2026-12-25"], specials={"2026-12-24": [("20:00", "02:00")]})
        assert periods(calendar, "2026-12-24T00:00Z", "2026-12-26T00:00Z") == [("24 20:00", "25 02:00")]

    def test_special_leaves_the_night_before_alone(self) -> None:
        calendar = every_day(("22:00", "06:00"), specials={"2026-05-05": []})
        assert periods(calendar, "2026-05-05T00:00Z", "2026-05-06T12:00Z") == [("05 00:00", "05 06:00")]

    def test_special_on_a_holiday_does_not_reopen_the_night_before(self) -> None:
        calendar = every_day(("22:00", "06:00"), holidays=["2026-05-05"], specials={"2026-05-05": [("09:00", "12:00")]})
        assert periods(calendar, "2026-05-05T00:00Z", "2026-05-06T12:00Z") == [("05 09:00", "05 12:00")]

    def test_holidays_keep_their_names(self) -> None:
        named = office(holidays={"2026-12-25": "Christmas Day", "2026-12-28": ""})
        assert named.holiday_name(date(2026, 12, 25)) == "Christmas Day"
        assert named.holiday_name(date(2026, 12, 28)) == ""
        assert named.holiday_name(date(2026, 12, 29)) is None
        assert named == office(holidays=[{"date": "2026-12-25", "name": "Christmas Day"}, date(2026, 12, 28)])


class TestPauses:
    LUNCH = (at("2026-05-04T12:00Z"), at("2026-05-04T13:00Z"))

    def test_order_and_overlap_do_not_matter(self) -> None:
        pauses = [(at("2026-05-04T12:30Z"), at("2026-05-04T14:00Z")), self.LUNCH, self.LUNCH]
        assert office().between(at("2026-05-04T09:00Z"), at("2026-05-04T17:00Z"), pauses) == 6 * 3600
        assert office().add(at("2026-05-04T11:00Z"), 2 * 3600, pauses) == at("2026-05-04T15:00Z")

    def test_used_up_as_the_pause_begins(self) -> None:
        assert office().add(at("2026-05-04T11:00Z"), 3600, [self.LUNCH]) == at("2026-05-04T12:00Z")

    def test_going_back_over_a_pause(self) -> None:
        assert office().add(at("2026-05-04T14:00Z"), -3600, [self.LUNCH]) == at("2026-05-04T13:00Z")
        assert office().add(at("2026-05-04T14:00Z"), -2 * 3600, [self.LUNCH]) == at("2026-05-04T11:00Z")

    def test_a_pause_that_is_not_over(self) -> None:
        waiting = [(at("2026-05-04T12:00Z"), None)]
        assert office().between(at("2026-05-04T09:00Z"), at("2026-05-08T17:00Z"), waiting) == 3 * 3600
        assert office().add(at("2026-05-04T09:00Z"), 3 * 3600, waiting) == at("2026-05-04T12:00Z")
        assert office().add(at("2026-05-04T09:00Z"), 3 * 3600 + 1, waiting) is None
        assert office().next_open(at("2026-05-04T12:00Z"), waiting) is None

    def test_open_periods_and_openness(self) -> None:
        assert periods(office(), "2026-05-04T00:00Z", "2026-05-05T00:00Z", pauses=[self.LUNCH]) == [
            ("04 09:00", "04 12:00"),
            ("04 13:00", "04 17:00"),
        ]
        assert not office().is_open(self.LUNCH[0], [self.LUNCH])
        assert office().is_open(self.LUNCH[1], [self.LUNCH])
        assert office().next_open(self.LUNCH[0], [self.LUNCH]) == self.LUNCH[1]

    def test_next_open_after_a_pause_that_ends_outside_hours(self) -> None:
        pauses = [
            (at("2026-05-04T16:00Z"), at("2026-05-04T20:00Z")),
            (at("2026-05-05T08:00Z"), at("2026-05-05T09:30Z")),
        ]
        assert office().next_open(at("2026-05-04T16:30Z"), pauses) == at("2026-05-05T09:30Z")

    def test_business_days_get_back_the_open_time_a_pause_took(self) -> None:
        start = at("2026-05-04T10:00Z")
        assert office().add_days(start, 1, pauses=[self.LUNCH]) == at("2026-05-05T11:00Z")
        night = (at("2026-05-04T17:00Z"), at("2026-05-05T09:00Z"))
        assert office().add_days(start, 1, pauses=[night]) == at("2026-05-05T10:00Z")
        assert office().add_days(start, 1, pauses=[(start, None)]) is None


class TestBusinessDays:
    @pytest.mark.parametrize(
        ("start", "n", "rule", "due"),
        [
            ("2026-05-08T16:30Z", 1, "elapsed", "2026-05-11T16:30Z"),
            ("2026-05-08T17:00Z", 1, "elapsed", "2026-05-11T17:00Z"),
            ("2026-05-11T08:00Z", 1, "elapsed", "2026-05-11T17:00Z"),
            ("2026-05-11T08:00Z", 1, "end_of_day", "2026-05-12T17:00Z"),
            ("2026-05-11T10:00Z", 0, "elapsed", "2026-05-11T10:00Z"),
            ("2026-05-10T10:00Z", 0, "end_of_day", "2026-05-11T17:00Z"),
        ],
    )
    def test_office(self, start: str, n: int, rule: Rule, due: str) -> None:
        assert office().add_days(at(start), n, rule) == at(due)

    def test_closed_at_that_clock_time(self) -> None:
        split = office(
            specials={"2026-05-12": [("08:00", "10:00"), ("14:00", "15:00")], "2026-05-13": [("13:00", "14:00")]}
        )
        assert split.add_days(at("2026-05-11T12:00Z"), 1) == at("2026-05-12T10:00Z")
        assert split.add_days(at("2026-05-11T12:00Z"), 2) == at("2026-05-13T13:00Z")

    def test_a_night_belongs_to_the_date_it_starts_on(self) -> None:
        nights = every_day(("22:00", "06:00"))
        assert nights.add_days(at("2026-05-05T02:00Z"), 1) == at("2026-05-06T02:00Z")
        assert nights.add_days(at("2026-05-05T12:00Z"), 1) == at("2026-05-06T06:00Z")
        assert nights.add_days(at("2026-05-05T02:00Z"), 1, "end_of_day") == at("2026-05-06T06:00Z")

    def test_a_lunch_break_is_outside_hours(self) -> None:
        split = every_day(("09:00", "12:00"), ("13:00", "17:00"))
        assert split.add_days(at("2026-05-04T12:30Z"), 1) == at("2026-05-04T17:00Z")

    def test_only_special_dates(self) -> None:
        calendar = BusinessCalendar(
            "UTC", {}, specials={day: [("09:00", "10:00")] for day in ("2026-05-05", "2031-02-03")}
        )
        assert calendar.add_days(at("2026-05-05T09:30Z"), 1) == at("2031-02-03T09:30Z")
        assert calendar.add_days(at("2026-05-05T09:30Z"), 2) is None

    def test_refused(self) -> None:
        with pytest.raises(ValueError, match="rule"):
            office().add_days(at("2026-05-04T10:00Z"), 1, "calendar")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"^n: "):
            office().add_days(at("2026-05-04T10:00Z"), -1)


class TestNeverAndFarAway:
    START = at("2026-05-04T10:00Z")

    @pytest.mark.parametrize(
        "never",
        [
            BusinessCalendar("UTC", {}),
            BusinessCalendar("Europe/Berlin", {}, specials={"2020-01-02": [("09:00", "10:00")]}),
        ],
        ids=["no hours at all", "only in the past"],
    )
    def test_no_open_time_ahead(self, never: BusinessCalendar) -> None:
        assert never.add(self.START, 1) is None
        assert never.next_open(self.START) is None
        assert never.add_days(self.START, 1) is None
        assert never.add_days(self.START, 1, "end_of_day") is None
        assert never.between(self.START, datetime.max.replace(tzinfo=UTC)) == 0
        assert list(never.open_periods(self.START, at("9999-12-31T00:00Z"))) == []

    def test_is_never_open(self) -> None:
        assert BusinessCalendar("UTC", {"mon": []}, specials={"2026-05-05": []}).is_never_open
        assert not BusinessCalendar("UTC", {}, specials={"2026-05-05": [("09:00", "10:00")]}).is_never_open
        assert not office().is_never_open

    def test_only_far_specials(self) -> None:
        calendar = BusinessCalendar(
            "Asia/Tokyo", {}, specials={"0900-03-01": [("09:00", "10:00")], "9900-03-01": [("09:00", "10:00")]}
        )
        assert calendar.next_open(self.START) == at("9900-03-01T09:00+09:00")
        assert calendar.add(self.START, -3600) == calendar.next_open(at("0800-01-01T00:00Z"))
        assert calendar.between(at("0001-01-01T00:00Z"), at("9999-12-31T00:00Z")) == 7200
        assert calendar.add(self.START, 3601) is None
        assert calendar.add(self.START, -3601) is None

    def test_long_closure_is_crossed(self) -> None:
        first = date(2026, 5, 5)
        closed = office(holidays=[first + timedelta(days=day) for day in range(4000)])
        assert closed.add(self.START, 8 * 3600) == at("2037-04-17T10:00Z")
        assert closed.add(at("2037-04-17T10:00Z"), -8 * 3600) == self.START

    def test_starts_before_and_after_what_was_computed(self) -> None:
        calendar = office("Europe/Kyiv")
        assert calendar.add(self.START, 60) == self.START + timedelta(seconds=60)
        assert calendar.add(at("1985-05-03T13:59:59Z"), 2) is not None
        spans = [at("1970-01-05T00:00Z"), at("1999-01-04T00:00Z"), at("2026-01-05T00:00Z"), at("2069-12-30T00:00Z")]
        parts = sum(calendar.between(a, b) for a, b in pairwise(spans))
        assert parts == calendar.between(spans[0], spans[-1])

    def test_centuries_away_wall_time_repeats_itself(self) -> None:
        calendar = office("America/New_York", holidays=["2026-12-25"])
        cycle = timedelta(days=146_097)
        near, far = at("2150-03-10T12:00Z"), at("2150-03-10T12:00Z") + 11 * cycle
        assert calendar.add(far, 40 * 3600) == calendar.add(near, 40 * 3600) + 11 * cycle  # type: ignore[operator]
        assert calendar.add(far, -40 * 3600) == calendar.add(near, -40 * 3600) + 11 * cycle  # type: ignore[operator]
        assert calendar.is_open(far) is calendar.is_open(near)
        assert calendar.next_open(far) == calendar.next_open(near) + 11 * cycle  # type: ignore[operator]
        # A cycle has 104,355 working days of 8 hours.
        assert calendar.between(near, far) == 11 * 104_355 * 8 * 3600
        assert calendar.add(near, 11 * 104_355 * 8 * 3600) == far - timedelta(hours=15)
        assert calendar.add(far, -11 * 104_355 * 8 * 3600) == near + timedelta(hours=1)

    def test_before_zones_were_invented_it_repeats_every_week(self) -> None:
        calendar = office("Europe/Berlin")
        monday = at("0800-01-03T00:00Z")
        assert calendar.between(monday, monday + timedelta(weeks=1000)) == 1000 * 40 * 3600
        assert calendar.add(monday, 40 * 3600) == at("0800-01-07T16:06:32Z")
        assert len(list(calendar.open_periods(monday, monday + timedelta(weeks=100)))) == 500

    def test_open_periods_across_the_seams_add_up(self) -> None:
        calendar = office("Europe/Berlin")
        for text in ("1799-12-20", "2506-12-20", "2100-01-01"):
            a = at(f"{text}T12:34:56Z")
            b = a + timedelta(days=60)
            found = list(calendar.open_periods(a, b))
            assert sum((q - p).total_seconds() for p, q in found) == calendar.between(a, b)
            assert all(q < p for (_, q), (p, _) in pairwise(found))

    def test_the_ends_of_time(self) -> None:
        first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
        for calendar in (office(), every_day(("00:00", "24:00"), zone="Pacific/Kiritimati")):
            assert calendar.between(first, last) > 0
            assert calendar.add(last, 3600) is None
            assert calendar.add(first, -3600) is None
            assert calendar.add(self.START, 10**12) is None
            assert calendar.add(self.START, -(10**12)) is None
            assert calendar.add_days(self.START, 10**7) is None
            assert not calendar.is_open(last)
            assert calendar.next_open(last) is None

    def test_in_bounded_time(self) -> None:
        began = perf_counter()
        self.test_the_ends_of_time()
        assert perf_counter() - began < 20


class TestValue:
    def test_equal_whatever_the_spelling_and_order(self) -> None:
        one = office(
            holidays=["2026-12-25", "2026-01-01"], specials={"2026-12-24": [("14:00", "15:00"), ("09:00", "12:00")]}
        )
        other = BusinessCalendar.from_json(one.to_json())
        assert one == other
        assert hash(one) == hash(other)
        assert one.version_key == other.version_key
        assert one.version_key != office().version_key

    def test_questions_do_not_change_it(self) -> None:
        asked, fresh = office(holidays=["2026-07-01"]), office(holidays=["2026-07-01"])
        asked.between(at("1990-01-01T00:00Z"), at("2090-01-01T00:00Z"))
        assert asked == fresh
        assert hash(asked) == hash(fresh)

    def test_it_cannot_be_changed(self) -> None:
        with pytest.raises(AttributeError):
            office().zone = "Europe/Berlin"  # type: ignore[misc]

    def test_it_travels(self) -> None:
        calendar = office("Europe/Kyiv", holidays={"2026-08-24": "Independence Day"})
        calendar.add(at("2026-05-04T10:00Z"), 60)
        copy = pickle.loads(pickle.dumps(calendar))
        assert copy == calendar
        assert copy.add(at("2026-05-04T10:00Z"), 60) == at("2026-05-04T10:01Z")

    def test_json_is_plain(self) -> None:
        data = {
            "zone": "Europe/Kyiv",
            "week": {"mon": [["22:00", "06:00"]], "tue": [["00:00", "24:00"]], "wed": [["09:00:30", "12:00"]]},
            "holidays": [{"date": "2026-08-24", "name": "Independence Day"}, "2026-12-25"],
            "specials": {"2026-12-24": [["09:00", "12:00"]], "2026-12-31": []},
        }
        assert json.loads(json.dumps(BusinessCalendar.from_json(data).to_json())) == {
            **data,
            "week": {day: data["week"].get(day, []) for day in ALL_DAYS},  # type: ignore[attr-defined]
        }

    def test_local_is_in_the_calendars_zone(self) -> None:
        assert f"{office('Europe/Kyiv').local(at('2026-05-04T10:00Z')):%H:%M %Z}" == "13:00 EEST"

    def test_threads_share_one_table(self) -> None:
        calendar = office("Europe/Madrid", holidays=["2026-10-12"])
        starts = [at("1950-01-02T10:00Z") + timedelta(days=97 * step) for step in range(600)]
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda start: calendar.add(start, 100 * 3600), starts[::-1]))[::-1]
        alone = BusinessCalendar("Europe/Madrid", OFFICE_WEEK, ["2026-10-12", "1900-01-01"])
        assert together == [alone.add(start, 100 * 3600) for start in starts]


class TestMany:
    def test_the_same_as_one_by_one(self) -> None:
        calendar = every_day(("09:00", "12:00"), ("13:00", "24:00"), zone="America/Havana", holidays=["2026-01-01"])
        starts = [at("1999-11-01T00:00Z") + timedelta(hours=977.25 * step) for step in range(300)]
        for seconds in (0, 1, 3600, 8 * 3600, -8 * 3600, 10**7, -(10**7), 0.5):
            assert calendar.add_many(starts, seconds) == [calendar.add(start, seconds) for start in starts]
        ends = [start + timedelta(days=11) for start in starts]
        assert calendar.between_many(zip(starts, ends, strict=True)) == [
            calendar.between(a, b) for a, b in zip(starts, ends, strict=True)
        ]

    def test_never(self) -> None:
        assert BusinessCalendar("UTC", {}).add_many([at("2026-05-04T10:00Z")], 60) == [None]


class TestRefused:
    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"zone": "Mars/Olympus"}, "^zone: 'Mars/Olympus'"),
            ({"zone": "../../etc/passwd"}, "^zone: "),
            ({"zone": None}, "^zone: "),
            ({"zone": ["UTC"]}, "^zone: "),
            ({"week": {"monday": []}}, "^week.monday: not a weekday"),
            ({"week": {"mon": [["09:00", "09:00"]]}}, r"^week.mon\[0\]: opens and closes at 09:00"),
            ({"week": {"mon": [["24:00", "06:00"]]}}, r"^week.mon\[0\].open"),
            ({"week": {"mon": [["9:00", "17:00"]]}}, r"^week.mon\[0\].open: expected a time"),
            ({"week": {"mon": [["09:00", "24:01"]]}}, r"^week.mon\[0\].close"),
            ({"week": {"mon": [["09:00", "12:60"]]}}, r"^week.mon\[0\].close"),
            ({"week": {"mon": [["09:00", 1020]]}}, r"^week.mon\[0\].close"),
            ({"week": {"mon": [["09:00", "12:00"], ["13:00"]]}}, r"^week.mon\[1\]: expected \[open, close\]"),
            ({"week": {"mon": "09:00-17:00"}}, "^week.mon: expected a list"),
            ({"week": {"mon": ["09:00"]}}, r"^week.mon\[0\]"),
            ({"week": []}, "^week: expected a mapping"),
            ({"holidays": ["2026-02-30"]}, r"^holidays\[0\]: there is no date 2026-02-30"),
            ({"holidays": ["2026-02-28", "28.02.2026"]}, r"^holidays\[1\]: expected a date"),
            ({"holidays": "2026-02-28"}, "^holidays: expected a list"),
            ({"holidays": [{"day": "2026-02-28"}]}, r"^holidays\[0\]: expected a date"),
            ({"holidays": [{"date": "2026-02-28", "name": 5}]}, r"^holidays\[0\].name"),
            ({"specials": {"24 Dec": []}}, "^specials.24 Dec: expected a date"),
            ({"specials": {"2026-12-24": [["12:00", "12:00"]]}}, r"^specials.2026-12-24\[0\]"),
            ({"specials": ["2026-12-24"]}, "^specials: expected a mapping"),
            ({"holiday": []}, "^holiday: not a field"),
        ],
    )
    def test_naming_the_field(self, change: dict[str, Any], named: str) -> None:
        with pytest.raises(ValueError, match=named):
            BusinessCalendar.from_json({"zone": "UTC", "week": {}, **change})

    def test_a_calendar_without_a_zone(self) -> None:
        with pytest.raises(ValueError, match=r"^zone: missing"):
            BusinessCalendar.from_json({"week": {}})

    def test_naive_instants(self) -> None:
        naive, aware = datetime(2026, 5, 4, 10), at("2026-05-04T10:00Z")
        calls: dict[str, Callable[[], object]] = {
            "start": lambda: office().add(naive, 60),
            "a": lambda: office().between(naive, aware),
            "b": lambda: office().between(aware, naive),
            "t": lambda: office().is_open(naive),
            "pauses": lambda: office().is_open(aware, [(naive, aware)]),
            "starts": lambda: office().add_many([naive], 60),
        }
        for name, call in calls.items():
            with pytest.raises(ValueError, match=rf"^{name}: expected an aware datetime"):
                call()
        for ask in (office().next_open, office().local):
            with pytest.raises(ValueError, match=r"^t: "):
                ask(naive)
        with pytest.raises(ValueError, match=r"^start: "):
            office().add_days(naive, 1)
        with pytest.raises(ValueError, match=r"^a: "):
            list(office().open_periods(naive, aware))

    @pytest.mark.parametrize("amount", [float("nan"), float("inf")])
    def test_amounts_that_are_not_numbers(self, amount: float) -> None:
        with pytest.raises(ValueError, match=r"^seconds: "):
            office().add(at("2026-05-04T10:00Z"), amount)


# Brute force

RULES: list[Rule] = ["elapsed", "end_of_day"]
CHANGES = [
    ("Africa/Cairo", date(2010, 8, 11)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Africa/Casablanca", date(2026, 3, 22)),
    ("America/Caracas", date(2016, 5, 1)),
    ("America/Havana", date(2025, 11, 2)),
    ("America/Havana", date(2026, 3, 8)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Nuuk", date(2023, 3, 26)),
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Sao_Paulo", date(2018, 11, 4)),
    ("America/Sao_Paulo", date(2019, 2, 17)),
    ("America/Scoresbysund", date(2024, 3, 31)),
    ("America/St_Johns", date(2006, 10, 29)),
    ("America/St_Johns", date(2007, 3, 11)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Gaza", date(2026, 3, 28)),
    ("Asia/Kathmandu", date(1986, 1, 1)),
    ("Asia/Pyongyang", date(2018, 5, 5)),
    ("Asia/Tehran", date(2022, 9, 22)),
    ("Atlantic/Azores", date(2026, 3, 29)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Europe/Dublin", date(2026, 10, 25)),
    ("Europe/Kyiv", date(2026, 3, 29)),
    ("Europe/London", date(2026, 10, 25)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Pacific/Chatham", date(2026, 9, 27)),
    ("Pacific/Kiritimati", date(1994, 12, 31)),
    ("Pacific/Kwajalein", date(1993, 8, 21)),
    ("Pacific/Norfolk", date(2015, 10, 4)),
]
# Until 1972 Monrovia's offset was not a whole minute, which the oracle walks in.
ANYWHERE = st.tuples(
    st.sampled_from(sorted(ZONE_NAMES)),
    st.dates(date(1973, 1, 1), date(2090, 1, 1)).map(lambda day: day.replace(day=15)),
)

clock_times = st.one_of(
    st.sampled_from(["00:00", "00:30", "01:30", "02:00", "02:30", "06:00", "09:00", "17:00", "22:00", "23:59"]),
    st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}"),
)
shifts = (
    st.tuples(clock_times, st.one_of(clock_times, st.just("24:00"))).filter(lambda pair: pair[0] != pair[1]).map(list)
)
hours = st.one_of(st.lists(shifts, max_size=3), st.just([["00:00", "24:00"]]))


@st.composite
def situations(draw: st.DrawFn) -> tuple[dict[str, Any], date]:
    zone, around = draw(st.one_of(st.sampled_from(CHANGES), ANYWHERE))
    near = st.integers(-3, 3).map(lambda days: (around + timedelta(days=days)).isoformat())
    week = draw(
        st.one_of(
            st.fixed_dictionaries(dict.fromkeys(ALL_DAYS, hours)), hours.map(lambda same: dict.fromkeys(ALL_DAYS, same))
        )
    )
    holidays = draw(st.lists(near, max_size=2))
    specials = draw(st.dictionaries(near, hours, max_size=2))
    return {"zone": zone, "week": week, "holidays": holidays, "specials": specials}, around


@st.composite
def instants(draw: st.DrawFn, around: date) -> datetime:
    noon = datetime(around.year, around.month, around.day, 12, tzinfo=UTC)
    minutes = draw(st.integers(-2 * 1440, 2 * 1440))
    return noon + timedelta(minutes=minutes, microseconds=draw(st.sampled_from([0, 0, 1, 30_000_000, 59_999_999])))


@st.composite
def pause_lists(draw: st.DrawFn, around: date) -> list[tuple[datetime, datetime]]:
    starts = draw(st.lists(instants(around), max_size=3))
    return [(start, start + timedelta(seconds=draw(st.integers(0, 86_400)))) for start in starts]


class TestAgainstBruteForce:
    @given(st.data())
    def test_every_question(self, data: st.DataObject) -> None:
        definition, around = data.draw(situations())
        calendar, oracle = BusinessCalendar.from_json(definition), Oracle(definition, around)
        start, end = data.draw(instants(around)), data.draw(instants(around))
        pauses = data.draw(pause_lists(around))
        amount = timedelta(seconds=data.draw(st.integers(-100_000, 100_000)))
        n, rule = data.draw(st.integers(1, 3)), data.draw(st.sampled_from(RULES))

        open_time = calendar.between(start, end, pauses)
        assert open_time == oracle.between(start, end, pauses)
        assert calendar.is_open(start, pauses) is oracle.is_open(start, pauses)
        self.agree(oracle, calendar.next_open(start, pauses), oracle.next_open(start, pauses))
        self.agree(oracle, calendar.add(start, amount.total_seconds(), pauses), oracle.add(start, amount, pauses))
        self.agree(oracle, calendar.add_days(start, n, rule), oracle.add_days(start, n, rule))

        found = list(calendar.open_periods(start, end, pauses))
        assert sum((q - p).total_seconds() for p, q in found) == pytest.approx(max(0, open_time), abs=1e-6)
        assert all((p < q and not oracle.is_open(q, pauses)) or q == end for p, q in found)

    @staticmethod
    def agree(oracle: Oracle, answer: datetime | None, expected: datetime | str) -> None:
        if isinstance(expected, str):
            assert answer is None or not oracle.knows_from < answer < oracle.knows_until
        else:
            assert answer == expected

    @given(st.data())
    def test_there_and_back(self, data: st.DataObject) -> None:
        definition, around = data.draw(situations())
        calendar = BusinessCalendar.from_json(definition)
        start = data.draw(instants(around))
        pauses = data.draw(pause_lists(around))
        seconds = data.draw(st.integers(-(10**8), 10**8))
        due = calendar.add(start, seconds, pauses)
        if due is not None:
            assert calendar.between(start, due, pauses) == seconds
            assert calendar.between(due, start, pauses) == -seconds
