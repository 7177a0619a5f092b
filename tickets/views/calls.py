"""Call-backs that the desk arranges, claims and makes, and meetings with a shared screen."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions, phone_numbers
from tickets.actions.conferencing import room_for
from tickets.calling import ConferenceForm, ScheduleForm
from tickets.errors import Refused
from tickets.models import Callback
from tickets.views import queue_context
from tickets.views.asking import back, did, found
from tickets.views.rail import rail


@require_http_methods(["GET", "POST"])
@agent
def schedule(request: VendorRequest, number: int) -> HttpResponse:
    """Arranges to call the customer; begins with the number they were called on last."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    last = Callback.objects.filter(ticket__requester=ticket.requester_id).order_by("-pk").first()
    initial: dict[str, Any] = {"number": phone_numbers.readable(last.number)} if last else {}
    form = ScheduleForm(request.POST or None, initial=initial)
    if did(form, lambda data: actions.schedule_callback(ticket, by=by, at=at, **data)):
        messages.success(request, _("Arranged. The customer has been told, and you are reminded before."))
        return _to_list(request, request.GET.get("back", "")) or back(request, number)
    return _page(request, "schedule_call", {"ticket": ticket, "form": form})


@require_POST
@agent
def claim(request: VendorRequest, number: int) -> HttpResponse:
    """The reader will make the call."""
    seen = request.POST.get("seen", "")
    try:
        actions.claim_callback(
            found(request, number),
            by=request.membership,
            at=timezone.now(),
            seen=int(seen) if seen.isdecimal() and len(seen) < 19 else None,
        )
        messages.success(request, _("You make the call of #%(number)s.") % {"number": number})
    except Refused as error:
        messages.error(request, error.text)
    return _to_list(request, request.POST.get("back", "")) or back(request, number)


@require_http_methods(["GET", "POST"])
@agent
def conference(request: VendorRequest, number: int) -> HttpResponse:
    """Puts a meeting on the ticket, in a room of the vendor's or at an address that is pasted."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    form = ConferenceForm(request.POST if request.method == "POST" else None, has_rooms=bool(room_for(ticket)))
    if did(form, lambda data: actions.open_conference(ticket, by=by, at=at, **data)):
        messages.success(request, _("The meeting stands on the ticket, and the customer has been told."))
        return back(request, number)
    return _page(request, "conference", {"ticket": ticket, "form": form})


@require_POST
@agent
def end_conference(request: VendorRequest, number: int) -> HttpResponse:
    """The meeting is over, or will not be."""
    try:
        actions.end_conference(found(request, number), by=request.membership, at=timezone.now())
        messages.success(request, _("The meeting is taken off the ticket."))
    except Refused as error:
        messages.error(request, error.text)
    return back(request, number)


def _to_list(request: VendorRequest, query: str) -> HttpResponse | None:
    """Back to the list that the reader came from; None for one who came from the ticket."""
    return redirect(queue_context.address(request, query)) if query else None


def _page(request: VendorRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    at = timezone.now()
    status = 422 if context["form"].is_bound else 200
    return render(request, f"desk/{name}.html", context | {"now": at, **rail(request.membership, at)}, status=status)
