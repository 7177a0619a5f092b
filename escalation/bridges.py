"""The conference bridge where everybody concerned with a page meets."""

from __future__ import annotations

from escalation.models import Page
from plans.queries import contract_of
from tickets.models import Ticket


def made_for(page: Page, ticket: Ticket) -> str:
    """The address that the vendor's contract makes for this page; empty when it has no bridge."""
    contract = contract_of(page.contract_version_id)
    template = contract.escalation.bridge if contract.escalation else None
    if template is None:
        return ""
    return template.replace("{incident}", f"{ticket.number}-{page.pk}").replace("{number}", str(ticket.number))
