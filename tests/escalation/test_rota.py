"""Who is on call: turns, hours, overrides, swaps, absences, and what holds whatever they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.rota import (
    Absence,
    Duty,
    Lack,
    Layer,
    Override,
    Roster,
    Swap,
    Terms,
    Why,
    first_called,
    gaps,
    on_call,
    shifts,
)
from escalation.turns import Turns, instant
from sla.shifts import WEEKDAYS, read_week
from sla.zones import zone

ANN, BEN, CYD = 1, 2, 3
NAMES = {ANN: "ann", BEN: "ben", CYD: "cyd"}
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
OFFICE = read_week({day: [("09:00", "17:00")] for day in WEEKDAYS[:5]})
NIGHTS = read_week({day: [("17:00", "09:00")] for day in WEEKDAYS})


def at(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def layer(*people: int, **more: Any) -> Layer:
    """Daily turns from Monday 2 March 2026, 09:00 UTC, unless said otherwise."""
    said: dict[str, Any] = {"key": 1, "zone": "UTC", "starts": datetime(2026, 3, 2, 9), "length": DAY} | more
    return Layer(people=people, **said)


def roster(*layers: Layer, **more: Any) -> Roster:
    return Roster((Terms(LONG_AGO, layers),), **more)


def told(found: Roster, start: str, end: str) -> list[str]:
    """The schedule in a line per shift: `03 09:00–04 09:00 ann (why)`."""
    lines = []
    for each in shifts(found, at(start), at(end)):
        why = "" if each.duty.why is Why.TURN else f" {each.duty.why.value}"
        lines.append(f"{each.start:%d %H:%M}–{each.end:%d %H:%M} {NAMES[each.person]}{why}")
    return lines


def who(found: Roster, instant_: str) -> list[str | None]:
    return [NAMES[duty.person] if duty else None for duty in on_call(found, at(instant_))]


def override(person: int, start: str, end: str, **more: Any) -> Override:
    said: dict[str, Any] = {"id": 1, "layer": 1, "made_at": LONG_AGO} | more
    return Override(person=person, start=at(start), end=at(end), **said)


def swap(giver: int, taker: int, start: str, end: str, **more: Any) -> Swap:
    said: dict[str, Any] = {"id": 1, "layer": 1, "asked_at": LONG_AGO, "taken_at": LONG_AGO} | more
    return Swap(giver=giver, taker=taker, start=at(start), end=at(end), **said)


def away(person: int, start: str, end: str, told_at: datetime = LONG_AGO) -> Absence:
    return Absence(person, at(start), at(end), told_at)


class TestTurns:
    def test_follow_the_order_and_begin_again(self) -> None:
        assert told(roster(layer(ANN, BEN)), "2026-03-02T09:00", "2026-03-05T12:00") == [
            "02 09:00–03 09:00 ann",
            "03 09:00–04 09:00 ben",
            "04 09:00–05 09:00 ann",
            "05 09:00–05 12:00 ben",
        ]

    def test_somebody_may_have_two_turns_in_a_row(self) -> None:
        found = roster(layer(ANN, ANN, BEN))
        assert told(found, "2026-03-02T09:00", "2026-03-05T09:00") == [
            "02 09:00–03 09:00 ann",
            "03 09:00–04 09:00 ann",
            "04 09:00–05 09:00 ben",
        ]

    def test_of_one_person_are_still_separate_shifts(self) -> None:
        assert len(told(roster(layer(ANN)), "2026-03-02T09:00", "2026-03-05T09:00")) == 3

    def test_begin_with_the_first_hand_over(self) -> None:
        found = roster(layer(ANN))
        assert who(found, "2026-03-02T08:59:59") == [None]
        assert who(found, "2026-03-02T09:00") == ["ann"]
        assert gaps(found, at("2026-03-01"), at("2026-03-03")) == ()

    def test_are_half_open(self) -> None:
        found = roster(layer(ANN, BEN))
        assert who(found, "2026-03-03T08:59:59") == ["ann"]
        assert who(found, "2026-03-03T09:00") == ["ben"]

    @pytest.mark.parametrize(("length", "second"), [(timedelta(hours=12), "21:00"), (timedelta(hours=1), "10:00")])
    def test_of_hours(self, length: timedelta, second: str) -> None:
        found = roster(layer(ANN, BEN, length=length))
        assert who(found, f"2026-03-02T{second}") == ["ben"]

    def test_of_weeks(self) -> None:
        found = roster(layer(ANN, BEN, length=2 * WEEK))
        assert told(found, "2026-03-10", "2026-03-20") == ["10 00:00–16 09:00 ann", "16 09:00–20 00:00 ben"]

    def test_shorter_than_an_hour_are_refused(self) -> None:
        with pytest.raises(ValueError, match="hour"):
            layer(ANN, length=timedelta(minutes=59))

    def test_in_an_unknown_zone_are_refused(self) -> None:
        with pytest.raises(ValueError, match="Kyivv"):
            layer(ANN, zone="Europe/Kyivv")


class TestHours:
    def test_of_an_office(self) -> None:
        found = roster(layer(ANN, BEN, week=OFFICE))
        assert told(found, "2026-03-05T00:00", "2026-03-10T00:00") == [
            "05 09:00–05 17:00 ben",
            "06 09:00–06 17:00 ann",
            "09 09:00–09 17:00 ben",
        ]

    def test_outside_them_is_meant_and_no_gap(self) -> None:
        found = roster(layer(ANN, week=OFFICE))
        assert gaps(found, at("2026-03-06"), at("2026-03-09")) == ()
        assert {each.lack for each in gaps(found, at("2026-03-06"), at("2026-03-09"), meant=True)} == {Lack.HOURS}

    def test_of_nights_run_into_the_next_day(self) -> None:
        found = roster(layer(ANN, week=NIGHTS), layer(BEN, key=2, week=OFFICE))
        assert who(found, "2026-03-05T03:00") == ["ann", None]
        assert who(found, "2026-03-05T12:00") == [None, "ben"]

    def test_are_the_layers_zone(self) -> None:
        starts = datetime(2026, 3, 2)
        found = roster(layer(ANN, zone="America/New_York", week=OFFICE, starts=starts))
        assert who(found, "2026-03-05T13:59") == [None]
        assert who(found, "2026-03-05T14:00") == ["ann"]
        assert who(found, "2026-03-12T13:00") == ["ann"], "after the clocks went forward"


class TestNightsTheClocksChange:
    """Hand-overs keep their wall time; a skipped one is the first instant after the gap, a doubled one the first."""

    @pytest.mark.parametrize(
        ("where", "day", "hand_over", "utc"),
        [
            ("Europe/Kyiv", "2026-03-28", "08:00", "2026-03-28T06:00"),
            ("Europe/Kyiv", "2026-03-29", "08:00", "2026-03-29T05:00"),
            ("Europe/Kyiv", "2026-03-29", "03:00", "2026-03-29T01:00"),
            ("Europe/Kyiv", "2026-03-29", "03:30", "2026-03-29T01:00"),
            ("Europe/Kyiv", "2026-03-29", "04:00", "2026-03-29T01:00"),
            ("Europe/Kyiv", "2026-10-25", "03:30", "2026-10-25T00:30"),
            ("Europe/Kyiv", "2026-10-25", "04:00", "2026-10-25T02:00"),
            ("Europe/Berlin", "2026-03-29", "02:59", "2026-03-29T01:00"),
            ("Europe/Berlin", "2026-10-25", "02:00", "2026-10-25T00:00"),
            ("Europe/Berlin", "2026-10-25", "03:00", "2026-10-25T02:00"),
            ("America/New_York", "2026-03-08", "02:15", "2026-03-08T07:00"),
            ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
            ("America/New_York", "2026-11-01", "02:00", "2026-11-01T07:00"),
            ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:30"),
            ("Australia/Lord_Howe", "2026-10-04", "02:30", "2026-10-03T15:30"),
            ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45"),
            ("Pacific/Apia", "2011-12-30", "12:00", "2011-12-30T10:00"),
        ],
    )
    def test_a_wall_time_is_one_instant(self, where: str, day: str, hand_over: str, utc: str) -> None:
        assert instant(datetime.fromisoformat(f"{day}T{hand_over}"), zone(where)) == at(utc)

    @pytest.mark.parametrize(
        ("where", "starts", "lengths"),
        [
            ("Europe/Kyiv", "2026-03-28T20:00", [11, 12]),
            ("Europe/Kyiv", "2026-10-24T20:00", [13, 12]),
            ("Europe/Berlin", "2026-03-28T20:00", [11, 12]),
            ("America/New_York", "2026-03-07T20:00", [11, 12]),
            ("America/New_York", "2026-10-31T20:00", [13, 12]),
            ("Australia/Lord_Howe", "2026-10-03T20:00", [11.5, 12]),
            ("Australia/Lord_Howe", "2026-04-04T20:00", [12.5, 12]),
        ],
    )
    def test_a_night_turn_is_longer_or_shorter_and_the_next_is_not(
        self, where: str, starts: str, lengths: list[float]
    ) -> None:
        begins = datetime.fromisoformat(starts)
        found = roster(layer(ANN, BEN, zone=where, starts=begins, length=timedelta(hours=12)))
        first = instant(begins, zone(where))
        lasted = [each.end - each.start for each in shifts(found, first, first + 2 * DAY)]
        assert lasted[:2] == [timedelta(hours=hours) for hours in lengths]

    def test_hours_that_end_in_the_gap_meet_hours_that_begin_there(self) -> None:
        early, late = read_week({"sun": [("00:00", "02:30")]}), read_week({"sun": [("02:30", "06:00")]})
        starts = datetime(2026, 3, 1)
        found = roster(
            layer(ANN, zone="Europe/Berlin", week=early, starts=starts),
            layer(BEN, key=2, zone="Europe/Berlin", week=late, starts=starts),
        )
        assert told(found, "2026-03-28T20:00", "2026-03-29T05:00") == ["28 23:00–29 01:00 ann", "29 01:00–29 04:00 ben"]

    def test_hourly_turns_lose_the_one_that_does_not_exist(self) -> None:
        starts = datetime(2026, 3, 29, 1)
        found = roster(layer(ANN, BEN, CYD, zone="Europe/Berlin", starts=starts, length=timedelta(hours=1)))
        assert told(found, "2026-03-29T00:00", "2026-03-29T02:00") == ["29 00:00–29 01:00 ann", "29 01:00–29 02:00 cyd"]


class TestOverrides:
    def test_cover_a_stretch(self) -> None:
        found = roster(layer(ANN, BEN), overrides=(override(CYD, "2026-03-02T20:00", "2026-03-02T22:00"),))
        assert told(found, "2026-03-02T09:00", "2026-03-03T09:00") == [
            "02 09:00–02 20:00 ann",
            "02 20:00–02 22:00 cyd override",
            "02 22:00–03 09:00 ann",
        ]

    def test_over_several_shifts_keep_them_separate(self) -> None:
        found = roster(layer(ANN, BEN), overrides=(override(CYD, "2026-03-02T12:00", "2026-03-04T12:00"),))
        covered = [each for each in shifts(found, at("2026-03-02"), at("2026-03-06")) if each.person == CYD]
        assert [each.duty.instead_of for each in covered] == [ANN, BEN, ANN]

    def test_fill_hours_in_which_nobody_would_be(self) -> None:
        found = roster(layer(ANN, week=OFFICE), overrides=(override(BEN, "2026-03-07", "2026-03-08"),))
        assert who(found, "2026-03-07T12:00") == ["ben"]

    def test_that_overlap_the_later_made_holds(self) -> None:
        first = override(BEN, "2026-03-02T10:00", "2026-03-02T14:00")
        second = override(CYD, "2026-03-02T12:00", "2026-03-02T16:00", id=2, made_at=LONG_AGO + DAY)
        for order in ((first, second), (second, first)):
            found = roster(layer(ANN), overrides=order)
            assert who(found, "2026-03-02T11:00") == ["ben"]
            assert who(found, "2026-03-02T13:00") == ["cyd"]
            assert who(found, "2026-03-02T15:00") == ["cyd"]

    def test_of_ones_own_shift_change_nothing(self) -> None:
        found = roster(layer(ANN), overrides=(override(ANN, "2026-03-02T10:00", "2026-03-02T11:00"),))
        assert told(found, "2026-03-02T09:00", "2026-03-03T09:00") == ["02 09:00–03 09:00 ann"]

    def test_of_another_layer_change_nothing(self) -> None:
        found = roster(layer(ANN), overrides=(override(BEN, "2026-03-02", "2026-03-09", layer=2),))
        assert who(found, "2026-03-02T12:00") == ["ann"]

    def test_win_over_swaps(self) -> None:
        found = roster(
            layer(ANN),
            overrides=(override(CYD, "2026-03-02T10:00", "2026-03-02T11:00"),),
            swaps=(swap(ANN, BEN, "2026-03-02T09:00", "2026-03-03T09:00"),),
        )
        assert [who(found, f"2026-03-02T{hour}") for hour in ("09:30", "10:30", "11:00")] == [["ben"], ["cyd"], ["ben"]]


class TestSwaps:
    def test_hand_a_shift_over(self) -> None:
        found = roster(layer(ANN, BEN), swaps=(swap(ANN, CYD, "2026-03-02T09:00", "2026-03-03T09:00"),))
        (duty,) = on_call(found, at("2026-03-02T12:00"))
        assert duty == Duty(1, CYD, Why.SWAP, turn=0, instead_of=ANN, cause=1)

    def test_in_a_chain_go_on_to_the_last_taker(self) -> None:
        found = roster(
            layer(ANN),
            swaps=(
                swap(BEN, CYD, "2026-03-02T12:00", "2026-03-02T18:00", id=2, asked_at=LONG_AGO + DAY),
                swap(ANN, BEN, "2026-03-02T09:00", "2026-03-03T09:00"),
            ),
        )
        assert told(found, "2026-03-02T09:00", "2026-03-03T09:00") == [
            "02 09:00–02 12:00 ben swap",
            "02 12:00–02 18:00 cyd swap",
            "02 18:00–03 09:00 ben swap",
        ]

    def test_follow_the_order_in_which_they_were_asked_for(self) -> None:
        """Ben's came first, when the shift was not his: it does not take what Ann gives him later."""
        found = roster(
            layer(ANN),
            swaps=(
                swap(BEN, CYD, "2026-03-02", "2026-03-04", id=1),
                swap(ANN, BEN, "2026-03-02", "2026-03-04", id=2, asked_at=LONG_AGO + DAY),
            ),
        )
        assert who(found, "2026-03-02T12:00") == ["ben"]

    def test_back_and_forth_ends_with_the_first(self) -> None:
        found = roster(
            layer(ANN),
            swaps=(
                swap(ANN, BEN, "2026-03-02", "2026-03-04"),
                swap(BEN, ANN, "2026-03-02", "2026-03-04", id=2, asked_at=LONG_AGO + DAY),
            ),
        )
        assert who(found, "2026-03-02T12:00") == ["ann"]

    def test_of_a_shift_that_is_no_longer_the_givers_change_nothing(self) -> None:
        found = roster(layer(BEN), swaps=(swap(ANN, CYD, "2026-03-02", "2026-03-04"),))
        assert who(found, "2026-03-02T12:00") == ["ben"]


