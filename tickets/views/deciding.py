"""The desk's answers to what customers ask for beside an answer, and what customers say of the outcome."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from supportdesk.accounts.access import agent, lead
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions, priority_requests, ratings
from tickets.asking import DeclineForm
from tickets.errors import Refused
from tickets.views.asking import back, did, found
from tickets.views.rail import rail


@require_POST
@agent
def accept_priority(request: VendorRequest, number: int) -> HttpResponse:
    """Raises the priority as the customer asked."""
    try:
        ticket = actions.accept_priority(found(request, number), by=request.membership, at=timezone.now())
        messages.success(request, _("Priority: %(code)s.") % {"code": ticket.priority.code})
    except Refused as error:
        messages.error(request, error.text)
    return back(request, number)


@require_http_methods(["GET", "POST"])
@agent
def decline_priority(request: VendorRequest, number: int) -> HttpResponse:
    """Leaves the priority and tells the customer why."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    wish = priority_requests.pending_on(ticket)
    if wish is None:
        return back(request, number)
    form = DeclineForm(request.POST or None)
    if did(form, lambda data: actions.decline_priority(ticket, by=by, at=at, body=data["body"])):
        messages.success(request, _("Declined. The customer has been told."))
        return back(request, number)
    context = {"ticket": ticket, "wish": wish, "form": form, "now": at, **rail(by, at)}
    return render(request, "desk/decline.html", context, status=422 if form.is_bound else 200)


@require_GET
@lead
def outcomes(request: VendorRequest) -> HttpResponse:
    """How customers rate what was resolved: by month, and what they said."""
    at = timezone.now()
    context = {
        "months": ratings.by_month(request.vendor.zoneinfo, at=at),
        "latest": ratings.latest(),
        "now": at,
        **rail(request.membership, at, current="outcomes"),
    }
    return render(request, "desk/outcomes.html", context)
