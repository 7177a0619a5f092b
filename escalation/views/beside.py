"""What stands about paging beside a ticket."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from escalation import policies
from escalation.models import Page
from escalation.rehearsal import Woken, ahead, first_woken
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role
from tickets.models import Ticket
from tickets.models.event import Kind
from tickets.queries import Entry

SHOWN = 5


def pages_of(ticket: Ticket, entries: Sequence[Entry]) -> list[tuple[Page, str, Woken | None]]:
    """Its last pages, each with its policy's name, and whom one in its waiting room will wake. One query, and
    some for each that waits there; none for a ticket whose timeline tells of no page."""
    if not any(entry.event is not None and entry.event.kind == Kind.PAGE_OPENED for entry in entries):
        return []
    pages = Page.objects.filter(ticket=ticket).select_related("acknowledged_by__user", "resolved_by__user")
    return [
        (page, policies.name_of(page.contract_version_id, page.policy), _woken(page, ticket))
        for page in pages.order_by("-pk")[:SHOWN]
    ]


def retry_url(request: VendorRequest, ticket: Ticket) -> str:
    """Where the reader can have sent again what was given up on this ticket; empty for whoever may not."""
    if not request.membership.is_at_least(Role.ADMIN):
        return ""
    return f"{reverse('deliveries', kwargs={'vendor': request.vendor.slug})}?ticket={ticket.number}"


def _woken(page: Page, ticket: Ticket) -> Woken | None:
    return first_woken(ahead(page, ticket)) if page.is_held else None
