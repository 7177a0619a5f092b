"""Who is woken when: ladders as tables, and what holds for any ladder."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.ladder import (
    Assign,
    Deed,
    Finder,
    Hold,
    Ladder,
    Landing,
    Notify,
    Post,
    Reached,
    Repeat,
    SetTeam,
    Standing,
    Step,
    Wait,
    climb,
    rehearse,
)
from sla.calendars import BusinessCalendar

NIGHT = datetime(2026, 3, 3, 2, 10, tzinfo=UTC)
"""A Tuesday, ten past two."""
MINUTE = timedelta(minutes=1)
CALENDARS = {
    "working-week": BusinessCalendar("UTC", {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}),
    "never": BusinessCalendar("UTC", {}),
}
BY = ("inbox", "sms")
SERVICES = ("victorops",)


def people(**found: str) -> Finder:
    """``primary="dan"``: who stands behind a name; somebody with a ``?`` sleeps through their quiet hours."""

    def find(whom: tuple[str, ...], channels: tuple[str, ...], at: datetime) -> tuple[Reached, ...]:
        names = [name for each in whom for name in found.get(each, "").split()]
        return tuple(
            Reached(name.rstrip("?"), name.rstrip("?").title(), "", channels, is_quiet=name.endswith("?"))
            for name in names
        )

    return find


CAST = people(primary="dan", secondary="carol", leads="erin", nobody="", sleeper="bob?")


def notify(*whom: str) -> Notify:
    return Notify(whom, BY)


def told(landings: tuple[Landing, ...], begin: datetime = NIGHT) -> list[tuple[int, str]]:
    """Minutes after the beginning, and who was told."""
    return [
        (int((landing.at - begin) / MINUTE), person.key)
        for landing in landings
        for deed in landing.deeds
        if isinstance(deed.step, Notify)
        for person in deed.people
    ]


def chain(*steps: Step, at: datetime = NIGHT, find: Finder = CAST) -> list[tuple[int, str]]:
    return told(rehearse(Ladder(steps), at=at, find=find, calendars=CALENDARS, services=SERVICES), at)


FIVE = Wait(300)


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param([notify("primary")], [(0, "dan")], id="one person"),
        pytest.param(
            [notify("primary"), FIVE, notify("secondary"), FIVE, notify("leads")],
            [(0, "dan"), (5, "carol"), (10, "erin")],
            id="one after the other",
        ),
        pytest.param([FIVE, notify("primary")], [(5, "dan")], id="a wait at the beginning"),
        pytest.param([notify("primary"), notify("secondary")], [(0, "dan"), (0, "carol")], id="two at one instant"),
        pytest.param([notify("primary"), notify("primary", "leads")], [(0, "dan"), (0, "erin")], id="nobody twice"),
        pytest.param(
            [notify("nobody"), FIVE, notify("secondary"), FIVE, notify("leads")],
            [(0, "carol"), (5, "erin")],
            id="nobody on call: on at once",
        ),
        pytest.param([notify("nobody"), FIVE, notify("nobody"), FIVE], [(0, "erin")], id="ends unpaged: the fallback"),
        pytest.param([], [(0, "erin")], id="a ladder without steps: the fallback"),
        pytest.param(
            [notify("sleeper"), FIVE, notify("secondary")],
            [(0, "bob"), (0, "carol")],
            id="quiet hours: told, but nobody waits for them",
        ),
        pytest.param([Hold("working-week"), notify("primary")], [(410, "dan")], id="the waiting room until nine"),
        pytest.param(
            [notify("nobody"), Hold("working-week"), notify("primary")],
            [(410, "dan")],
            id="a waiting room is never skipped",
        ),
        pytest.param([Wait(600, "working-week"), notify("primary")], [(420, "dan")], id="ten minutes of open time"),
        pytest.param([Hold("never"), notify("primary")], [(0, "dan")], id="a calendar that never opens holds nobody"),
        pytest.param([Wait(60, "gone"), notify("primary")], [(0, "dan")], id="a calendar that is gone holds nobody"),
        pytest.param(
            [notify("primary"), FIVE, notify("secondary"), FIVE, Repeat(0, 2)],
            [(0, "dan"), (5, "carol"), (10, "dan"), (15, "carol"), (20, "dan"), (25, "carol")],
            id="twice more from the top",
        ),
        pytest.param(
            [notify("primary"), FIVE, notify("secondary"), FIVE, Repeat(2, 1), notify("leads")],
            [(0, "dan"), (5, "carol"), (10, "carol"), (15, "erin")],
            id="again from step three, then on",
        ),
        pytest.param([notify("nobody"), FIVE, Repeat(0, 9)], [(0, "erin")], id="no round for nobody"),
        pytest.param([Post("victorops"), FIVE, notify("primary")], [(5, "dan")], id="a service is waited for"),
        pytest.param(
            [notify("nobody"), Post("victorops"), FIVE, notify("primary")], [(5, "dan")], id="a service beside nobody"
        ),
        pytest.param([Post("VictorOps")], [], id="a service is somebody"),
        pytest.param([Post("gone"), FIVE], [(0, "erin")], id="a service that is gone is nobody"),
        pytest.param([Assign("primary"), SetTeam("tier-two")], [(0, "erin")], id="handing on wakes nobody"),
    ],
)
def test_the_chain(steps: list[Step], expected: list[tuple[int, str]]) -> None:
    assert chain(*steps) == expected


def test_an_assignment_takes_the_first_who_is_found() -> None:
    (landing,) = rehearse(Ladder((Assign("leads"), Assign(""))), at=NIGHT, find=CAST, calendars=CALENDARS)
    given_to = [[person.key for person in deed.people] for deed in landing.deeds[:2]]
    assert given_to == [["erin"], []]


class TestWhenTheNextIsDue:
    LADDER = Ladder((notify("primary"), FIVE, notify("secondary"), FIVE, notify("leads")))

    def after(self, late: timedelta) -> datetime | None:
        at = NIGHT + late
        return climb(self.LADDER, Standing(), due=NIGHT, at=at, find=CAST, calendars=CALENDARS).next_at

    def test_counts_from_the_due_instant_of_a_firing_a_little_late(self) -> None:
        assert self.after(timedelta(seconds=60)) == NIGHT + 5 * MINUTE

    def test_counts_from_now_after_an_outage(self) -> None:
        late = timedelta(hours=2)
        assert self.after(late) == NIGHT + late + 5 * MINUTE

    def test_takes_one_landing_however_late(self) -> None:
        late = NIGHT + timedelta(hours=2)
        landing = climb(self.LADDER, Standing(), due=NIGHT, at=late, find=CAST, calendars=CALENDARS)
        assert told((landing,), late) == [(0, "dan")]

    def test_the_end_of_the_chain_is_due_nevermore(self) -> None:
        over = Standing(step=len(self.LADDER.steps), has_reached=True)
        landing = climb(self.LADDER, over, due=NIGHT, at=NIGHT, find=CAST, calendars=CALENDARS)
        assert (landing.deeds, landing.next_at) == ((), None)


@pytest.mark.parametrize(
    "steps", [[Repeat(0, 1)], [FIVE, Repeat(1, 1)], [FIVE, Repeat(0, 0)], [FIVE, Repeat(0, 21)],
              [FIVE, Repeat(0, 1), Repeat(0, 1)]],
)  # fmt: skip
def test_a_repeat_goes_back_once_and_so_often(steps: list[Step]) -> None:
    with pytest.raises(ValueError, match=r"earlier step|repeats once"):
        Ladder(tuple(steps))


NAMES = st.sampled_from(["primary", "secondary", "leads", "nobody", "sleeper"])
PLAIN: st.SearchStrategy[Step] = st.one_of(
    st.builds(Notify, st.tuples(NAMES), st.just(BY)),
    st.builds(Wait, st.integers(0, 7200), st.sampled_from(["", "working-week", "never"])),
    st.builds(Hold, st.sampled_from(["working-week", "never"])),
    st.builds(Post, st.just("victorops")),
    st.builds(Assign, NAMES),
)


@st.composite
def ladders(draw: st.DrawFn) -> Ladder:
    steps: list[Step] = draw(st.lists(PLAIN, max_size=8))
    if steps and len(steps) % 2:
        place = draw(st.integers(1, len(steps)))
        steps.insert(place, Repeat(draw(st.integers(0, place - 1)), draw(st.integers(1, 4))))
    return Ladder(tuple(steps))


INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(ladders(), INSTANTS)
def test_any_chain_ends_in_order_of_time_and_repeats_no_more_than_it_says(ladder: Ladder, at: datetime) -> None:
    landings = rehearse(ladder, at=at, find=CAST, calendars=CALENDARS, services=SERVICES)
    instants = [landing.at for landing in landings]
    assert instants == sorted(set(instants))
    times = next((step.times for step in ladder.steps if isinstance(step, Repeat)), 0)
    taken = [deed.place for landing in landings for deed in landing.deeds if deed.place is not None]
    assert all(taken.count(place) <= times + 1 for place in taken)
    everybody: list[Deed] = [deed for landing in landings for deed in landing.deeds]
    reached = any(isinstance(deed.step, Post) or any(person.is_told for person in deed.people) for deed in everybody)
    assert reached, "somebody always hears of it: the fallback at the latest"


@given(ladders(), INSTANTS, st.lists(st.integers(0, 300), max_size=40))
def test_a_chain_that_is_fired_late_takes_the_same_steps(ladder: Ladder, at: datetime, lateness: list[int]) -> None:
    """However late each firing is, one landing is taken at a time and none comes before it is due."""
    standing, due = Standing(), at
    taken: list[int | None] = []
    for late in [*lateness, *[0] * 200]:
        now = due + timedelta(seconds=late)
        landing = climb(ladder, standing, due=due, at=now, find=CAST, calendars={})
        taken += [deed.place for deed in landing.deeds]
        if landing.next_at is None:
            break
        assert landing.next_at > due
        standing, due = landing.standing, landing.next_at
    on_time = rehearse(ladder, at=at, find=CAST, calendars={})
    assert taken == [deed.place for each in on_time for deed in each.deeds]
