"""The customer's side: one ticket to follow, answer, resolve and reopen. Staff are sent to the desk."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from sla import pages as sla_pages
from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions
from tickets.actions.drafting import discard_reply_draft, reply_draft
from tickets.forms import ReplyForm
from tickets.models import ReplyDraft, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.views import portal_context, unsent
from tickets.views.drafting import take_up_reply
from tickets.views.live import unless_same
from tickets.views.unsent import SentRequest, keeps_what_was_sent


@require_GET
@member
def ticket(request: VendorRequest, number: int) -> HttpResponse:
    """One ticket: the conversation, what is promised, and what can be done next."""
    found = _visible(request, number)
    if request.membership.is_staff_side:
        return redirect("desk-ticket", vendor=request.vendor.slug, number=number)
    if take_up_reply(request, found):
        found = _visible(request, number)
    draft = reply_draft(found)
    return _page(request, found, ReplyForm(initial=draft.initial if draft else None), draft=draft)


@require_GET
@member
def activity(request: VendorRequest, number: int) -> HttpResponse:
    """The live part of a ticket's page."""
    found = _visible(request, number)
    return unless_same(
        request,
        sla_pages.page_tag(found),
        lambda: render(
            request,
            "portal/_activity.html",
            portal_context.ticket_page(request, found, ReplyForm(), timezone.now()),
        ),
    )


@keeps_what_was_sent(page="portal-ticket")
@require_POST
def reply(request: SentRequest, number: int) -> HttpResponse:
    """The customer answers; what was written stays when it is refused, or when the session has ended meanwhile."""
    found = _visible(request, number)
    form = ReplyForm(request.POST, request.FILES)
    if request.faults:
        unsent.blame(form, request.faults)
    elif form.is_valid():
        data = form.cleaned_data
        try:
            sent = actions.reply(
                found, by=request.membership, at=timezone.now(), body=data["body"], files=data["files"]
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            discard_reply_draft(found, by=request.membership)
            if sent.ticket_id != found.pk:
                number = sent.ticket.number
                messages.success(
                    request,
                    _("#%(old)s was resolved too long ago to be reopened: your message goes on here, in #%(new)s.")
                    % {"old": found.number, "new": number},
                )
                return _back(request, number, "latest")
            messages.success(request, _("Your reply is sent."))
            return _back(request, number, "latest")
    return _page(request, found, form, status=422)


@require_POST
@member
def resolve(request: VendorRequest, number: int) -> HttpResponse:
    """ "Mark the Ticket as Resolved" (OroCloud), with the way back beside the confirmation."""
    actions.resolve(_visible(request, number), by=request.membership, at=timezone.now())
    undo = reverse("portal-reopen", kwargs={"vendor": request.vendor.slug, "number": number})
    messages.success(
        request, _("Marked as resolved. You can reopen it if the problem comes back."), extra_tags=f"undo:{undo}"
    )
    return _back(request, number)


@require_POST
@member
def reopen(request: VendorRequest, number: int) -> HttpResponse:
    """The problem is back."""
    try:
        actions.reopen(_visible(request, number), by=request.membership, at=timezone.now())
        messages.success(request, _("Reopened. Please say below what is still wrong."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return _back(request, number)


@require_GET
@member
def clock(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Why a promised instant is where it is: a page, or for htmx what a dialog shows."""
    found = _visible(request, number)
    if request.membership.is_staff_side:
        return redirect("desk-clock", vendor=request.vendor.slug, number=number, pk=pk)
    at = timezone.now()
    explained = sla_pages.explained(found, pk, at=at, for_customer=True)
    response = render(request, "sla/explanation.html", {"ticket": found, "explained": explained, "now": at})
    patch_vary_headers(response, ["HX-Request"])
    return response


def _visible(request: VendorRequest, number: int) -> Ticket:
    return get_object_or_404(_tickets(request), number=number)


def _page(
    request: VendorRequest, ticket: Ticket, form: ReplyForm, *, draft: ReplyDraft | None = None, status: int = 200
) -> HttpResponse:
    context = portal_context.ticket_page(request, ticket, form, timezone.now()) | {"draft": draft}
    return render(request, "portal/ticket.html", context, status=status)


def _tickets(request: VendorRequest) -> TicketQuerySet:
    return Ticket.objects.visible_to(request.membership).for_page().with_draft_of(request.membership)


def _back(request: VendorRequest, number: int, place: str = "") -> HttpResponse:
    address = reverse("portal-ticket", kwargs={"vendor": request.vendor.slug, "number": number})
    return redirect(f"{address}#{place}" if place else address)
