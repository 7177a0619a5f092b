"""What if: which open clocks an edit of the terms would move, before anybody saves it. Needs a vendor scope.

Nothing is written. The moves come from the step that saving takes (``sla.actions.recompute_open``), so what is
previewed is what happens; settled clocks are never among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from plans.contract import Contract
from plans.models import PlanVersion
from sla import drafts as drafted
from sla import ledger
from sla.calendars import BusinessCalendar
from sla.drafts import Drafts, say_the_same
from sla.moves import Change, Move, moves_of
from sla.terms import terms_by_id
from tickets.models import Ticket

BATCH = 500


@dataclass(frozen=True, slots=True)
class MovedClock:
    """A clock that would move, and where it stands. ``clock_id`` is None for one that would begin."""

    ticket_id: int
    ticket_number: int
    subject: str
    plan: str
    clock_id: int | None
    move: Move

    def as_json(self) -> dict[str, Any]:
        """Instants as ISO 8601 in UTC."""
        move = self.move
        return {
            "ticket": self.ticket_number,
            "plan": self.plan,
            "metric": move.metric.value,
            "audience": move.audience.value,
            "priority": move.priority,
            "change": move.change.value,
            "old_due_at": _iso(move.old_due_at),
            "new_due_at": _iso(move.new_due_at),
            "is_paused": move.is_paused,
            "becomes_breached": move.becomes_breached,
            "is_rescued": move.is_rescued,
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """The open clocks that would move, by ticket number; ``tickets`` is how many open tickets the edit concerns."""

    at: datetime
    tickets: int
    clocks: tuple[MovedClock, ...]

    @property
    def becoming_breached(self) -> int:
        return sum(each.move.becomes_breached for each in self.clocks)

    @property
    def rescued(self) -> int:
        """Overdue now, and no longer."""
        return sum(each.move.is_rescued for each in self.clocks)

    @property
    def moved_tickets(self) -> int:
        return len({each.ticket_id for each in self.clocks})

    def count(self, change: Change) -> int:
        return sum(each.move.change is change for each in self.clocks)

    def as_json(self) -> dict[str, Any]:
        return {
            "at": _iso(self.at),
            "open_tickets_concerned": self.tickets,
            "tickets_moved": self.moved_tickets,
            "clocks_moved": len(self.clocks),
            "becoming_breached": self.becoming_breached,
            "rescued": self.rescued,
            "clocks": [each.as_json() for each in self.clocks],
        }


def preview_contract(contract: Contract, *, at: datetime) -> Preview:
    """What loading this contract would move."""
    return preview(drafted.of_contract(contract), at=at)


def preview_calendar(calendar_slug: str, draft: BusinessCalendar, *, at: datetime) -> Preview:
    """What it would move if this calendar of the contract in force had these hours. Raises LookupError."""
    return preview(drafted.of_calendar(calendar_slug, draft), at=at)


def preview_plan_version(version: PlanVersion, *, at: datetime) -> Preview:
    """What it would move if this version of a plan were in force: one of the past, or one whose day is to come."""
    return preview(drafted.of_plan_version(version), at=at)


def preview(drafts: Drafts, *, at: datetime) -> Preview:
    """What these terms would move at ``at``. Four queries for every 500 open tickets under plans that say otherwise."""
    concerned = _concerned(drafts)
    moved: list[MovedClock] = []
    for batch in _batches(concerned):
        entries = ledger.load(each.pk for each in batch)
        for ticket in batch:
            entry = entries[ticket.pk]
            moved += [
                MovedClock(ticket.pk, ticket.number, ticket.subject, ticket.plan, _clock_id(entry, move), move)
                for move in moves_of(entry.book, drafts[ticket.plan_id], at)
            ]
    moved.sort(key=lambda each: (each.ticket_number, each.move.audience, each.move.metric))
    return Preview(at, len(concerned), tuple(moved))


class _Concerned(NamedTuple):
    pk: int
    number: int
    subject: str
    plan_version_id: int
    plan_id: int
    plan: str


def _concerned(drafts: Drafts) -> list[_Concerned]:
    """The open tickets whose present terms differ from the drafts'."""
    rows = Ticket.objects.open().filter(plan_version__plan_id__in=drafts).order_by("pk")
    tickets = [
        _Concerned(*row)
        for row in rows.values_list(
            "pk", "number", "subject", "plan_version_id", "plan_version__plan_id", "plan_version__plan__name"
        )
    ]
    plans = {ticket.plan_version_id: ticket.plan_id for ticket in tickets}
    present = terms_by_id(plans)
    differing = {version for version, terms in present.items() if not say_the_same(terms, drafts[plans[version]])}
    return [ticket for ticket in tickets if ticket.plan_version_id in differing]


def _batches(rows: Sequence[_Concerned]) -> Iterator[Sequence[_Concerned]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))


def _clock_id(entry: ledger.Entry, move: Move) -> int | None:
    clock = entry.clocks.get(((move.metric, move.audience), move.cycle))
    return clock.pk if clock else None


def _iso(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None
