"""Five lives of tickets on which the rules of the clocks meet, written as ``manage.py deadline --then`` takes them, and
done by real actions at the same instants.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from plans.actions import load_contract
from plans.contract import write
from plans.contract.edit import with_holidays
from plans.queries import current_contract
from plans.states import State
from sla import story
from sla.story import Happening
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk
from tests.factories import LONG_AGO
from tickets import actions
from tickets.models import Ticket


@dataclass(frozen=True)
class Scenario:
    name: str
    vendor: str
    plan: str
    offering: str
    priority: str
    at: str
    then: tuple[str, ...]
    holiday: tuple[str, date, str] | None = None
    """A calendar of the contract, and a date with its name on which it is closed."""

    @property
    def received_at(self) -> datetime:
        return datetime.fromisoformat(self.at).astimezone(UTC)

    @property
    def command(self) -> list[str]:
        """What stands behind ``manage.py deadline``."""
        words = [self.vendor, self.plan, self.priority, "--at", self.at]
        if self.holiday is not None:
            calendar, on, name = self.holiday
            words += ["--holiday", f"{on}={name}", "--calendar", calendar]
        return words + [word for line in self.then for word in ("--then", line)]


ORO = Scenario(
    "an Oro P3 filed Friday 16:30 in Kyiv before a holiday",
    *("orocloud", "enterprise", "cloud", "P3"),
    at="2026-03-06T16:30+02:00",
    holiday=("business-hours", date(2026, 3, 9), "Women's Day"),
    then=("2026-03-12T11:15+02:00 reply",),
)
DRUD = Scenario(
    "a Drud High filed at 23:50 on Friday",
    *("drud", "standard", "ddev-live", "High"),
    at="2026-03-06T23:50-07:00",
    then=("2026-03-09T02:05-06:00 reply", "+55min resolve"),
)
"""Over the weekend on which the clocks in Denver go forward."""
COMMERCETOOLS = Scenario(
    "a commercetools S1 with two stated next updates, one missed",
    *("commercetools", "premium", "platform", "S1"),
    at="2026-03-08T03:00+01:00",
    then=("+12min reply; next-update +25min", "+22min reply; next-update +1h", "+1h20min reply", "+15min resolve"),
)
PLATFORM = Scenario(
    "a Platform.sh Normal, promised within a range",
    *("platformsh", "standard", "help-desk", "Normal"),
    at="2026-03-05T15:00+01:00",
    then=("2026-03-09T10:00+01:00 reply",),
)
REOPENED = Scenario(
    "a ticket paused twice, reprioritised and reopened",
    *("platformsh", "standard", "help-desk", "High"),
    at="2026-03-09T09:00+01:00",
    then=(
        "+20min reply",
        "+10min wait the logs, please",
        "+40min customer-writes",
        "+10min priority Critical",
        "+40min wait a maintenance window",
        "+45min customer-writes",
        "+35min resolve",
        "+1h30min reopen",
        "+50min resolve",
    ),
)
SCENARIOS = (ORO, DRUD, COMMERCETOOLS, PLATFORM, REOPENED)


def perform(scenario: Scenario, desk: Desk) -> Ticket:
    """The ticket after its whole life at this vendor's desk, Alice's and Carol's."""
    with vendor_scope(desk.vendor):
        if scenario.holiday is not None:
            _close(*scenario.holiday)
        start = scenario.received_at
        ticket = actions.open_ticket(
            by=desk.alice,
            at=start,
            project=desk.project,
            priority=desk.priority(scenario.priority),
            subject=scenario.name[:1].upper() + scenario.name[1:],
            body="Nothing answers.",
        )
        actions.assign(ticket, to=desk.carol, by=desk.carol, at=start)
        for happening in story.read(scenario.then, start=start):
            _do(happening, ticket, desk)
        ticket.refresh_from_db()
        return ticket


def _close(calendar: str, on: date, name: str) -> None:
    contract = current_contract()
    assert contract is not None
    edited = with_holidays(contract, calendar, {on: name})
    load_contract(edited, by=None, at=LONG_AGO, source_text=write(edited))


def _do(happening: Happening, ticket: Ticket, desk: Desk) -> None:
    at, carol, rest = happening.at, desk.carol, happening.rest
    match happening.verb:
        case "reply":
            actions.reply(ticket, by=carol, at=at, body="This is what we know.")
        case "next-update":
            until = story.read_instant(rest, since=at)
            actions.promise_update(ticket, by=carol, at=at, next_update_at=until)
        case "customer-writes":
            actions.reply(ticket, by=desk.alice, at=at, body="Here they are.")
        case "wait":
            actions.set_state(ticket, State.WAITING, by=carol, at=at, reason=rest)
        case "priority":
            actions.set_priority(ticket, priority=desk.priority(rest), by=carol, at=at)
        case "resolve":
            actions.resolve(ticket, by=carol, at=at)
        case "reopen":
            actions.reopen(ticket, by=desk.alice, at=at)
        case verb:
            raise AssertionError(f"{verb} is not done here")