class TestAbsences:
    def test_the_next_in_order_stands_in_and_nobody_elses_turn_moves(self) -> None:
        found = roster(layer(ANN, BEN, CYD), absences=(away(BEN, "2026-03-03", "2026-03-04"),))
        assert told(found, "2026-03-02T09:00", "2026-03-05T09:00") == [
            "02 09:00–03 09:00 ann",
            "03 09:00–04 00:00 cyd stand_in",
            "04 00:00–04 09:00 ben",
            "04 09:00–05 09:00 cyd",
        ]

    def test_of_all_leave_a_gap(self) -> None:
        both = (away(ANN, "2026-03-02T12:00", "2026-03-04"), away(BEN, "2026-03-02", "2026-03-04T12:00"))
        found = roster(layer(ANN, BEN), absences=both)
        (gap,) = gaps(found, at("2026-03-01"), at("2026-03-06"))
        assert (gap.start, gap.end, gap.lack) == (at("2026-03-02T12:00"), at("2026-03-04"), Lack.AWAY)

    def test_who_takes_a_shift_while_their_absence_is_known_keeps_it(self) -> None:
        found = roster(
            layer(ANN, CYD),
            swaps=(swap(ANN, BEN, "2026-03-02", "2026-03-04", taken_at=LONG_AGO + DAY),),
            absences=(away(BEN, "2026-03-02", "2026-03-04"),),
        )
        assert who(found, "2026-03-02T12:00") == ["ben"]

    def test_a_taker_who_falls_ill_is_replaced(self) -> None:
        ill = away(BEN, "2026-03-02", "2026-03-04", LONG_AGO + DAY)
        gave = swap(ANN, BEN, "2026-03-02", "2026-03-04")
        assert who(roster(layer(ANN, CYD), swaps=(gave,), absences=(ill,)), "2026-03-02T12:00") == ["cyd"]
        assert who(roster(layer(ANN, BEN), swaps=(gave,), absences=(ill,)), "2026-03-02T12:00") == ["ann"]

    def test_an_absence_that_was_covered_by_a_swap_stays_with_the_taker(self) -> None:
        found = roster(
            layer(ANN, BEN, CYD),
            swaps=(swap(ANN, CYD, "2026-03-02", "2026-03-04"),),
            absences=(away(ANN, "2026-03-02", "2026-03-04"),),
        )
        assert who(found, "2026-03-02T12:00") == ["cyd"]

    def test_a_stand_in_may_give_the_shift_on(self) -> None:
        found = roster(
            layer(ANN, BEN),
            swaps=(swap(BEN, CYD, "2026-03-02", "2026-03-03T09:00"),),
            absences=(away(ANN, "2026-03-02", "2026-03-03T09:00"),),
        )
        assert who(found, "2026-03-02T12:00") == ["cyd"]

    def test_end_an_override_made_before_they_were_known(self) -> None:
        made = override(CYD, "2026-03-02", "2026-03-04")
        ill = away(CYD, "2026-03-02", "2026-03-04", LONG_AGO + DAY)
        assert who(roster(layer(ANN), overrides=(made,), absences=(ill,)), "2026-03-02T12:00") == ["ann"]


