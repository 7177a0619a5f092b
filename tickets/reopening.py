"""How long a customer may reopen a resolved ticket; later it goes on in a linked follow-up ticket."""

from __future__ import annotations

from datetime import datetime

from plans.contract import Contract
from tickets.models import Ticket


def reopens_until(ticket: Ticket, contract: Contract | None) -> datetime | None:
    """The last instant at which the customer may reopen it; None for an open ticket and without a contract."""
    if ticket.resolved_at is None or contract is None:
        return None
    return ticket.resolved_at + contract.reopen.within


def is_closed_for_good(ticket: Ticket, contract: Contract | None, at: datetime) -> bool:
    """Whether the vendor's window has passed. The last instant itself is still in it."""
    until = reopens_until(ticket, contract)
    return until is not None and at > until
