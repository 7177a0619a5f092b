"""Reading the tags of tickets."""

from __future__ import annotations

from collections.abc import Iterable

from tickets.models import Ticket, TicketTag
from tickets.models.event import Kind
from tickets.queries import Entry


def names_of(tickets: Iterable[Ticket]) -> dict[int, list[tuple[str, str]]]:
    """Slug and name of each tag by ticket id, by name. One query."""
    found: dict[int, list[tuple[str, str]]] = {}
    rows = TicketTag.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).order_by("tag__name")
    for ticket_id, slug, name in rows.values_list("ticket_id", "tag__slug", "tag__name"):
        found.setdefault(ticket_id, []).append((slug, name))
    return found


def of_ticket(ticket: Ticket, entries: Iterable[Entry]) -> list[tuple[str, str]]:
    """Slug and name of each tag of one ticket, whose conversation is at hand: no query when no tag was ever added."""
    was_tagged = any(entry.event is not None and entry.event.kind == Kind.TAGGED for entry in entries)
    return names_of([ticket]).get(ticket.pk, []) if was_tagged else []