class TestNobody:
    def test_no_terms(self) -> None:
        assert on_call(Roster(()), at("2026-03-02")) == ()
        assert shifts(Roster(()), at("2026-03-02"), at("2026-03-04")) == ()
        assert first_called(Roster(()), at("2026-03-02"), at("2026-03-04")) == (
            (at("2026-03-02"), at("2026-03-04"), None),
        )

    def test_no_layers(self) -> None:
        assert on_call(roster(), at("2026-03-02")) == ()

    def test_a_layer_without_people_is_a_gap(self) -> None:
        found = roster(layer())
        assert on_call(found, at("2026-03-03")) == (None,)
        (gap,) = gaps(found, at("2026-03-02"), at("2026-03-09"))
        assert (gap.start, gap.lack) == (at("2026-03-02T09:00"), Lack.EMPTY)


class TestVersions:
    def test_hold_from_their_instant_on_and_leave_the_past(self) -> None:
        change = at("2026-03-03T12:00")
        found = Roster((Terms(LONG_AGO, (layer(ANN),)), Terms(change, (layer(BEN),))))
        assert told(found, "2026-03-02T09:00", "2026-03-04T09:00") == [
            "02 09:00–03 09:00 ann",
            "03 09:00–03 12:00 ann",
            "03 12:00–04 09:00 ben",
        ]

    def test_that_change_nothing_split_nothing(self) -> None:
        found = Roster((Terms(LONG_AGO, (layer(ANN),)), Terms(at("2026-03-02T12:00"), (layer(ANN), layer(key=2)))))
        assert told(found, "2026-03-02T09:00", "2026-03-03T09:00") == ["02 09:00–03 09:00 ann"]

    def test_begin_one_at_a_time(self) -> None:
        with pytest.raises(ValueError, match="same instant"):
            Roster((Terms(LONG_AGO, ()), Terms(LONG_AGO, ())))


