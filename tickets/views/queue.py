"""The queue: a view of the desk with its filters, kept current; what it can be filtered by."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from plans import choices
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import days, filters, listing
from tickets.actions.bulk import MOST_AT_ONCE
from tickets.filter_choices import Choice, choices_of, words_of
from tickets.filters import FILTERS, Form, Operator, Piece
from tickets.views import queue_context
from tickets.views.live import unless_same
from tickets.views.rail import rail

BETWEEN = "between"
"""What the form of a filter by days sends for two typed dates."""


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


@require_GET
@agent
def choices_to_filter(request: VendorRequest, by: str) -> HttpResponse:
    """What a list can be filtered by under one name, with what is chosen now; ``find`` narrows long lists, ``of`` says
    that the list is the search's."""
    if by not in FILTERS:
        raise Http404
    sent = request.GET.copy()
    find = sent.pop("find", [""])[-1][:100].replace("\0", "")
    of_search = bool(sent.pop("of", []))
    asked = queue_context.read(sent)
    labels = choices.status_labels(for_customers=False)
    piece = asked.piece(by)
    offered = choices_of(by, labels, find=find)
    between = _between(piece)
    known = {*(choice.value for choice in offered.listed), "..".join(between or ())}
    context = {
        "filter": FILTERS[by],
        "piece": piece,
        "offered": offered,
        "others": [
            choice for choice in _chosen(piece, labels) if choice.value not in known and ".." not in choice.value
        ],
        "rest": asked.with_piece(by, Operator.IS, ()).pairs(),
        "find": find,
        "query": asked.query(),
        "of_search": of_search,
        "between": between,
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/_filter.html", context)
    return render(request, "desk/filter.html", context | rail(request.membership, timezone.now()))


@require_GET
@agent
def apply_filter(request: VendorRequest, by: str) -> HttpResponse:
    """From the form of one filter to the address that says the same."""
    if by not in FILTERS:
        raise Http404
    sent = request.GET.copy()
    operator, values = sent.pop("operator", [""])[-1], sent.pop("value", [])
    if FILTERS[by].form is Form.DAYS:
        typed = days.written(sent.pop("first", [""])[-1], sent.pop("last", [""])[-1])
        values = [typed if value == BETWEEN else value for value in values]
    name = "desk-search" if sent.pop("of", []) else "desk-queue"
    asked = queue_context.read(sent)
    chosen = asked.with_piece(by, Operator.NOT if operator == Operator.NOT else Operator.IS, [v for v in values if v])
    try:
        checked = filters.read_query(chosen.query(), views=listing.SLUGS)
    except filters.WrongAddress as error:
        raise BadRequest from error
    return redirect(f"{reverse(name, kwargs={'vendor': request.vendor.slug})}?{checked.query()}")


def _between(piece: Piece | None) -> tuple[str, str] | None:
    """The two dates of a filter by days as a field of a form takes them, where it is set to dates."""
    for value in piece.values if piece is not None and piece.filter.form is Form.DAYS else ():
        first, separator, last = value.partition("..")
        if separator:
            return first, last
    return None


def _chosen(piece: Piece | None, labels: dict[str, str]) -> list[Choice]:
    return [] if piece is None else [Choice(*each) for each in zip(piece.values, words_of(piece, labels), strict=True)]
