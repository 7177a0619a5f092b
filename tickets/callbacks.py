"""Whether a ticket's plan brings phone call-backs ("Phone callback service", commercetools)."""

from __future__ import annotations

from tickets.models import Ticket

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