class TestWhoIsCalledFirst:
    def test_the_first_layer_that_has_somebody(self) -> None:
        found = roster(layer(ANN, week=OFFICE), layer(BEN, key=2))
        called = first_called(found, at("2026-03-02T12:00"), at("2026-03-03T12:00"))
        assert [(f"{a:%d %H}", f"{b:%d %H}", NAMES[duty.person]) for a, b, duty in called if duty] == [
            ("02 12", "02 17", "ann"),
            ("02 17", "03 09", "ben"),
            ("03 09", "03 12", "ann"),
        ]


ZONES = ("UTC", "Europe/Kyiv", "America/New_York", "Australia/Lord_Howe", "America/St_Johns")
BEGIN = datetime(2026, 3, 1)
END = BEGIN + timedelta(days=40)
PEOPLE = st.sampled_from([ANN, BEN, CYD])
INSTANTS = st.integers(0, 40 * 48).map(
    lambda half_hours: BEGIN.replace(tzinfo=UTC) + half_hours * timedelta(minutes=30)
)
WEEKS = st.sampled_from([None, OFFICE, NIGHTS, read_week({"sun": [("00:00", "02:30"), ("02:30", "24:00")]})])


@st.composite
def stretches(draw: st.DrawFn) -> tuple[datetime, datetime]:
    start = draw(INSTANTS)
    return start, start + draw(st.integers(1, 200)) * timedelta(hours=1)


