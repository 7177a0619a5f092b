"""Who asks: the people, plan, other tickets, absences and launches of a ticket's customer, beside the conversation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from onboarding.models import Absence, Launch
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from tickets.models import Ticket
from tickets.views.rail import rail
from tickets.views.ticket_page import found

PEOPLE_SHOWN = 8
TICKETS_SHOWN = 5
AHEAD = timedelta(days=21)
"""Absences that begin later are not yet an agent's business."""


@require_safe
@agent
def customer(request: VendorRequest, number: int) -> HttpResponse:
    """A part of the ticket's page that it fetches when it is there, so that the conversation waits for none of this;
    without scripts a page of its own."""
    ticket, at = found(request, number), timezone.now()
    context = _known_of(ticket, timezone.localtime(at, request.vendor.zoneinfo).date()) | {
        "ticket": ticket,
        "now": at,
        "bare": bool(request.headers.get("HX-Request")),
    }
    if not context["bare"]:
        context |= rail(request.membership, at)
    response = render(request, "desk/customer.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _known_of(ticket: Ticket, today: Any) -> dict[str, Any]:
    """Four queries."""
    people = Membership.objects.filter(organization_id=ticket.organization_id, is_active=True).select_related("user")
    others = Ticket.objects.filter(organization_id=ticket.organization_id).open().exclude(pk=ticket.pk)
    absences = Absence.objects.of(ticket.organization).not_over(today).filter(starts_on__lte=today + AHEAD)
    launches = Launch.objects.of(ticket.organization).around(today)
    details = ticket.plan_version.details if ticket.plan_version is not None else {}
    return {
        "people": list(people.order_by("user__name")[: PEOPLE_SHOWN + 1]),
        "people_shown": PEOPLE_SHOWN,
        "others": list(others.by_next_due().only("number", "subject", "state", "vendor_id")[: TICKETS_SHOWN + 1]),
        "others_shown": TICKETS_SHOWN,
        "absences": list(absences[:6]),
        "launches": list(launches[:4]),
        "today": today,
        "success_engineer": (details.get("success_engineer") or {}).get("title", ""),
        "plan_features": details.get("features") or [],
    }
