"""What the ticket pages show of the clocks, and whether a page is still current."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.http import Http404

from sla import queries
from sla.chips import Chip
from sla.ledger import run_of
from sla.models import Clock
from sla.terms import terms_by_id
from tickets.models import Event, Ticket


def chips_for(tickets: Sequence[Ticket], *, at: datetime, for_customer: bool) -> dict[int, Chip | None]:
    """By ticket id the chip of the most pressing clock, None where there is no clock. One query."""
    chips = queries.pressing_chips(tickets, at=at, for_customer=for_customer)
    return {ticket.pk: chips.get(ticket.pk) for ticket in tickets}


def chips_of(ticket: Ticket, *, at: datetime, for_customer: bool) -> list[Chip]:
    """Every chip of one ticket, what is late or running first."""
    return queries.chips_of(ticket, at=at, for_customer=for_customer)


def explained(ticket: Ticket, clock_id: int, *, at: datetime, for_customer: bool) -> Any:
    """Why this clock of the ticket is due when it is. Raises Http404 for a clock that is not there, and, for a
    customer, for one that is an internal objective."""
    clocks = Clock.objects.filter(ticket=ticket)
    clock = (clocks.for_customers() if for_customer else clocks).filter(pk=clock_id).first()
    if clock is None:
        raise Http404
    from sla.explain import explain

    return explain(run_of(clock, terms_by_id([clock.plan_version_id])), at)


def page_tag(ticket: Ticket) -> str:
    """Changes whenever the ticket's timeline does: every action and every fired alarm ends there. One query."""
    last = Event.objects.filter(ticket=ticket).order_by("-id").values_list("id", flat=True).first()
    return f"{ticket.pk}-{last}"


def list_tag(tickets: Iterable[Ticket], *parts: object) -> str:
    """Changes whenever a row of the list would look different (rows tick by themselves)."""
    rows = [
        f"{ticket.pk}:{ticket.updated_at.timestamp()}:{ticket.next_due_at}:{ticket.state}:{ticket.assignee_id}"
        for ticket in tickets
    ]
    return hashlib.sha1("|".join([*rows, *map(str, parts)]).encode(), usedforsecurity=False).hexdigest()
