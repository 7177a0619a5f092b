"""What the queue and the search can be filtered by: which filters, one filter's values, and what was chosen."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from plans import choices
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import days, listing, selecting
from tickets.filter_choices import Choice, choices_of, words_of
from tickets.filters import FILTERS, Form, Operator
from tickets.selecting import Piece, Selection
from tickets.views import queue_context
from tickets.views.rail import rail

BETWEEN = "between"
"""What the form of a filter by days sends for two typed dates."""
ANY = "any"
"""What an address says beside the list for “among those of which one is enough”."""


@require_GET
@agent
def any_of_these(request: VendorRequest) -> HttpResponse:
    """The filters there are, to add one of which it is enough that it holds."""
    sent = request.GET.copy()
    in_search = _is_of_search(sent)
    asked = queue_context.read(sent)
    context = {"filters": list(FILTERS.values()), "selection": asked, "in_search": in_search, "is_any": True}
    if request.headers.get("HX-Request"):
        return render(request, "desk/_filters.html", context)
    return render(request, "desk/filters.html", context | rail(request.membership, timezone.now()))


@require_GET
@agent
def one(request: VendorRequest, by: str) -> HttpResponse:
    """What a list can be filtered by under one name, with what is chosen now; ``find`` narrows long lists, ``of`` says
    that the list is the search's, ``joined`` that one of several is enough."""
    if by not in FILTERS:
        raise Http404
    sent = request.GET.copy()
    find = sent.pop("find", [""])[-1][:100].replace("\0", "")
    in_search, is_any = _is_of_search(sent), _is_any(sent)
    asked = queue_context.read(sent)
    labels = choices.status_labels(for_customers=False)
    piece = asked.piece(by, is_any=is_any)
    offered = choices_of(by, labels, find=find)
    between = _between(piece)
    known = {*(choice.value for choice in offered.listed), "..".join(between or ())}
    context = {
        "filter": FILTERS[by],
        "piece": piece,
        "is_any": is_any,
        "offered": offered,
        "others": [
            choice for choice in _chosen(piece, labels) if choice.value not in known and ".." not in choice.value
        ],
        "rest": asked.with_piece(by, Operator.IS, (), is_any=is_any).pairs(),
        "find": find,
        "query": asked.query(),
        "of_search": in_search,
        "between": between,
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/_filter.html", context)
    return render(request, "desk/filter.html", context | rail(request.membership, timezone.now()))


@require_GET
@agent
def apply(request: VendorRequest, by: str) -> HttpResponse:
    """From the form of one filter to the address that says the same."""
    if by not in FILTERS:
        raise Http404
    sent = request.GET.copy()
    operator, values = sent.pop("operator", [""])[-1], sent.pop("value", [])
    sent.pop("find", None)  # what was typed to find a value is no part of the list
    if FILTERS[by].form is Form.DAYS:
        typed = days.written(sent.pop("first", [""])[-1], sent.pop("last", [""])[-1])
        values = [typed if value == BETWEEN else value for value in values]
    name = "desk-search" if _is_of_search(sent) else "desk-queue"
    is_any = _is_any(sent)
    said = Operator.NOT if operator == Operator.NOT else Operator.IS
    chosen = queue_context.read(sent).with_piece(by, said, [v for v in values if v], is_any=is_any)
    return redirect(f"{reverse(name, kwargs={'vendor': request.vendor.slug})}?{_checked(chosen).query()}")


def _is_of_search(sent: QueryDict) -> bool:
    return bool(sent.pop("of", []))


def _is_any(sent: QueryDict) -> bool:
    return sent.pop("joined", [""])[-1] == ANY


def _checked(selection: Selection) -> Selection:
    """What a form says is read as any address is; raises BadRequest."""
    try:
        return selecting.read_query(selection.query(), views=listing.SLUGS)
    except selecting.WrongAddress as error:
        raise BadRequest from error


def _between(piece: Piece | None) -> tuple[str, str] | None:
    """The two dates of a filter by days as a field of a form takes them, where it is set to dates."""
    for value in piece.values if piece is not None and piece.filter.form is Form.DAYS else ():
        first, separator, last = value.partition("..")
        if separator:
            return first, last
    return None


def _chosen(piece: Piece | None, labels: dict[str, str]) -> list[Choice]:
    return [] if piece is None else [Choice(*each) for each in zip(piece.values, words_of(piece, labels), strict=True)]