@st.composite
def layers(draw: st.DrawFn, key: int) -> Layer:
    return Layer(
        key=key,
        zone=draw(st.sampled_from(ZONES)),
        starts=BEGIN + draw(st.integers(-48, 96)) * timedelta(minutes=30),
        length=draw(st.sampled_from([timedelta(hours=1), timedelta(hours=7), timedelta(hours=12), DAY, WEEK])),
        people=tuple(draw(st.lists(PEOPLE, max_size=4))),
        week=draw(WEEKS),
    )


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    sinces = draw(st.lists(INSTANTS, min_size=1, max_size=3, unique=True))
    terms = [
        Terms(since, tuple(draw(layers(key)) for key in range(1, draw(st.integers(1, 2)) + 1))) for since in sinces
    ]
    overrides = [
        Override(number, draw(st.integers(1, 2)), draw(PEOPLE), *draw(stretches()), made_at=draw(INSTANTS))
        for number in range(draw(st.integers(0, 3)))
    ]
    swaps = [
        Swap(
            number, 1, draw(PEOPLE), draw(PEOPLE), *draw(stretches()), asked_at=draw(INSTANTS), taken_at=draw(INSTANTS)
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    absences = [
        Absence(draw(PEOPLE), *draw(stretches()), told_at=draw(INSTANTS)) for _ in range(draw(st.integers(0, 3)))
    ]
    return Roster(tuple(terms), tuple(overrides), tuple(swaps), tuple(absences))


class TestWhateverTheRoster:
    @given(rosters())
    def test_at_any_instant_a_layer_has_at_most_one_person(self, found: Roster) -> None:
        held = shifts(found, BEGIN.replace(tzinfo=UTC), END.replace(tzinfo=UTC))
        for key in {each.layer for each in held}:
            of_layer = [each for each in held if each.layer == key]
            assert all(each.start < each.end for each in of_layer)
            assert all(a.end <= b.start for a, b in pairwise(of_layer))

    @given(rosters())
    def test_shifts_and_gaps_partition_the_time_of_each_layer(self, found: Roster) -> None:
        start, end = BEGIN.replace(tzinfo=UTC), END.replace(tzinfo=UTC)
        pieces = [(each.layer, each.start, each.end) for each in shifts(found, start, end)]
        pieces += [(each.layer, each.start, each.end) for each in gaps(found, start, end, meant=True)]
        for key in (1, 2):
            of_layer = sorted((a, b) for layer_key, a, b in pieces if layer_key == key)
            assert all(a[1] <= b[0] for a, b in pairwise(of_layer))
            in_force = timedelta()
            limits = [*(each.since for each in found.terms[1:]), end]
            for terms, until in zip(found.terms, limits, strict=True):
                if terms.layer(key):
                    in_force += max(min(until, end) - max(terms.since, start), timedelta())
            assert sum((b - a for a, b in of_layer), timedelta()) == in_force

    @given(rosters(), st.lists(INSTANTS, min_size=1, max_size=20))
    def test_on_call_agrees_with_the_shifts(self, found: Roster, instants: list[datetime]) -> None:
        held = shifts(found, BEGIN.replace(tzinfo=UTC), END.replace(tzinfo=UTC))
        edges = [edge for each in held for edge in (each.start, each.end - timedelta(microseconds=1))]
        for moment in instants + edges[:40]:
            if not BEGIN.replace(tzinfo=UTC) <= moment < END.replace(tzinfo=UTC):
                continue
            there = {each.layer: each.duty for each in held if each.start <= moment < each.end}
            terms = found.terms_at(moment)
            keys = [each.key for each in terms.layers] if terms else []
            assert on_call(found, moment) == tuple(there.get(key) for key in keys)

    @given(st.sampled_from(ZONES), st.integers(-90, 400), st.sampled_from([1, 5, 12, 24, 168]), INSTANTS)
    def test_turns_partition_time(self, where: str, half_hours: int, hours: int, moment: datetime) -> None:
        starts = BEGIN + half_hours * timedelta(minutes=30)
        turns = Turns(starts, timedelta(hours=hours), zone(where))
        number = turns.number_at(moment)
        assert turns.begins(number) <= moment < turns.begins(number + 1)

    @given(rosters())
    def test_who_is_called_first_is_on_call(self, found: Roster) -> None:
        start, end = BEGIN.replace(tzinfo=UTC), END.replace(tzinfo=UTC)
        called = first_called(found, start, end)
        assert (called[0][0], called[-1][1]) == (start, end)
        for a, _b, duty in called:
            assert duty == next((each for each in on_call(found, a) if each), None)
