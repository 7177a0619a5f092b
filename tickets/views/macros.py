"""Macros: where they are kept, and what one will do before it does it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from plans import choices
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import severity
from tickets.actions.applying import apply_macro
from tickets.actions.preparing import keep_macro, may_change
from tickets.errors import HeldBack, Refused
from tickets.macros import steps_of
from tickets.models import Macro, Message
from tickets.models.macro import MacroQuerySet
from tickets.prepared_forms import MacroForm
from tickets.prepared_values import values_of
from tickets.variables import VARIABLES, filled
from tickets.views.prepared import listing, page
from tickets.views.rail import rail
from tickets.views.ticket_page import back, found


@require_GET
@agent
def macros(request: VendorRequest) -> HttpResponse:
    """The macros that one sees, and which of them one may change."""
    return listing(request, "macros", list(_shown(request)))


@require_http_methods(["GET", "POST"])
@agent
def macro(request: VendorRequest, pk: int = 0) -> HttpResponse:
    """Writes one, or another version of it; ``pk`` 0 is a new one."""
    at, by = timezone.now(), request.membership
    kept = get_object_or_404(_shown(request), pk=pk) if pk else None
    if kept is not None and not may_change(kept, by):
        raise PermissionDenied(_("Only those who keep it can change it."))
    form = MacroForm(
        request.POST if request.method == "POST" else None,
        by=by,
        prepared=kept,
        labels=choices.status_labels(for_customers=False),
        severities=choices.severities(),
    )
    if form.is_valid():
        try:
            kept = keep_macro(kept, by=by, at=at, title=form.cleaned_data["title"], **form.placed(), **form.changes())
        except Refused as error:
            form.add_error(error.field if error.field in form.fields else None, error.text)
        else:
            messages.success(request, _("“%(title)s” is saved.") % {"title": kept.title})
            return redirect("desk-macros", vendor=request.vendor.slug)
    status = 422 if form.errors else 200
    return page(request, "macro", at, status=status, form=form, kept=kept, variables=VARIABLES)


@require_safe
@agent
def usable(request: VendorRequest, number: int) -> HttpResponse:
    """The macros that can be used on this ticket."""
    ticket = found(request, number)
    rows = list(Macro.objects.usable_by(request.membership).with_places())
    return _sheet(request, "desk/prepared/use.html", ticket=ticket, macros=rows)


@require_http_methods(["GET", "POST"])
@agent
def use(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """What the macro will do to this ticket; and does it, all or nothing."""
    ticket, at, by = found(request, number), timezone.now(), request.membership
    chosen = get_object_or_404(Macro.objects.usable_by(by).with_changes(), pk=pk)
    values = values_of(ticket, by=by, vendor=request.vendor)
    newest = Message.objects.filter(ticket=ticket).order_by("-pk").values_list("pk", flat=True).first() or 0
    text, held, fault = filled(chosen.reply, values), [], ""
    if request.method == "POST":
        text, seen = request.POST.get("body", text), request.POST.get("seen", "")
        try:
            apply_macro(
                ticket,
                chosen,
                by=by,
                at=at,
                values=values,
                text=text,
                seen=int(seen) if seen.isdecimal() else None,
            )
        except HeldBack as error:
            held = error.came_in
        except ValidationError as error:
            fault = " ".join(error.messages)
        else:
            messages.success(request, _("“%(title)s” is done.") % {"title": chosen.title})
            return back(request, number, "latest")
    steps = steps_of(
        chosen,
        ticket,
        by=by,
        labels=choices.status_labels(for_customers=False),
        deciders=severity.kept_from_now(by),
    )
    context = {
        "ticket": ticket,
        "macro": chosen,
        "steps": steps,
        "is_possible": not any(step.problem for step in steps),
        "text": text,
        "note": filled(chosen.note, values),
        "held": held,
        "fault": fault,
        "seen": newest,
    }
    return _sheet(request, "desk/prepared/use_one.html", status=409 if held else 422 if fault else 200, **context)


def _shown(request: VendorRequest) -> MacroQuerySet:
    return Macro.objects.shown_to(request.membership).with_changes()


def _sheet(request: VendorRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """In a dialog over the ticket where scripts ask for it, else a page of its own."""
    at = timezone.now()
    context |= {"now": at, "bare": bool(request.headers.get("HX-Request"))}
    if not context["bare"]:
        context |= rail(request.membership, at)
    response = render(request, template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response
