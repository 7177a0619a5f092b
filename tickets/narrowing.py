"""Which of a customer's tickets a list shows: whose, in which status, of which project and priority, with which words.

All of it stands in the address, so that a list can be kept, sent and gone back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from plans import choices
from plans.models import Priority
from plans.states import State
from supportdesk.accounts.models import Membership, Project, Role
from tickets.models import Ticket
from tickets.models.ticket import TicketQuerySet

OPEN, ALL = "open", "all"


def scopes_of(who: Membership) -> tuple[str, ...]:
    """The lists a customer has: managers also see all of their organization's tickets."""
    return ("mine", "shared", "all") if who.role == Role.MANAGER else ("mine", "shared")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What was chosen. ``status`` is a state, or *open* (every one but resolved) or *all*."""

    scope: str
    status: str
    project: Project | None
    priority: Priority | None
    words: str

    @property
    def is_narrow(self) -> bool:
        """Whether more was chosen than whose tickets, and open or resolved."""
        return self.project is not None or self.priority is not None or bool(self.words)

    def address(self, **changes: str) -> str:
        """The query of this list, or of one that differs in what ``changes`` names (the empty text: not chosen)."""
        chosen = {
            "scope": self.scope,
            "status": self.status,
            "project": self.project.slug if self.project else "",
            "priority": self.priority.code if self.priority else "",
            "q": self.words,
        }
        return urlencode({name: value for name, value in (chosen | changes).items() if value})

    def tickets(self, who: Membership) -> TicketQuerySet:
        """Those of the reader that were chosen; the words are for the search."""
        tickets = _in_status(_in_scope(Ticket.objects.visible_to(who), self.scope, who), self.status)
        if self.project is not None:
            tickets = tickets.filter(project=self.project)
        if self.priority is not None:
            tickets = tickets.filter(priority=self.priority)
        return tickets


@dataclass(frozen=True, slots=True)
class Choices:
    """What can be chosen from, in the vendor's words."""

    projects: list[Project]
    priorities: list[Priority]
    states: dict[str, str]


def choices_for(who: Membership) -> Choices:
    """The projects that the reader sees, the contract's priorities, the six states. Three queries."""
    labels = choices.status_labels(for_customers=True)
    return Choices(
        list(Project.objects.open_to(who).order_by("name")),
        list(choices.customer_priorities()),
        {state.value: labels[state.value] for state in State if state.value in labels},
    )


def narrowed(sent: Mapping[str, Any], who: Membership, offered: Choices) -> Narrowing:
    """What an address asks for. Words alone are looked for in every status. Raises LookupError for what is not."""
    scopes = scopes_of(who)
    words = " ".join(str(sent.get("q", "")).replace("\0", " ").split())[:200]
    scope = sent.get("scope") or (scopes[-1] if who.role == Role.MANAGER else "mine")
    status = sent.get("status") or (ALL if words else OPEN)
    if scope not in scopes or status not in {OPEN, ALL, *offered.states}:
        raise LookupError
    project, priority = sent.get("project"), sent.get("priority")
    return Narrowing(
        scope,
        status,
        _one(offered.projects, "slug", project) if project else None,
        _one(offered.priorities, "code", priority) if priority else None,
        words,
    )


def _one(rows: list[Any], name: str, value: str) -> Any:
    for row in rows:
        if getattr(row, name) == value:
            return row
    raise LookupError(value)


def _in_scope(tickets: TicketQuerySet, scope: str, who: Membership) -> TicketQuerySet:
    if scope == "mine":
        return tickets.filter(requester=who)
    return tickets.told_to(who) if scope == "shared" else tickets


def _in_status(tickets: TicketQuerySet, status: str) -> TicketQuerySet:
    if status == ALL:
        return tickets
    return tickets.open() if status == OPEN else tickets.filter(state=status)
