"""The agent's side: the queue, and one ticket with everything that can be done to it."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from escalation.history import told_on
from plans import choices
from plans.states import State
from sla import pages as sla_pages
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions, presence, severity
from tickets.forms import AgentTicketForm
from tickets.models import Mention
from tickets.models.message import MessageChannel
from tickets.triage import TriageForm, grades
from tickets.views import desk_context
from tickets.views.drafting import take_up_reply
from tickets.views.live import unless_same
from tickets.views.rail import rail
from tickets.views.ticket_page import back
from tickets.views.ticket_page import found as found_ticket
from tickets.views.ticket_page import ticket_page as page_of


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
    """One ticket. Opening it reads what the reader was named in."""
    found = found_ticket(request, number)
    Mention.objects.of(request.membership).unread().filter(ticket=found).read(at=timezone.now())
    if take_up_reply(request, found):
        found = found_ticket(request, number)
    return page_of(request, found)


@require_GET
@agent
def activity(request: VendorRequest, number: int) -> HttpResponse:
    """The live part of a ticket's page: conversation, clocks, facts."""
    found, at, read = found_ticket(request, number), timezone.now(), request.GET.get("unread_after", "")
    company = presence.look(found, by=request.membership, at=at, writing=request.GET.get("writing", ""))
    unread_after = int(read) if read.isdecimal() else None

    def build() -> HttpResponse:
        context = desk_context.ticket_page(request, found, at, company=company, unread_after=unread_after)
        return render(request, "desk/_activity.html", context)

    return unless_same(request, desk_context.live_tag(sla_pages.page_tag(found), company, told_on(found)), build)


@require_POST
@agent
def triage(request: VendorRequest, number: int) -> HttpResponse:
    """Severity, priority and category, in one save."""
    found, at, by = found_ticket(request, number), timezone.now(), request.membership
    form = TriageForm(request.POST, ticket=found, offered=grades(), deciders=severity.kept_from_now(by))
    if not form.is_valid():
        return page_of(request, found, status=422, triage=form)
    data = form.cleaned_data
    actions.set_priority(found, priority=data["priority"], by=by, at=at, reason=data["reason"])
    actions.triage(found, severity=data["severity"], by=by, at=at)
    if "category" in data:
        actions.set_category(found, category=data["category"], by=by, at=at)
    messages.success(request, _("Triage saved."))
    return back(request, number)


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
        actions.set_state(found_ticket(request, number), to, by=request.membership, at=timezone.now(), reason=reason)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        label = choices.status_labels(for_customers=False)[to.value]
        messages.success(request, _("Status: %(label)s.") % {"label": label})
    return back(request, number)


@require_POST
@agent
def no_reply_needed(request: VendorRequest, number: int) -> HttpResponse:
    """The customer's last message asks for nothing."""
    actions.no_reply_needed(found_ticket(request, number), by=request.membership, at=timezone.now())
    messages.success(request, _("Noted: no reply needed."))
    return back(request, number)


@require_GET
@agent
def clock(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Why a due instant is where it is."""
    found = found_ticket(request, number)
    at = timezone.now()
    explained = sla_pages.explained(found, pk, at=at, for_customer=False)
    context = {"ticket": found, "explained": explained, "now": at}
    if not request.headers.get("HX-Request"):
        context |= rail(request.membership, at)
    response = render(request, "sla/explanation.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
