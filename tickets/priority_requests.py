"""A customer's request for a higher priority, as the timeline tells it: open until it is answered."""

from __future__ import annotations

from collections.abc import Iterable

from tickets.models import Event, Ticket
from tickets.models.event import Kind

ANSWERS = (Kind.PRIORITY_DECLINED, Kind.PRIORITY_CHANGED, Kind.RESOLVED, Kind.MERGED)


def pending(events: Iterable[Event]) -> Event | None:
    """Of a ticket's events in their order, the request that nobody has answered yet."""
    asked = None
    for event in events:
        if event.kind == Kind.PRIORITY_REQUESTED:
            asked = event
        elif event.kind in ANSWERS:
            asked = None
    return asked


def pending_on(ticket: Ticket) -> Event | None:
    """The unanswered request of this ticket, with who asked. One query."""
    kinds = (Kind.PRIORITY_REQUESTED, *ANSWERS)
    return pending(Event.objects.filter(ticket=ticket, kind__in=kinds).select_related("by__user").order_by("at", "id"))
