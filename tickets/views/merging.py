"""Two tickets become one, with the consequences shown first; the way back; and one becomes two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from sla import mergers
from sla.chips import label_of
from sla.moves import Move
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from tickets import actions, merging
from tickets.errors import Refused
from tickets.models import Attachment, Message, Ticket
from tickets.regrouping import MergeForm, SplitForm
from tickets.views.asking import back, did, found
from tickets.views.rail import rail


@require_http_methods(["GET", "POST"])
@agent
def merge(request: VendorRequest, number: int) -> HttpResponse:
    """Chooses the ticket that goes on, shows what merging would do, and does it."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    chosen = request.POST or (request.GET if request.GET.get("into") else None)
    form = MergeForm(chosen, ticket=ticket, by=by)
    into: Ticket | None = form.cleaned_data["into"] if form.is_valid() else None
    if request.method == "POST" and did(form, lambda data: actions.merge(ticket, by=by, at=at, **data)):
        assert into is not None
        undo = reverse("desk-unmerge", kwargs={"vendor": request.vendor.slug, "number": number})
        said = _("Merged: #%(number)s goes on here. The customer has been told.") % {"number": number}
        messages.success(request, said, extra_tags=f"undo:{undo}")
        return back(request, into.number)
    context = {"ticket": ticket, "form": form, "into": into, "now": at, **rail(by, at)}
    if into is not None:
        context |= _consequences(ticket, into, request)
    return render(request, "desk/merge.html", context, status=422 if form.errors else 200)


@require_POST
@agent
def unmerge(request: VendorRequest, number: int) -> HttpResponse:
    """Takes a merging back, within the hour."""
    ticket = found(request, number)
    try:
        actions.unmerge(ticket, by=request.membership, at=timezone.now())
        messages.success(request, _("Separated again. The customer has been told."))
    except Refused as error:
        messages.error(request, error.text)
    return back(request, number)


@require_http_methods(["GET", "POST"])
@agent
def split(request: VendorRequest, number: int, pk: int) -> HttpResponse:
    """Makes a ticket of its own from what a customer wrote."""
    ticket, by, at = found(request, number), request.membership, timezone.now()
    messages_of = Message.objects.filter(ticket=ticket).select_related("author__user", "ticket__priority")
    message = get_object_or_404(messages_of, pk=pk)
    form = SplitForm(request.POST or None, message=message)
    made: list[Ticket] = []
    if did(form, lambda data: made.append(actions.split(message, by=by, at=at, **data))):
        messages.success(request, _("Split off from #%(number)s, and linked with it.") % {"number": number})
        return redirect("desk-ticket", vendor=request.vendor.slug, number=made[0].number)
    context = {
        "ticket": ticket,
        "message": message,
        "files": list(Attachment.objects.filter(message=message).order_by("pk")),
        "form": form,
        "now": at,
        **rail(by, at),
    }
    return render(request, "desk/split.html", context, status=422 if form.is_bound else 200)


def _is_visible(move: Move) -> bool:
    """Whether the two instants differ as they are written, by a minute."""
    old, new = move.old_due_at, move.new_due_at
    return old is None or new is None or abs(old - new) >= timedelta(minutes=1)


def _consequences(ticket: Ticket, into: Ticket, request: VendorRequest) -> dict[str, Any]:
    """Who comes to read what, and which clocks change, as the steps that merging takes would have it."""
    ending, moving = mergers.consequences(ticket, into, at=timezone.now())
    brought = merging.brought_by(ticket, into)
    return {
        "ending": [(label_of(each.metric, each.audience), each) for each in ending],
        "moving": [(label_of(each.metric, each.audience), each) for each in moving if _is_visible(each)],
        "brought": [each.person for each in brought],
        "new_readers": merging.new_readers(brought),
        "first": min(ticket.received_at, into.received_at),
        "said": Message.objects.filter(ticket=ticket).count(),
    }
