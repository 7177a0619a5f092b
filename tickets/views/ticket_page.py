"""One ticket on the desk: finding it, showing it, and coming back to it after something was done."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from supportdesk.accounts.middleware import VendorRequest
from tickets.models import Ticket
from tickets.time_spent import with_timer_of
from tickets.views import desk_context


def found(request: VendorRequest, number: int) -> Ticket:
    """Raises Http404."""
    who = request.membership
    tickets = with_timer_of(Ticket.objects.visible_to(who).for_page().with_draft_of(who), who)
    return get_object_or_404(tickets, number=number)


def back(request: VendorRequest, number: int, place: str = "") -> HttpResponse:
    address = reverse("desk-ticket", kwargs={"vendor": request.vendor.slug, "number": number})
    return redirect(f"{address}#{place}" if place else address)


def ticket_page(request: VendorRequest, ticket: Ticket, *, status: int = 200, **bound: Any) -> HttpResponse:
    """The whole page; ``bound`` are forms that came back with errors, and what held a reply back."""
    context = desk_context.ticket_page(request, ticket, timezone.now(), **bound)
    return render(request, "desk/ticket.html", context, status=status)
