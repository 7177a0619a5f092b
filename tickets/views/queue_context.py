"""What the queue shows: a page of a list with everything around it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.http import Http404
from django.urls import reverse

from sla import pages as sla_pages
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from tickets import callbacks, columns, filters, listing, ordering, selecting, tags
from tickets.filter_choices import words_of
from tickets.filters import Operator
from tickets.search import search
from tickets.selecting import Piece, Selection
from tickets.views.rail import rail

CALLS = "callbacks"
"""The view whose rows say whom to call."""


@dataclass(frozen=True, slots=True)
class ShownPiece:
    """A filter of the list in words, and the address of the list without it."""

    piece: Piece
    words: list[str]
    without: str

    @property
    def is_not(self) -> bool:
        return self.piece.operator is Operator.NOT

    @property
    def is_any(self) -> bool:
        return self.piece.is_any


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head that sorts: where a press on it leads, and which way it sorts now (ascending, descending or
    not)."""

    query: str
    direction: str


def asked(request: VendorRequest) -> Selection:
    """The list that the address asks for; raises BadRequest (400) for anything that no page of ours offers."""
    return read(request.GET)


def read(sent: Any) -> Selection:
    """The list that a QueryDict says; raises BadRequest."""
    try:
        return selecting.read({name: sent.getlist(name) for name in sent}, views=listing.SLUGS)
    except selecting.WrongAddress as error:
        raise BadRequest from error


def address(request: VendorRequest, query: str) -> str:
    """Of the list that a form names as where its reader was; one that is none of ours leads to the first view."""
    queue = reverse("desk-queue", kwargs={"vendor": request.vendor.slug})
    try:
        return f"{queue}?{selecting.read_query(query[:2500], views=listing.SLUGS).query()}"
    except selecting.WrongAddress:
        return queue


def queue_rows(request: VendorRequest, at: datetime) -> dict[str, Any]:
    """A page of a list with the counts of all views, and the tag by which a live page knows that nothing changed.

    Raises BadRequest for what is not in the allow-lists, Http404 for a saved view that the reader has not.
    """
    selection, who = asked(request), request.membership
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    saved_key = f"saved:{selection.saved}" if selection.saved is not None else ""
    beside = rail(who, at, current=saved_key or selection.view)
    saved = beside["rail"]["saved"].get(selection.saved)
    shown = columns.shown((saved and saved["columns"]) or beside["rail"]["columns"])
    joins = [*columns.joins_of(shown), *(["requester__user"] if selection.view == CALLS else [])]
    try:
        page = listing.queue_page(selection, who, at, after=after, before=before, joins=joins)
    except ordering.WrongCursor as error:
        raise BadRequest from error
    item = next((item for item in beside["rail"]["all"] if item.key == (saved_key or selection.view)), None)
    if item is None:
        raise Http404
    tagged = tags.names_of(page.rows)
    calls = callbacks.waited_for(page.rows) if selection.view == CALLS else {}
    return {
        "selection": selection,
        "in_search": False,
        "saved": saved,
        "is_changed": saved is not None and saved["query"] != selection.kept(),
        "view": listing.view_of(selection.view),
        "title": item.title,
        "page": page,
        "columns": shown,
        "address": selection.query(after=after, before=before),
        "is_first": not (after or before),
        "shown_count": None if selection.pieces else item.count if not saved_key else None,
        "tags": tagged,
        "calls": calls,
        "tag": sla_pages.list_tag(
            page.rows,
            page.after,
            beside["rail"]["counts"],
            sorted(tagged.items()),
            *(column.name for column in shown),
            *(call.mark for call in calls.values()),
        ),
        "now": at,
        **beside,
    }


def drawn(rows: dict[str, Any]) -> dict[str, Any]:
    """The rows with what only a drawn page needs. One query for the chips and one for each filter that has names."""
    selection: Selection = rows["selection"]
    return rows | {
        "chips": sla_pages.chips_for(rows["page"].rows, at=rows["now"], for_customer=False),
        "heads": heads(selection),
        "pieces": shown_pieces(selection, rows["labels"]),
        "filters": list(filters.FILTERS.values()),
        "is_any": False,
    }


def shown_pieces(selection: Selection, labels: dict[str, str]) -> list[ShownPiece]:
    """The filters of a list in words. At most one query each."""
    return [
        ShownPiece(piece, words_of(piece, labels), selection.without(piece.key).query()) for piece in selection.pieces
    ]


def heads(selection: Selection) -> dict[str, Head]:
    """What sorts a list, by column: pressed once upwards, again downwards, and a third time as the view is."""
    order = listing.order_in(selection).written
    own = listing.view_of(selection.view).order.written
    found = {}
    for name in ordering.COLUMNS:
        following = f"-{name}" if order == name else "" if order == f"-{name}" else name
        direction = {name: "ascending", f"-{name}": "descending"}.get(order, "")
        found[name] = Head(selection.sorted_by("" if following == own else following).query(), direction)
    return found


def search_page(request: VendorRequest, at: datetime) -> dict[str, Any]:
    """What was found among all tickets, or among those that the filters of the address leave. Raises BadRequest."""
    sent = request.GET.copy()
    typed = " ".join(sent.pop("q", [])).replace("\0", " ").strip()[: selecting.LONGEST_VALUE]
    if typed:
        sent["q"] = typed
    sent.setdefault("view", "all")
    selection, who = read(sent), request.membership
    words = " ".join(piece.values) if (piece := selection.piece("q")) else ""
    rest = selection.without("q")
    among = listing.selected(rest, who, at) if rest.pieces or rest.view != "all" else None
    results = search(words, who=who, among=among)
    beside = rail(who, at, current="search")
    return {
        "selection": selection,
        "in_search": True,
        "saved": None,
        "is_changed": False,
        "words": words,
        "results": results,
        "chips": sla_pages.chips_for([each.ticket for each in results.found], at=at, for_customer=False),
        "pieces": shown_pieces(selection, beside["labels"]),
        "filters": list(filters.FILTERS.values()),
        "is_any": False,
        "now": at,
        **beside,
    }


def people_of(who: Membership) -> list[Membership]:
    """The colleagues that a ticket can be given to, the reader first."""
    colleagues = list(Membership.objects.staff().order_by("user__name"))
    return sorted(colleagues, key=lambda each: each.pk != who.pk)
