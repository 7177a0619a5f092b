"""The queue: a view of the desk with its filters, kept current; and the search with the same."""

from __future__ import annotations

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import listing
from tickets.actions.bulk import MOST_AT_ONCE
from tickets.views import queue_context
from tickets.views.live import unless_same


@require_GET
@agent
def queue(request: VendorRequest) -> HttpResponse:
    """A view of the desk, the next right ticket on top."""
    context = queue_context.queue_rows(request, timezone.now())
    return render(request, "desk/queue.html", queue_context.drawn(context))


@require_GET
@agent
def rows(request: VendorRequest) -> HttpResponse:
    """The queue's rows alone, for the live page."""
    context = queue_context.queue_rows(request, timezone.now())
    return unless_same(
        request,
        context["tag"],
        lambda: render(request, "desk/_live_rows.html", queue_context.drawn(context)),
    )


@require_GET
@agent
def selection(request: VendorRequest) -> JsonResponse:
    """The numbers of the tickets in a list, in its order, as many as can be changed at once: what “select all”
    takes."""
    asked, at = queue_context.asked(request), timezone.now()
    page = listing.order_in(asked).ordered(listing.selected(asked, request.membership, at), backwards=False)
    numbers = list(page.values_list("number", flat=True)[: MOST_AT_ONCE + 1])
    return JsonResponse({"numbers": numbers[:MOST_AT_ONCE], "is_cut": len(numbers) > MOST_AT_ONCE})


@require_GET
@agent
def search(request: VendorRequest) -> HttpResponse:
    """What agents find among all of the vendor's tickets, internal notes too, with the queue's filters."""
    return render(request, "desk/search.html", queue_context.search_page(request, timezone.now()))
