"""Why a deadline is where it is, in sentences and as a strip of time."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import given

from sla.band import LONGEST, band
from sla.clocks import replay
from sla.explain import sentences
from sla.facts import Fact, FactKind
from sla.runs import Run
from sla.targets import Audience, Metric
from sla.turns import Turn
from tests.sla.promises import enterprise, utc
from tests.sla.test_replay import histories

KYIV = ZoneInfo("Europe/Kyiv")
FRIDAY = utc("2026-03-06T14:30")
"""16:30 in Kyiv; the Monday after it is a holiday."""


def office_run(*later: Fact) -> Run:
    opened = Fact(FRIDAY, FactKind.OPENED, priority="P2", terms=enterprise())
    runs = replay([opened, *later]).runs
    return next(run for run in runs if (run.metric, run.audience) == (Metric.FIRST_RESPONSE, Audience.CONTRACT))


def told(run: Run, at: str, **more: object) -> str:
    return "\n".join(sentences(run, utc(at), zone=KYIV, **more))  # type: ignore[arg-type]


class TestSentences:
    def test_name_the_promise_the_start_and_the_calendar(self) -> None:
        text = told(office_run(), "2026-03-06T14:40")
        assert "Promise: P2 first_response." in text
        assert "It runs from Fri 6 Mar 2026 16:30, on the calendar calendar (Europe/Kyiv)." in text

    def test_name_each_open_stretch_that_counted_and_the_holiday_between(self) -> None:
        text = told(office_run(), "2026-03-10T08:00")
        assert "1 h 30 min of open time used:" in text
        assert "· Fri 6 Mar 2026 16:30–17:00 (30 min)" in text
        assert "· Tue 10 Mar 2026 09:00–10:00 (1 h)" in text
        assert "Closed on Mon 9 Mar 2026, holiday." in text

    def test_name_each_pause_with_its_reason(self) -> None:
        waiting = Fact(utc("2026-03-06T14:40"), FactKind.STATE_CHANGED, state="waiting", reason="Need logs")
        text = told(office_run(waiting), "2026-03-06T14:50")
        assert "Paused since Fri 6 Mar 2026 16:40: Need logs." in text
        back = Fact(utc("2026-03-10T08:00"), FactKind.CUSTOMER_WROTE)
        text = told(office_run(waiting, back), "2026-03-10T08:10")
        assert "Paused Fri 6 Mar 2026 16:40 – Tue 10 Mar 2026 10:00 (3 d 17 h): Need logs." in text

    def test_name_the_open_time_that_is_still_to_come(self) -> None:
        text = told(office_run(), "2026-03-10T08:00")
        assert "2 h 30 min of open time to go:\n· Tue 10 Mar 2026 10:00–12:30 (2 h 30 min)" in text

    def test_name_what_was_changed_and_what_that_did_to_the_due_instant(self) -> None:
        start, moved = utc("2026-03-06T14:30"), utc("2026-03-10T10:30")
        cases = [
            (
                Turn(start, FactKind.PRIORITY_CHANGED, "P3", "P2", None, moved),
                "P3 to P2; same start, same pauses: due at",
            ),
            (
                Turn(start, FactKind.PRIORITY_CHANGED, "P2", "P3", moved, None),
                "P2 to P3; same start, same pauses; before",
            ),
            (
                Turn(start, FactKind.SEVERITY_CHANGED, "", "P2", moved, moved),
                "severity changed from – to P2; same start",
            ),
            (Turn(start, FactKind.TERMS_CHANGED, "Gold", "Gold", moved, start), "the plan or its hours were edited"),
            (Turn(start, FactKind.TERMS_CHANGED, "Gold", "Tin", moved, start), "plan changed from Gold to Tin"),
            (Turn(start, FactKind.UPDATE_PROMISED, "", "", moved, start), "the next update was stated for Fri 6 Mar"),
            (Turn(start, FactKind.PRIORITY_CHANGED, "P4", "P2", None, moved, True), "P4 to P2, which promises this."),
        ]
        for turn, words in cases:
            assert words in told(office_run(), "15:00", turns=[turn])

    def test_do_not_tell_customers_the_severity(self) -> None:
        turn = Turn(utc("2026-03-06T14:45"), FactKind.SEVERITY_CHANGED, "P3", "P1", None, utc("15:00"))
        text = told(office_run(), "15:00", turns=[turn], for_customer=True)
        assert "Fri 6 Mar 2026 16:45: the team judged the urgency anew" in text
        assert "P3" not in text

    def test_say_how_it_stands(self) -> None:
        assert "Due at Tue 10 Mar 2026 12:30." in told(office_run(), "2026-03-10T08:00")
        assert "Overdue by 30 min." in told(office_run(), "2026-03-10T11:00")
        assert "Overdue by 2 d 1 h." in told(office_run(), "2026-03-12T11:30:40")
        met = office_run(Fact(utc("2026-03-10T10:30"), FactKind.REPLIED))
        assert "Met at Tue 10 Mar 2026 12:30." in told(met, "2026-03-12T11:00")
        late = office_run(Fact(utc("2026-03-10T11:00"), FactKind.REPLIED))
        assert "Settled at Tue 10 Mar 2026 13:00, 30 min late." in told(late, "2026-03-12T11:00")

    def test_go_through_the_readers_language(self) -> None:
        text = told(
            office_run(), "2026-03-10T08:00", translate=lambda sentence: sentence.replace("Due at", "Fällig am")
        )
        assert "Fällig am Tue 10 Mar 2026 12:30." in text


class TestBand:
    def test_shows_open_and_closed_time_the_holiday_and_what_was_used(self) -> None:
        strip = band(office_run(), utc("2026-03-10T08:00"), zone=KYIV)
        kinds = {segment.kind for segment in strip.segments}
        assert kinds == {"open", "closed", "holiday", "used"}
        used = sum((each.end - each.start for each in strip.segments if each.kind == "used"), timedelta())
        assert used == timedelta(hours=1, minutes=30)
        assert [mark.kind for mark in strip.marks] == ["filed", "warning", "due", "now"]

    def test_shows_a_pause_that_goes_on(self) -> None:
        waiting = Fact(utc("2026-03-06T14:40"), FactKind.STATE_CHANGED, state="waiting", reason="Need logs")
        strip = band(office_run(waiting), utc("2026-03-06T14:50"), zone=KYIV)
        [pause] = [segment for segment in strip.segments if segment.kind == "paused"]
        assert (pause.start, pause.end, pause.label) == (utc("2026-03-06T14:40"), utc("2026-03-06T14:50"), "Need logs")

    def test_ends_where_the_clock_was_settled(self) -> None:
        met = office_run(Fact(utc("2026-03-10T08:00"), FactKind.REPLIED))
        strip = band(met, utc("2027-03-10T08:00"), zone=KYIV)
        assert [mark.kind for mark in strip.marks] == ["filed", "warning", "due", "met"]
        assert strip.end < utc("2026-03-11T00:00")

    def test_names_at_most_a_few_days(self) -> None:
        strip = band(office_run(), utc("2026-05-30T08:00"), zone=KYIV)
        assert 1 <= len(strip.days) <= 8

    def test_of_a_clock_long_overdue_ends_soon_after_the_due_instant(self) -> None:
        strip = band(office_run(), utc("2030-03-10T08:00"), zone=KYIV)
        assert [mark.kind for mark in strip.marks] == ["filed", "warning", "due"]
        assert strip.end < utc("2026-03-12T00:00")

    def test_is_never_longer_than_can_be_read(self) -> None:
        late = office_run(Fact(utc("2030-03-10T08:00"), FactKind.REPLIED))
        strip = band(late, utc("2030-03-10T08:00"), zone=KYIV)
        assert strip.end - strip.start < LONGEST * 1.2

    @given(histories())
    def test_every_run_has_one_whose_parts_lie_on_it(self, facts: list[Fact]) -> None:
        at = facts[-1].at + timedelta(hours=5)
        for run in replay(facts).runs:
            strip = band(run, at, zone=KYIV)
            assert strip.start < strip.end
            assert all(strip.start <= part.start < part.end <= strip.end for part in strip.segments)
            assert all(strip.start <= mark.at <= strip.end for mark in strip.marks)
            assert sentences(run, at, zone=KYIV)
