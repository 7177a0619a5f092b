"""What stands about paging beside a ticket."""

from __future__ import annotations

from collections.abc import Sequence

from escalation import policies
from escalation.models import Page
from tickets.models import Ticket
from tickets.models.event import Kind
from tickets.queries import Entry

SHOWN = 5


def pages_of(ticket: Ticket, entries: Sequence[Entry]) -> list[tuple[Page, str]]:
    """Its last pages, each with its policy's name. One query; none for a ticket whose timeline tells of no page."""
    if not any(entry.event is not None and entry.event.kind == Kind.PAGE_OPENED for entry in entries):
        return []
    pages = Page.objects.filter(ticket=ticket).select_related("acknowledged_by__user", "resolved_by__user")
    return [(page, policies.name_of(page.contract_version_id, page.policy)) for page in pages.order_by("-pk")[:SHOWN]]
