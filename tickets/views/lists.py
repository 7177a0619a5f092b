"""A customer's lists, narrowed and searched, and as CSV."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET

from sla import pages as sla_pages
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from tickets import export, listing, narrowing
from tickets.search import search


@require_GET
@member
def tickets(request: VendorRequest) -> HttpResponse:
    """A customer's lists: filed by me, shared with my organization, and for its managers all of it."""
    if request.membership.is_staff_side:
        return redirect("desk-queue", vendor=request.vendor.slug)
    return render(request, "portal/list.html", _list(request, timezone.now()))


@require_GET
@member
def as_csv(request: VendorRequest) -> HttpResponse:
    """The same list as a file: every ticket of it, not a page."""
    if request.membership.is_staff_side:
        raise Http404
    chosen, offered = _chosen(request)
    rows = chosen.tickets(request.membership)
    if chosen.words:
        found = search(chosen.words, who=request.membership, among=rows).found
        rows = rows.filter(pk__in=[each.ticket.pk for each in found])
    response = HttpResponse(export.ticket_csv(rows, offered.states), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{request.vendor.slug}-tickets.csv"'
    return response


def _chosen(request: VendorRequest) -> tuple[narrowing.Narrowing, narrowing.Choices]:
    """What the address asks for; raises Http404 for a list or a filter that does not exist."""
    offered = narrowing.choices_for(request.membership)
    try:
        return narrowing.narrowed(request.GET, request.membership, offered), offered
    except LookupError as error:
        raise Http404 from error


def _list(request: VendorRequest, at: datetime) -> dict[str, Any]:
    """A page of a list, or what a search in it found; raises Http404 for a cursor that no page gave out."""
    chosen, offered = _chosen(request)
    after = request.GET.get("after", "")
    among = chosen.tickets(request.membership)
    results = search(chosen.words, who=request.membership, among=among) if chosen.words else None
    try:
        page = listing.recent_page(among, after=after) if results is None else None
    except (ValueError, OverflowError, OSError) as error:
        raise Http404 from error
    rows = [each.ticket for each in results.found] if results is not None else page.rows if page is not None else []
    return {
        "chosen": chosen,
        "offered": offered,
        "scopes": narrowing.scopes_of(request.membership),
        "after": after,
        "page": page,
        "results": results,
        "chips": sla_pages.chips_for(rows, at=at, for_customer=True),
        "labels": offered.states,
        "most_rows": export.MOST_ROWS,
        "now": at,
    }
