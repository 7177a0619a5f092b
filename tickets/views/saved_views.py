"""Keeping a list as a view, sharing it, arranging the rail, giving a view up."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plans import choices
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions, counting, listing, selecting
from tickets.models import SavedView
from tickets.selecting import Selection
from tickets.view_forms import SavedViewForm
from tickets.views import queue_context
from tickets.views.rail import rail

KEPT_FOR = 15
"""For so many seconds a browser need not ask for the counts again."""


@require_http_methods(["GET", "POST"])
@agent
def new(request: VendorRequest) -> HttpResponse:
    """Keeps the list of an address under a name."""
    query = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    selection = _selection(query)
    form = SavedViewForm(request.POST if request.method == "POST" else None, by=request.membership)
    if form.is_valid():
        try:
            view = actions.save_view(
                **form.cleaned_data,
                selection=selection,
                columns=_columns_of(request, selection),
                by=request.membership,
                at=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("“%(name)s” is in the rail.") % {"name": view.name})
            return redirect(_address(request, view))
    pieces = queue_context.shown_pieces(selection, choices.status_labels(for_customers=False))
    context = {"form": form, "query": selection.query(), "pieces": pieces, "saved_view": None}
    return _form(request, context)


@require_http_methods(["GET", "POST"])
@agent
def change(request: VendorRequest, pk: int) -> HttpResponse:
    """Another name, or for other people."""
    view = _found(request, pk)
    form = SavedViewForm(request.POST if request.method == "POST" else None, by=request.membership, view=view)
    if form.is_valid():
        try:
            actions.change_view(view, **form.cleaned_data, by=request.membership, at=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Saved."))
            return redirect(_address(request, view))
    return _form(request, {"form": form, "query": "", "pieces": [], "saved_view": view})


@require_POST
@agent
def query(request: VendorRequest, pk: int) -> HttpResponse:
    """The view shows from now on what its reader has narrowed it to."""
    view = _found(request, pk)
    selection = _selection(request.POST.get("query", ""))
    actions.update_view(view, selection=selection, by=request.membership, at=timezone.now())
    messages.success(request, _("“%(name)s” is saved as you see it.") % {"name": view.name})
    return redirect(_address(request, view))


@require_POST
@agent
def remove(request: VendorRequest, pk: int) -> HttpResponse:
    """Away from everybody's rail; the message gives it back."""
    view = _found(request, pk)
    actions.remove_view(view, by=request.membership, at=timezone.now())
    undo = reverse("desk-view-return", kwargs={"vendor": request.vendor.slug, "pk": pk})
    messages.success(request, _("“%(name)s” is deleted.") % {"name": view.name}, extra_tags=f"undo:{undo}")
    return redirect("desk-queue", vendor=request.vendor.slug)


@require_POST
@agent
def restore(request: VendorRequest, pk: int) -> HttpResponse:
    """Takes the deletion back."""
    view = get_object_or_404(SavedView.objects.exclude(removed_at=None), pk=pk)
    actions.restore_view(view, by=request.membership, at=timezone.now())
    messages.success(request, _("“%(name)s” is back.") % {"name": view.name})
    return redirect(_address(request, view))


@require_GET
@agent
def arrange(request: VendorRequest) -> HttpResponse:
    """Every view that the reader has: shown or hidden, in which order."""
    context = rail(request.membership, timezone.now())
    mine = set(SavedView.objects.filter(owner=request.membership).values_list("pk", flat=True))
    keys = {f"saved:{pk}" for pk in mine}
    return render(request, "desk/views.html", context | {"own": keys})


@require_GET
@agent
def counts(request: VendorRequest) -> JsonResponse:
    """How many tickets are in each saved view of the reader's rail, as it is written there; left out what could not be
    counted in time. The browser may keep it for a while."""
    found = counting.saved_counts(request.membership, timezone.now())
    written = {pk: str(count) if count < listing.COUNT_CAP else f"{listing.COUNT_CAP}+" for pk, count in found.items()}
    return JsonResponse({"counts": written}, headers={"Cache-Control": f"private, max-age={KEPT_FOR}"})


@require_POST
@agent
def place(request: VendorRequest) -> HttpResponse:
    """Moves a view up or down in the reader's rail, hides it or shows it again. Raises BadRequest for none of them."""
    beside = rail(request.membership, timezone.now())["rail"]
    order, hidden = [item.key for item in beside["all"]], set(beside["hidden"])
    key, move = request.POST.get("view", ""), request.POST.get("move", "")
    if key not in order or move not in ("up", "down", "hide", "show"):
        raise BadRequest
    if move in ("up", "down"):
        at = order.index(key)
        order.insert(max(0, at + (-1 if move == "up" else 1)), order.pop(at))
    elif move == "hide":
        hidden.add(key)
    else:
        hidden.discard(key)
    actions.arrange_rail(order=order, hidden=[key for key in order if key in hidden], by=request.membership)
    return redirect("desk-views", vendor=request.vendor.slug)


def _selection(query: str) -> Selection:
    """Raises BadRequest for an address that is none of ours."""
    try:
        return selecting.read_query(query[:4000], views=listing.SLUGS)
    except ValueError as error:
        raise BadRequest from error


def _columns_of(request: VendorRequest, selection: Selection) -> list[str]:
    """A view that is made from another has the columns that are seen there."""
    if selection.saved is None:
        return []
    seen = SavedView.objects.shown_to(request.membership).filter(pk=selection.saved)
    return next(iter(seen.values_list("columns", flat=True)), [])


def _found(request: VendorRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView.objects.shown_to(request.membership), pk=pk)


def _address(request: VendorRequest, view: SavedView) -> str:
    return f"{reverse('desk-queue', kwargs={'vendor': request.vendor.slug})}?{view.query}&saved={view.pk}"


def _form(request: VendorRequest, context: dict[str, object]) -> HttpResponse:
    status = 422 if context["form"].errors else 200  # type: ignore[attr-defined]
    if request.headers.get("HX-Request"):
        return render(request, "desk/_view_form.html", context, status=status)
    return render(request, "desk/view.html", context | rail(request.membership, timezone.now()), status=status)
