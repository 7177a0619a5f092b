"""Which columns the queue has: its reader's in every view, or those of a saved view for whoever opens it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions, columns, listing, selecting
from tickets.errors import Refused
from tickets.models import SavedView
from tickets.views import queue_context
from tickets.views.rail import rail

OF_VIEW = "view"
"""What the form sends for “the view that is open”, not for all of the reader's."""
STEPS = {"up": -1, "down": 1}


@require_http_methods(["GET", "POST"])
@agent
def choose(request: VendorRequest) -> HttpResponse:
    """The columns that are seen, to choose from and to arrange; ``back`` is the list that the reader came from."""
    back = request.POST.get("back", "") if request.method == "POST" else request.GET.urlencode()
    view = _open_view(request, back)
    if request.method == "POST":
        step = next((step for step in STEPS if step in request.POST), "")
        return _moved(request, view, back, step) if step else _kept(request, view, back)
    beside = rail(request.membership, timezone.now())
    own = view.columns if view is not None and view.may_be_changed_by(request.membership) else []
    seen = [column.name for column in columns.shown(own or beside["rail"]["columns"])]
    names = [column.name for column in columns.arranged(seen)]
    return _form(request, view, back, names=names, chosen=seen, of_view=bool(own))


def _moved(request: VendorRequest, view: SavedView | None, back: str, step: str) -> HttpResponse:
    """The form as it was sent, with one column further up or down; nothing is kept yet."""
    names, chosen = request.POST.getlist("order"), request.POST.getlist("columns")
    if sorted(names) != sorted(columns.NAMES):
        raise BadRequest
    try:
        names = columns.moved(names, request.POST[step], STEPS[step])
    except ValueError as error:
        raise BadRequest from error
    return _form(request, view, back, names=names, chosen=chosen, of_view=request.POST.get("scope") == OF_VIEW)


def _kept(request: VendorRequest, view: SavedView | None, back: str) -> HttpResponse:
    names = list(columns.USUAL) if "usual" in request.POST else request.POST.getlist("columns")
    of_view = request.POST.get("scope") == OF_VIEW or "no-own" in request.POST
    if of_view and view is None:
        raise BadRequest
    try:
        if of_view and view is not None:
            kept = [] if "no-own" in request.POST else names
            actions.set_view_columns(view, names=kept, by=request.membership, at=timezone.now())
        else:
            actions.choose_columns(names=names, by=request.membership)
    except Refused as error:
        raise BadRequest from error
    if view is not None and view.columns and not of_view:
        said = _("Kept for your other views: “%(name)s” has columns of its own.")
        messages.success(request, said % {"name": view.name})
    return redirect(queue_context.address(request, back))


def _open_view(request: VendorRequest, back: str) -> SavedView | None:
    try:
        saved = selecting.read_query(back[:2500], views=listing.SLUGS).saved
    except selecting.WrongAddress:
        return None
    return SavedView.objects.shown_to(request.membership).filter(pk=saved).first() if saved is not None else None


def _form(
    request: VendorRequest,
    view: SavedView | None,
    back: str,
    *,
    names: Sequence[str],
    chosen: Sequence[str],
    of_view: bool,
) -> HttpResponse:
    may_change = view is not None and view.may_be_changed_by(request.membership)
    context = {
        "columns": columns.arranged(names),
        "chosen": chosen,
        "back": back,
        "queue": queue_context.address(request, back),
        "saved_view": view,
        "may_change": may_change,
        "of_view": of_view and may_change,
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/_columns.html", context)
    return render(request, "desk/columns.html", context | rail(request.membership, timezone.now()))
