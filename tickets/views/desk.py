"""The agent's side: the queue, and one ticket with everything that can be done to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plans import choices
from plans.states import State
from sla import pages as sla_pages
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from tickets import actions, fields, listing, queries, transitions
from tickets.forms import AgentReplyForm, AgentTicketForm, CallForm, ReplyForm, TriageForm
from tickets.models import Ticket
from tickets.models.message import MessageChannel
from tickets.views.live import unless_same


@require_GET
@agent
def queue(request: VendorRequest) -> HttpResponse:
    """A view of the desk, the next right ticket on top."""
    context = _queue_context(request)
    return render(request, "desk/queue.html", context)


@require_GET
@agent
def rows(request: VendorRequest) -> HttpResponse:
    """The queue's rows alone, for the live page."""
    context = _queue_context(request)
    return unless_same(request, str(context["tag"]), lambda: render(request, "desk/_rows.html", context))


@require_http_methods(["GET", "POST"])
@agent
def new(request: VendorRequest) -> HttpResponse:
    """Files a ticket for a customer who called or wrote elsewhere."""
    at = timezone.now()
    form = AgentTicketForm(
        request.POST or None, request.FILES or None, by=request.membership, initial={"contact_at": at}
    )
    if form.is_valid():
        data = form.cleaned_data
        try:
            ticket = actions.open_ticket(
                by=request.membership,
                at=at,
                requester=data["requester"],
                contact_at=data["contact_at"],
                project=data["project"],
                category=data.get("category"),
                environment=data["environment"],
                priority=data["priority"],
                subject=data["subject"],
                body=data["body"],
                url=data["url"],
                fields=form.answers(),
                files=data["files"],
                is_shared=data["is_shared"],
                submission=data["submission"],
                channel=MessageChannel.DESK,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Filed as #%(number)s.") % {"number": ticket.number})
            return redirect("desk-ticket", vendor=request.vendor.slug, number=ticket.number)
    return render(request, "desk/new.html", {"form": form, "now": at}, status=422 if form.is_bound else 200)


@require_GET
@agent
def ticket(request: VendorRequest, number: int) -> HttpResponse:
    """One ticket."""
    return _ticket_page(request, _found(request, number))


@require_GET
@agent
def activity(request: VendorRequest, number: int) -> HttpResponse:
    """The live part of a ticket's page: conversation, clocks, facts."""
    found = _found(request, number)
    return unless_same(
        request,
        sla_pages.page_tag(found),
        lambda: render(request, "desk/_activity.html", _ticket_context(request, found)),
    )


@require_POST
@agent
def reply(request: VendorRequest, number: int) -> HttpResponse:
    """Answers the customer, and in the same save may set the status and promise the next update."""
    found = _found(request, number)
    form = _reply_form(request, found, bound=True)
    if form.is_valid():
        data = form.cleaned_data
        try:
            actions.reply(
                found,
                by=request.membership,
                at=timezone.now(),
                body=data["body"],
                files=data["files"],
                then_state=data["then_state"],
                next_update_at=data["next_update_at"],
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Reply sent to %(name)s.") % {"name": found.requester.name})
            return _back(request, number)
    return _ticket_page(request, found, reply=form, status=422)


@require_POST
@agent
def note(request: VendorRequest, number: int) -> HttpResponse:
    """An internal note."""
    found = _found(request, number)
    form = ReplyForm(request.POST, request.FILES, prefix="note")
    if form.is_valid():
        try:
            data = form.cleaned_data
            actions.note(found, by=request.membership, at=timezone.now(), body=data["body"], files=data["files"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Note added. Customers cannot see it."))
            return _back(request, number)
    return _ticket_page(request, found, note=form, status=422)


@require_POST
@agent
def call(request: VendorRequest, number: int) -> HttpResponse:
    """Logs a phone call with the customer."""
    found = _found(request, number)
    form = CallForm(request.POST, prefix="call")
    if form.is_valid():
        data = form.cleaned_data
        actions.log_call(found, by=request.membership, at=timezone.now(), body=data["body"], minutes=data["minutes"])
        messages.success(request, _("Call logged."))
        return _back(request, number)
    return _ticket_page(request, found, call=form, status=422)


@require_POST
@agent
def assignment(request: VendorRequest, number: int) -> HttpResponse:
    """Takes the ticket, gives it to a colleague, or lets it go."""
    found = _found(request, number)
    to = request.POST.get("assignee", "me")
    colleague = None
    if to == "me":
        colleague = request.membership
    elif to:
        colleague = get_object_or_404(Membership.objects.staff(), pk=int(to) if to.isdigit() else 0)
    seen = request.POST.get("seen", "")
    expected: Any = (int(seen) if seen.isdigit() else None) if "seen" in request.POST else True
    try:
        actions.assign(found, to=colleague, by=request.membership, at=timezone.now(), expected=expected)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        name = colleague.name if colleague else _("nobody")
        messages.success(request, _("Assigned to %(name)s.") % {"name": name})
    return _back(request, number)


@require_POST
@agent
def triage(request: VendorRequest, number: int) -> HttpResponse:
    """Severity, priority and group, in one save."""
    found = _found(request, number)
    form = TriageForm(request.POST, prefix="triage")
    if not form.is_valid():
        return _ticket_page(request, found, triage=form, status=422)
    at, by, data = timezone.now(), request.membership, form.cleaned_data
    actions.set_priority(found, priority=data["priority"], by=by, at=at, reason=data["reason"])
    actions.triage(found, severity=data["severity"], by=by, at=at)
    actions.set_team(found, team=data["team"], by=by, at=at)
    messages.success(request, _("Triage saved."))
    return _back(request, number)


@require_POST
@agent
def status(request: VendorRequest, number: int) -> HttpResponse:
    """Moves the ticket to a state that may follow."""
    try:
        to = State(request.POST.get("state", ""))
    except ValueError as error:
        raise Http404 from error
    try:
        reason = request.POST.get("reason", "")[:300]
        actions.set_state(_found(request, number), to, by=request.membership, at=timezone.now(), reason=reason)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        label = choices.status_labels(for_customers=False)[to.value]
        messages.success(request, _("Status: %(label)s.") % {"label": label})
    return _back(request, number)


@require_POST
@agent
def no_reply_needed(request: VendorRequest, number: int) -> HttpResponse:
    """The customer's last message asks for nothing."""
    actions.no_reply_needed(_found(request, number), by=request.membership, at=timezone.now())
    messages.success(request, _("Noted: no reply needed."))
    return _back(request, number)


@require_GET
@agent
def clock(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Why a due instant is where it is."""
    found = _found(request, number)
    at = timezone.now()
    explained = sla_pages.explained(found, pk, at=at, for_customer=False)
    return render(request, "sla/explanation.html", {"ticket": found, "explained": explained, "now": at})


def _found(request: VendorRequest, number: int) -> Ticket:
    return get_object_or_404(Ticket.objects.visible_to(request.membership).for_page(), number=number)


def _back(request: VendorRequest, number: int) -> HttpResponse:
    return redirect("desk-ticket", vendor=request.vendor.slug, number=number)


def _queue_context(request: VendorRequest) -> dict[str, Any]:
    at = timezone.now()
    try:
        view = listing.view_of(request.GET.get("view", "open"))
        page = listing.queue_page(view, request.membership, at, after=request.GET.get("after", ""))
    except (LookupError, ValueError) as error:
        raise Http404 from error
    return {
        "view": view,
        "views": listing.VIEWS,
        "counts": listing.counts(request.membership, at),
        "count_cap": listing.COUNT_CAP,
        "page": page,
        "chips": sla_pages.chips_for(page.rows, at=at, for_customer=False),
        "labels": choices.status_labels(for_customers=False),
        "tag": sla_pages.list_tag(page.rows, view.slug),
        "now": at,
    }


def _reply_form(request: VendorRequest, ticket: Ticket, *, bound: bool = False) -> AgentReplyForm:
    labels = choices.status_labels(for_customers=False)
    data = (request.POST, request.FILES) if bound else ()
    return AgentReplyForm(*data, ticket=ticket, labels=labels)


def _ticket_page(
    request: VendorRequest, ticket: Ticket, status: int = 200, **forms_with_errors: forms.Form
) -> HttpResponse:
    return render(request, "desk/ticket.html", _ticket_context(request, ticket, **forms_with_errors), status=status)


def _ticket_context(request: VendorRequest, ticket: Ticket, **bound: forms.Form) -> dict[str, Any]:
    at = timezone.now()
    chosen = {"priority": ticket.priority_id, "severity": ticket.severity_id, "team": ticket.team_id}
    return {
        "ticket": ticket,
        "entries": queries.conversation(ticket, request.membership),
        "answers": fields.labelled(ticket.category, ticket.fields),
        "clocks": sla_pages.chips_of(ticket, at=at, for_customer=False),
        "labels": choices.status_labels(for_customers=False),
        "next_states": transitions.next_states(State(ticket.state)),
        "colleagues": list(Membership.objects.staff().order_by("user__name")),
        "reply_form": bound.get("reply") or _reply_form(request, ticket),
        "note_form": bound.get("note") or ReplyForm(prefix="note"),
        "call_form": bound.get("call") or CallForm(prefix="call"),
        "triage_form": bound.get("triage") or TriageForm(prefix="triage", initial=chosen),
        "open_composer": next(iter(bound), "reply"),
        "views": listing.VIEWS,
        "counts": listing.counts(request.membership, at),
        "count_cap": listing.COUNT_CAP,
        "tag": sla_pages.page_tag(ticket),
        "now": at,
    }
