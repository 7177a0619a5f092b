"""What is being written in the filing form: kept as it is typed, and what may answer it at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from supportdesk.accounts.access import member
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.knowledge import queries as knowledge
from tickets.actions.drafting import discard_draft, save_draft, save_reply_draft
from tickets.models import Ticket
from tickets.similar import resolved_like
from tickets.views import unsent


@require_POST
@member
def save(request: VendorRequest) -> HttpResponse:
    """Keeps the form's text; 204 where there is nothing to keep."""
    at = timezone.now()
    content = unsent.content_of(request.POST)
    try:
        draft = save_draft(by=request.membership, at=at, submission=unsent.submission_of(content), content=content)
    except ValidationError as error:
        return HttpResponse(" ".join(error.messages), content_type="text/plain; charset=utf-8", status=422)
    return _kept(at) if draft else HttpResponse(status=204)


@require_POST
@member
def save_reply(request: VendorRequest, number: int) -> HttpResponse:
    """Keeps what stands in the composer of a ticket, in the portal or on the desk; 204 where nothing stands in it."""
    ticket = get_object_or_404(Ticket.objects.visible_to(request.membership), number=number)
    at = timezone.now()
    try:
        draft = save_reply_draft(ticket, by=request.membership, at=at, content=unsent.content_of(request.POST))
    except ValidationError as error:
        return HttpResponse(" ".join(error.messages), content_type="text/plain; charset=utf-8", status=422)
    return _kept(at) if draft else HttpResponse(status=204)


@require_POST
@member
def discard(request: VendorRequest, submission: UUID) -> HttpResponse:
    """Forgets a draft."""
    if discard_draft(by=request.membership, submission=submission):
        messages.success(request, _("The unsent request is discarded."))
    return redirect("portal-new", vendor=request.vendor.slug)


@require_safe
@member
def suggestions(request: VendorRequest) -> HttpResponse:
    """Articles, and resolved tickets that the reader may see, that are like the subject being typed."""
    subject = request.GET.get("subject", "")
    context = {
        "articles": knowledge.suggest(subject, who=request.membership, limit=3),
        "tickets": list(resolved_like(subject, who=request.membership)),
        "now": timezone.now(),
    }
    return render(request, "portal/_suggestions.html", context)


def take_up_reply(request: VendorRequest, ticket: Ticket) -> bool:
    """What was sent from this ticket's page while nobody was signed in becomes a draft of whoever signed in, and is
    said. Whether there was such a text."""
    taken = unsent.taken_up(request)
    if taken is None:
        return False
    content, files = taken
    if save_reply_draft(ticket, by=request.membership, at=timezone.now(), content=content) is None:
        return False
    said = _("You had been signed out. What you wrote is below; it is not sent yet: look it over and send it.")
    messages.warning(request, said)
    if files:
        messages.warning(request, _("Please choose your files again: %(names)s") % {"names": ", ".join(files[:20])})
    return True


def _kept(at: datetime) -> HttpResponse:
    said = _("Draft kept at %(time)s") % {"time": timezone.localtime(at).strftime("%H:%M")}
    return HttpResponse(said, content_type="text/plain; charset=utf-8")
