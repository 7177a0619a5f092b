"""The agent's side: the queue, and one ticket with everything that can be done to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plans import choices
from plans.states import State
from sla import pages as sla_pages
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from tickets import actions
from tickets.actions.drafting import discard_reply_draft
from tickets.composer import ComposerForm, Writing
from tickets.forms import AgentTicketForm
from tickets.models import Ticket
from tickets.models.message import MessageChannel
from tickets.models.ticket import TicketQuerySet
from tickets.triage import TriageForm, grades
from tickets.views import desk_context, unsent
from tickets.views.drafting import take_up_reply
from tickets.views.live import unless_same
from tickets.views.rail import rail
from tickets.views.unsent import SentRequest, keeps_what_was_sent


@require_GET
@agent
def queue(request: VendorRequest) -> HttpResponse:
    """A view of the desk, the next right ticket on top."""
    context = desk_context.queue_rows(request, timezone.now())
    return render(request, "desk/queue.html", desk_context.with_chips(context))


@require_GET
@agent
def rows(request: VendorRequest) -> HttpResponse:
    """The queue's rows alone, for the live page."""
    context = desk_context.queue_rows(request, timezone.now())
    return unless_same(
        request,
        context["tag"],
        lambda: render(request, "desk/_live_rows.html", desk_context.with_chips(context)),
    )


@require_http_methods(["GET", "POST"])
@agent
def new(request: VendorRequest) -> HttpResponse:
    """Files a ticket for a customer who called or wrote elsewhere."""
    at = timezone.now()
    asked = {name: request.GET[name] for name in ("requester", "project", "category") if name in request.GET}
    form = AgentTicketForm(
        request.POST or None, request.FILES or None, by=request.membership, initial={"contact_at": at} | asked
    )
    form.order_fields(["requester", "project", "contact_at"])
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
    context = {"form": form, "max_bytes": settings.ATTACHMENT_MAX_BYTES, "now": at, **rail(request.membership, at)}
    return render(request, "desk/new.html", context, status=422 if form.is_bound else 200)


@require_GET
@agent
def ticket(request: VendorRequest, number: int) -> HttpResponse:
    """One ticket."""
    found = _found(request, number)
    if take_up_reply(request, found):
        found = _found(request, number)
    return _ticket_page(request, found)


@require_GET
@agent
def activity(request: VendorRequest, number: int) -> HttpResponse:
    """The live part of a ticket's page: conversation, clocks, facts."""
    found = _found(request, number)
    return unless_same(
        request,
        sla_pages.page_tag(found),
        lambda: render(request, "desk/_activity.html", desk_context.ticket_page(request, found, timezone.now())),
    )


@keeps_what_was_sent(agent, page="desk-ticket")
@require_POST
def reply(request: SentRequest, number: int) -> HttpResponse:
    """Answers the customer, and in the same save may set the status and promise the next update."""
    return _written(request, number, Writing.REPLY)


@keeps_what_was_sent(agent, page="desk-ticket")
@require_POST
def note(request: SentRequest, number: int) -> HttpResponse:
    """An internal note."""
    return _written(request, number, Writing.NOTE)


@keeps_what_was_sent(agent, page="desk-ticket")
@require_POST
def call(request: SentRequest, number: int) -> HttpResponse:
    """Logs a phone call with the customer."""
    return _written(request, number, Writing.CALL)


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
    form = TriageForm(request.POST, ticket=found, offered=grades())
    if not form.is_valid():
        return _ticket_page(request, found, status=422, triage=form)
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
    context = {"ticket": found, "explained": explained, "now": at}
    if not request.headers.get("HX-Request"):
        context |= rail(request.membership, at)
    response = render(request, "sla/explanation.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _found(request: VendorRequest, number: int) -> Ticket:
    return get_object_or_404(_tickets(request), number=number)


def _tickets(request: VendorRequest) -> TicketQuerySet:
    return Ticket.objects.visible_to(request.membership).for_page().with_draft_of(request.membership)


def _back(request: VendorRequest, number: int, place: str = "") -> HttpResponse:
    address = reverse("desk-ticket", kwargs={"vendor": request.vendor.slug, "number": number})
    return redirect(f"{address}#{place}" if place else address)


def _ticket_page(request: VendorRequest, ticket: Ticket, *, status: int = 200, **bound: Any) -> HttpResponse:
    context = desk_context.ticket_page(request, ticket, timezone.now(), **bound)
    return render(request, "desk/ticket.html", context, status=status)


def _written(request: SentRequest, number: int, kind: Writing) -> HttpResponse:
    """What the composer sent; ``kind`` is for senders that do not say themselves what they write."""
    found = _found(request, number)
    data = request.POST.copy()
    data.setdefault("kind", kind.value)
    labels = choices.status_labels(for_customers=False)
    form = ComposerForm(data, request.FILES, ticket=found, labels=labels)
    if request.faults:
        unsent.blame(form, request.faults)
    elif form.is_valid():
        try:
            said = _WRITE[form.writing](found, request.membership, timezone.now(), form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            discard_reply_draft(found, by=request.membership)
            messages.success(request, said)
            return _back(request, number, "latest")
    return _ticket_page(request, found, status=422, composer=form)


def _send_reply(ticket: Ticket, by: Membership, at: datetime, data: dict[str, Any]) -> str:
    actions.reply(
        ticket,
        by=by,
        at=at,
        body=data["body"],
        files=data["files"],
        then_state=data["then_state"],
        next_update_at=data["next_update_at"],
    )
    return _("Reply sent to %(name)s.") % {"name": ticket.requester.name}


def _add_note(ticket: Ticket, by: Membership, at: datetime, data: dict[str, Any]) -> str:
    actions.note(ticket, by=by, at=at, body=data["body"], files=data["files"])
    return _("Note added. Customers cannot see it.")


def _log_call(ticket: Ticket, by: Membership, at: datetime, data: dict[str, Any]) -> str:
    actions.log_call(ticket, by=by, at=at, body=data["body"], minutes=data["minutes"])
    return _("Call logged.")


_WRITE = {Writing.REPLY: _send_reply, Writing.NOTE: _add_note, Writing.CALL: _log_call}
