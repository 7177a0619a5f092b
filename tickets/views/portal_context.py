"""What the portal's pages show of tickets: the customer's words, and nothing internal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from plans.models import StatusLabel
from sla import pages as sla_pages
from supportdesk.accounts.middleware import VendorRequest
from tickets import fields, queries
from tickets.forms import ReplyForm
from tickets.models import Ticket
from tickets.models.event import Kind
from tickets.queries import Entry
from tickets.uploads import MOST_FILES, clean_name
from tickets.views import beside
from tickets.views.thread import blocks
from tickets.views.together import for_customer

LINES = (
    Kind.PRIORITY_CHANGED,
    Kind.PLAN_CHANGED,
    Kind.STATUS_CHANGED,
    Kind.UPDATE_PROMISED,
    Kind.RESOLVED,
    Kind.REOPENED,
    Kind.MERGED,
    Kind.UNMERGED,
    Kind.SPLIT,
    Kind.SCOPE_DECIDED,
    Kind.FEE_ANSWERED,
    Kind.ISSUE_ADDED,
    Kind.ISSUE_CHANGED,
    Kind.DELIVERY_REQUESTED,
    Kind.DELIVERED,
    Kind.CALLBACK_REQUESTED,
    Kind.CALLBACK_CANCELLED,
    Kind.CALLBACK_SCHEDULED,
    Kind.CONFERENCE_ADDED,
    Kind.CONFERENCE_ENDED,
    Kind.FOLLOWER_ADDED,
    Kind.FOLLOWER_REMOVED,
    Kind.PRIORITY_REQUESTED,
    Kind.PRIORITY_DECLINED,
    Kind.ESCALATED,
    Kind.FOLLOWED_UP,
    Kind.RATED,
)
"""The events a customer is told of. A kind added later stays hidden until it is named here."""


def ticket_page(request: VendorRequest, ticket: Ticket, form: ReplyForm, at: datetime) -> dict[str, Any]:
    """One ticket: where it stands, what is promised, the conversation, and what can be done next."""
    statuses = {row.state: row for row in StatusLabel.objects.all()}
    entries = queries.conversation(ticket, request.membership)
    told = [each for each in entries if _is_told(each)]
    return {
        "ticket": ticket,
        "blocks": blocks(told, vendor=request.vendor.slug),
        "answers": fields.labelled(ticket.category, ticket.fields),
        "clocks": sla_pages.chips_of(ticket, at=at, for_customer=True),
        "labels": {state: row.customer_label for state, row in statuses.items()},
        "status": statuses[ticket.state],
        "form": form,
        "lost_files": names_of_files(request),
        "tag": sla_pages.page_tag(ticket),
        "max_bytes": settings.ATTACHMENT_MAX_BYTES,
        "max_files": MOST_FILES,
        "now": at,
        **for_customer(ticket, entries, request.membership),
        **beside.offered(ticket, entries, request.membership, at),
    }


def names_of_files(request: VendorRequest) -> list[str]:
    """The files that came with a form; when it is shown again they have to be chosen again."""
    return [clean_name(file.name or "") for file in request.FILES.getlist("files")]


def _is_told(entry: Entry) -> bool:
    """Which of the vendor's people follow a ticket stays at the desk."""
    return entry.event is None or (entry.event.kind in LINES and not entry.event.data.get("is_staff"))
