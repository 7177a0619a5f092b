"""Where canned responses and macros are kept, and where they are used on a ticket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Role
from tickets.actions.preparing import keep_response, may_change, remove_prepared
from tickets.errors import Refused
from tickets.models import CannedResponse, Macro
from tickets.prepared_forms import CannedResponseForm
from tickets.prepared_values import example_values, values_of
from tickets.variables import VARIABLES, filled, missing_in, unknown_in
from tickets.views.desk_context import written_on
from tickets.views.rail import rail
from tickets.views.ticket_page import found

OFFERED = 12


@require_GET
@agent
def responses(request: VendorRequest) -> HttpResponse:
    """The canned responses that one sees, and which of them one may change."""
    rows = list(CannedResponse.objects.shown_to(request.membership).with_places())
    return listing(request, "responses", rows)


@require_http_methods(["GET", "POST"])
@agent
def response(request: VendorRequest, pk: int = 0) -> HttpResponse:
    """Writes one, or another version of it; ``pk`` 0 is a new one."""
    at, by = timezone.now(), request.membership
    kept = get_object_or_404(CannedResponse.objects.shown_to(by).with_places(), pk=pk) if pk else None
    if kept is not None and not may_change(kept, by):
        raise PermissionDenied(_("Only those who keep it can change it."))
    form = CannedResponseForm(request.POST if request.method == "POST" else None, by=by, prepared=kept)
    if form.is_valid():
        try:
            data = form.cleaned_data
            kept = keep_response(kept, by=by, at=at, title=data["title"], body=data["body"], **form.placed())
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
        else:
            messages.success(request, _("“%(title)s” is saved.") % {"title": kept.title})
            return redirect("desk-responses", vendor=request.vendor.slug)
    body = form["body"].value() or ""
    context = {
        "form": form,
        "kept": kept,
        "variables": VARIABLES,
        "preview": filled(body, example_values(by=by, vendor=request.vendor)),
    }
    return page(request, "response", at, status=422 if form.errors else 200, **context)


@require_POST
@agent
def preview(request: VendorRequest) -> HttpResponse:
    """How a text reads with example values; what is misspelled is named."""
    body = (request.POST.get("body") or request.POST.get("reply") or "")[:20_000]
    values = example_values(by=request.membership, vendor=request.vendor)
    context = {"preview": filled(body, values), "unknown": unknown_in(body)}
    return render(request, "desk/prepared/_preview.html", context)


@require_http_methods(["GET", "POST"])
@agent
def removal(request: VendorRequest, kind: str, pk: int) -> HttpResponse:
    """Asks, and deletes."""
    kept: CannedResponse | Macro
    if kind == "macros":
        kept = get_object_or_404(Macro.objects.shown_to(request.membership).with_places(), pk=pk)
    else:
        kept = get_object_or_404(CannedResponse.objects.shown_to(request.membership).with_places(), pk=pk)
    if not may_change(kept, request.membership):
        raise PermissionDenied(_("Only those who keep it can delete it."))
    if request.method == "POST":
        title = kept.title
        remove_prepared(kept, by=request.membership, at=timezone.now())
        messages.success(request, _("“%(title)s” is deleted.") % {"title": title})
        return redirect(f"desk-{kind}", vendor=request.vendor.slug)
    return page(request, "removal", timezone.now(), kept=kept, kind=kind)


@require_safe
@agent
def offered(request: VendorRequest, number: int) -> HttpResponse:
    """The responses that answer ``?q=``, each as it would stand on this ticket, or on the one that it went into, to be
    put into the composer."""
    ticket, text = found(request, number), request.GET.get("q", "").strip()
    rows = CannedResponse.objects.usable_by(request.membership).with_places()
    for word in text.split()[:6]:
        rows = rows.filter(title__icontains=word) | rows.filter(body__icontains=word)
    values = values_of(written_on(ticket), by=request.membership, vendor=request.vendor)
    offers = [(each, filled(each.body, values)) for each in rows[:OFFERED]]
    context = {"offers": [(each, body, missing_in(body)) for each, body in offers], "text": text}
    return render(request, "desk/prepared/_offered.html", context)


def listing(request: VendorRequest, kind: str, rows: list[Any]) -> HttpResponse:
    changeable = [(each, may_change(each, request.membership)) for each in rows]
    return page(request, kind, timezone.now(), rows=changeable)


def page(request: VendorRequest, name: str, at: datetime, *, status: int = 200, **context: Any) -> HttpResponse:
    context |= {"now": at, "role_of_leads": Role.LEAD, **rail(request.membership, at, current="prepared")}
    return render(request, f"desk/prepared/{name}.html", context, status=status)
