"""What a customer asks for on a ticket beside an answer: each a page that explains, and a form that works alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from plans import queries as plan_queries
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from tickets import actions, callbacks, priority_requests, reopening
from tickets.actions import escalating
from tickets.asking import CallbackForm, EscalationForm, FollowUpForm, PriorityRequestForm, RatingForm
from tickets.errors import Refused
from tickets.models import Callback, Rating, Ticket
from tickets.uploads import MOST_FILES, clean_name


@require_http_methods(["GET", "POST"])
@member
def priority(request: VendorRequest, number: int) -> HttpResponse:
    """Asks for a higher priority, with a reason."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    if not ticket.is_open or ticket.priority.rank == 1 or (not request.POST and priority_requests.pending_on(ticket)):
        return back(request, number)
    form = PriorityRequestForm(request.POST or None, ticket=ticket)
    if did(form, lambda data: actions.ask_for_priority(ticket, by=by, at=at, **data)):
        messages.success(request, _("Asked. The support team decides and tells you."))
        return back(request, number)
    return page(request, "priority", ticket, form, offered=list(form.fields["priority"].queryset))  # type: ignore[attr-defined]


@require_http_methods(["GET", "POST"])
@member
def escalation(request: VendorRequest, number: int) -> HttpResponse:
    """Says what escalating does and who is told; then does it."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    path = escalating.path()
    if path is None:
        raise Http404
    if not ticket.is_open:
        return back(request, number)
    form = EscalationForm(request.POST if request.method == "POST" else None)
    if did(form, lambda data: actions.escalate(ticket, by=by, at=at, **data)):
        messages.success(request, _("Escalated. The people in charge have been told."))
        return back(request, number)
    return page(
        request,
        "escalation",
        ticket,
        form,
        path=path,
        leads=sorted(Membership.objects.leads(), key=lambda lead: lead.name),
    )


@require_http_methods(["GET", "POST"])
@member
def callback(request: VendorRequest, number: int) -> HttpResponse:
    """Asks to be called, as soon as possible or at a time that suits."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    if not callbacks.is_offered(ticket):
        raise Http404
    is_waited_for = request.method == "GET" and Callback.objects.filter(ticket=ticket).open().exists()
    if not ticket.is_open or is_waited_for:
        return back(request, number)
    form = CallbackForm(request.POST or None)
    if did(form, lambda data: actions.ask_for_callback(ticket, by=by, at=at, **data)):
        messages.success(request, _("We will call you. You can cancel that on this page."))
        return back(request, number)
    return page(request, "callback", ticket, form)


@require_POST
@member
def cancel_callback(request: VendorRequest, number: int) -> HttpResponse:
    """The call is no longer needed."""
    try:
        actions.cancel_callback(found(request, number), by=request.membership, at=timezone.now())
        messages.success(request, _("Cancelled: nobody will call."))
    except Refused as error:
        messages.error(request, error.text)
    return back(request, number)


@require_http_methods(["GET", "POST"])
@member
def rating(request: VendorRequest, number: int) -> HttpResponse:
    """One question about the outcome, and a comment."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    if ticket.requester_id != by.pk:
        raise Http404
    if ticket.is_open:
        return back(request, number)
    before = Rating.objects.filter(ticket=ticket).first()
    said = {"is_good": str(before.is_good).lower(), "comment": before.comment} if before else {}
    chosen = {"is_good": request.GET["is_good"]} if request.GET.get("is_good") in ("true", "false") else {}
    form = RatingForm(request.POST or None, initial=said | chosen)
    if did(form, lambda data: actions.rate(ticket, by=by, at=at, **data)):
        messages.success(request, _("Thank you. You can change your answer at any time."))
        return back(request, number)
    return page(request, "rating", ticket, form)


@require_http_methods(["GET", "POST"])
@member
def follow_up(request: VendorRequest, number: int) -> HttpResponse:
    """A new ticket about the matter of one that can no longer be reopened."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    if ticket.is_open:
        return back(request, number)
    form = FollowUpForm(request.POST or None, request.FILES or None, initial={"subject": ticket.subject})
    made: list[Ticket] = []
    if did(form, lambda data: made.append(actions.follow_up(ticket, by=by, at=at, **data))):
        messages.success(request, _("Filed as #%(number)s.") % {"number": made[0].number})
        return back(request, made[0].number)
    contract = plan_queries.current_contract()
    return page(
        request,
        "follow_up",
        ticket,
        form,
        reopens_until=reopening.reopens_until(ticket, contract),
        lost_files=[clean_name(file.name or "") for file in request.FILES.getlist("files")],
        max_bytes=settings.ATTACHMENT_MAX_BYTES,
        max_files=MOST_FILES,
    )


def found(request: VendorRequest, number: int) -> Ticket:
    return get_object_or_404(Ticket.objects.visible_to(request.membership).for_page(), number=number)


def back(request: VendorRequest, number: int) -> HttpResponse:
    """To the ticket, on the reader's side."""
    name = "desk-ticket" if request.membership.is_staff_side else "portal-ticket"
    return redirect(name, vendor=request.vendor.slug, number=number)


def did(form: forms.Form, act: Callable[[dict[str, Any]], object]) -> bool:
    """Whether the form was sent, is right and what it asks for has been done. What an action refuses stands beside the
    field at fault, or above the form."""
    if not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except Refused as error:
        form.add_error(error.field if error.field in form.fields else None, error.text)
        return False
    return True


def page(request: VendorRequest, name: str, ticket: Ticket, form: forms.Form, **more: Any) -> HttpResponse:
    context = {"ticket": ticket, "form": form, "now": timezone.now(), **more}
    return render(request, f"portal/asking/{name}.html", context, status=422 if form.is_bound else 200)
