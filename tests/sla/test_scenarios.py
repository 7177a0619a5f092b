"""Five named lives of tickets: their exact instants, and the same words on the page, at the command and in the docs."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.utils import timezone

from sla import hypothetical, pages
from sla.deadlines import Closing, deadlines
from sla.models import Clock
from sla.story import Setting, facts, read
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import CONTRACTS, make_desk
from tests.sla.scenarios import COMMERCETOOLS, DRUD, ORO, PLATFORM, REOPENED, SCENARIOS, Scenario, perform

pytestmark = pytest.mark.django_db

EXPLAINED = Path(__file__).parents[2] / "docs" / "explained.md"
NOTHING = None


@dataclass(frozen=True)
class Expected:
    """One run, instants on the clocks of the vendor."""

    clock: str
    started: str
    due: str | None
    settled: str | None
    state: str


EXPECTED: dict[str, list[Expected]] = {
    # 30 min on Friday, none on Monday, 8 h on Tuesday and Wednesday, 7 h 30 min on Thursday.
    ORO.name: [Expected("first_response:contract", "Fri 16:30", "Thu 16:30", "Thu 11:15", "met")],
    # 10 min on Friday; the weekend is closed, and shorter by the hour that is skipped; 1 h 50 min on Monday.
    DRUD.name: [Expected("first_response:internal", "Fri 23:50", "Mon 01:50", "Mon 02:05", "late")],
    COMMERCETOOLS.name: [
        Expected("first_response:contract", "Sun 03:00", "Sun 03:20", "Sun 03:12", "met"),
        Expected("update:contract", "Sun 03:00", "Sun 03:30", "Sun 03:12", "met"),
        Expected("update:contract", "Sun 03:12", "Sun 03:37", "Sun 03:34", "met"),
        Expected("update:contract", "Sun 03:34", "Sun 04:34", "Sun 04:54", "late"),
    ],
    # The upper end: two business days.
    PLATFORM.name: [
        Expected("first_response:contract", "Thu 15:00", "Mon 15:00", "Mon 10:00", "met"),
        Expected("resolution:contract", "Thu 15:00", NOTHING, NOTHING, "best_effort"),
    ],
    # 4 h from the start, and two pauses of 40 and 45 min; reopened, it begins anew.
    REOPENED.name: [
        Expected("first_response:contract", "Mon 09:00", "Tue 09:00", "Mon 09:20", "met"),
        Expected("resolution:contract", "Mon 09:00", "Mon 14:25", "Mon 12:20", "met"),
        Expected("resolution:contract", "Mon 13:50", "Mon 17:50", "Mon 14:40", "met"),
    ],
}


def told(scenario: Scenario, *, until: timedelta | None = None) -> tuple[list[hypothetical.Told], object]:
    closing = None
    if scenario.holiday is not None:
        calendar, on, name = scenario.holiday
        closing = Closing(calendar, {on: name})
    start = scenario.received_at
    answer = deadlines(
        scenario.vendor, scenario.plan, scenario.priority, at=start, closing=closing, contracts=CONTRACTS
    )
    setting = Setting(answer.codes, lambda plan, at: answer.terms)
    happened = facts(scenario.priority, answer.terms, read(scenario.then, start=start), at=start, setting=setting)
    at = happened[-1].at if until is None else start + until
    return hypothetical.told(happened, at=at, zone=answer.zone), answer.zone


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.vendor + " " + scenario.priority)
class TestEachScenario:
    def test_has_exactly_these_clocks(self, scenario: Scenario) -> None:
        runs, zone = told(scenario)

        def spelt(instant: object) -> str | None:
            return f"{instant.astimezone(zone):%a %H:%M}" if instant else None  # type: ignore[attr-defined]

        assert EXPECTED[scenario.name] == [
            Expected(
                f"{each.run.metric}:{each.run.audience}",
                str(spelt(each.run.started_at)),
                spelt(each.run.due_at),
                spelt(each.run.settled_at),
                each.state.value,
            )
            for each in runs
        ]

    def test_is_explained_on_the_tickets_page_as_by_the_command(self, scenario: Scenario) -> None:
        runs, zone = told(scenario)
        desk = make_desk(scenario.vendor, plan=scenario.plan, offering=scenario.offering)
        ticket = perform(scenario, desk)
        with vendor_scope(desk.vendor), timezone.override(zone):  # type: ignore[arg-type]
            clocks = {(clock.metric, clock.audience, clock.cycle): clock.pk for clock in Clock.objects.shown()}
            assert len(clocks) == len(runs)
            for each in runs:
                run = each.run
                pk = clocks[run.metric.value, run.audience.value, run.cycle]
                at = scenario.received_at if run.settled_at is None else run.settled_at
                page = pages.explained(ticket, pk, at=max(at, ticket.updated_at), for_customer=False)
                assert page.sentences == each.sentences
                assert page.band == each.band

    def test_stands_in_the_documentation_as_the_command_prints_it(self, scenario: Scenario) -> None:
        block = blocks()[scenario.name]
        command, printed = block.split("\n", 1)
        assert command == "$ .venv/bin/python manage.py deadline " + shlex.join(scenario.command)
        assert printed == output(scenario)


def test_a_range_says_where_it_begins() -> None:
    runs, _ = told(PLATFORM)
    assert "Due at Mon 9 Mar 2026 15:00, the end of the range, which begins at Fri 6 Mar 2026 15:00." in (
        runs[0].sentences
    )


def test_of_a_life_only_what_has_happened_by_then_is_known() -> None:
    runs, _ = told(REOPENED, until=timedelta(hours=1))
    [resolution] = [each for each in runs if each.run.metric == "resolution"]
    assert (resolution.state.value, resolution.run.target.priority) == ("paused", "High")
    assert resolution.sentences[-1] == "Best effort: no instant is promised, and it cannot be missed."


def output(scenario: Scenario) -> str:
    out = StringIO()
    call_command("deadline", *scenario.command, stdout=out, stderr=StringIO())
    return out.getvalue().strip()


def blocks() -> dict[str, str]:
    """What the documentation shows, by the names of the scenarios."""
    sections = EXPLAINED.read_text().split("\n## ")[1:]
    return {
        section.split("\n", 1)[0]: section.split("```console\n")[1].split("\n```")[0].strip() for section in sections
    }
