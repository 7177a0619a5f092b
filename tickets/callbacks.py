"""Which tickets wait for a phone call, and whose plan brings that ("Phone callback service", commercetools)."""

from __future__ import annotations

from collections.abc import Iterable

from tickets.models import Callback, Ticket

CHANNEL = "phone_callback"


def is_offered(ticket: Ticket) -> bool:
    """Whether the plan that the ticket was filed under has call-backs at its priority. No query on a page's ticket."""
    version = ticket.plan_version
    if version is None:
        return False
    return any(
        CHANNEL in section["channels"] and ticket.priority.code in (section.get("priorities") or [ticket.priority.code])
        for section in version.details.get("channels", ())
    )


def waited_for(tickets: Iterable[Ticket]) -> dict[int, Callback]:
    """The call that each of these tickets waits for, by ticket, with who asked and who makes it. One query."""
    waiting = Callback.objects.open().filter(ticket__in=[ticket.pk for ticket in tickets])
    return {call.ticket_id: call for call in waiting.select_related("asked_by__user", "claimed_by__user")}
