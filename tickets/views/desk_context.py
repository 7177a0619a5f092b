"""What the desk's pages show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import Http404

from escalation.views.beside import pages_of
from plans.states import State
from sla import pages as sla_pages
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from tickets import fields, listing, queries, transitions
from tickets.actions.drafting import reply_draft
from tickets.composer import ComposerForm
from tickets.models import Ticket
from tickets.triage import TriageForm, grades
from tickets.views.beside import asked_for
from tickets.views.rail import rail, title_of
from tickets.views.thread import blocks
from tickets.views.together import together

OTHERS_SHOWN = 5


def queue_rows(request: VendorRequest, at: datetime) -> dict[str, Any]:
    """A page of a view with the counts of all views, and the tag by which a live page knows that nothing changed.

    Raises Http404 for a view or a cursor that does not exist.
    """
    try:
        view = listing.view_of(request.GET.get("view", "open"))
        page = listing.queue_page(view, request.membership, at, after=request.GET.get("after", ""))
    except (LookupError, ValueError) as error:
        raise Http404 from error
    beside = rail(request.membership, at, current=view.slug)
    return {
        "view": view,
        "title": title_of(view, beside["labels"]),
        "page": page,
        "after": request.GET.get("after", ""),
        "tag": sla_pages.list_tag(page.rows, page.next_cursor, beside["rail"]["counts"]),
        "now": at,
        **beside,
    }


def with_chips(rows: dict[str, Any]) -> dict[str, Any]:
    """The rows with what only a drawn page needs."""
    return rows | {
        "chips": sla_pages.chips_for(rows["page"].rows, at=rows["now"], for_customer=False),
    }


def ticket_page(
    request: VendorRequest,
    ticket: Ticket,
    at: datetime,
    *,
    composer: ComposerForm | None = None,
    triage: TriageForm | None = None,
) -> dict[str, Any]:
    """One ticket with everything beside it; forms that came back with errors stand in for fresh ones."""
    beside = rail(request.membership, at)
    offered = grades()
    entries = queries.conversation(ticket, request.membership)
    draft = reply_draft(ticket)
    return {
        "ticket": ticket,
        "blocks": blocks(entries, vendor=request.vendor.slug),
        "answers": fields.labelled(ticket.category, ticket.fields),
        "clocks": sla_pages.chips_of(ticket, at=at, for_customer=False),
        "ranks": offered.ranks,
        "next_states": transitions.next_states(State(ticket.state)),
        "colleagues": list(Membership.objects.staff().order_by("user__name")),
        "others": _others(ticket),
        "composer": composer
        or ComposerForm(ticket=ticket, labels=beside["labels"], initial=draft.initial if draft else None),
        "draft": draft,
        "triage": triage or TriageForm(ticket=ticket, offered=offered),
        "pages": pages_of(ticket, entries),
        "max_bytes": settings.ATTACHMENT_MAX_BYTES,
        "tag": sla_pages.page_tag(ticket),
        "now": at,
        **asked_for(ticket, entries),
        **together(ticket, entries, request.membership, at),
        **beside,
    }


def _others(ticket: Ticket) -> list[Ticket]:
    """The organization's other open tickets, the most pressing first, one more than is shown."""
    tickets = Ticket.objects.filter(organization_id=ticket.organization_id).open().exclude(pk=ticket.pk)
    return list(tickets.by_next_due().only("number", "subject", "state", "vendor_id")[: OTHERS_SHOWN + 1])
