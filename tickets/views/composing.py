"""What an agent writes on a ticket: replies, which are held back when they would cross a message, notes and calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from plans import choices
from supportdesk.accounts.access import agent
from supportdesk.accounts.middleware import VendorRequest
from supportdesk.accounts.models import Membership
from tickets import actions
from tickets.actions.drafting import carry_reply_draft, discard_reply_draft
from tickets.composer import ComposerForm, Writing
from tickets.errors import HeldBack, Moved
from tickets.models import Mention, Message, Ticket
from tickets.models.message import MessageKind
from tickets.views import unsent
from tickets.views.desk_context import written_on
from tickets.views.ticket_page import back, found, ticket_page
from tickets.views.unsent import SentRequest, keeps_what_was_sent

MOST_SHOWN = 20


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


@keeps_what_was_sent(agent, page="desk-ticket")
@require_POST
def carry(request: SentRequest, number: int) -> HttpResponse:
    """What was written on a ticket that was merged goes along to the one it was merged into, as a draft there. Nothing
    is sent; on a ticket that was separated again meanwhile it stays where it is."""
    ticket = found(request, number)
    to = ticket if ticket.merged_into is None else found(request, ticket.merged_into.number)
    form = ComposerForm(request.POST, ticket=ticket, labels=choices.status_labels(for_customers=False))
    if request.faults:
        unsent.blame(form, request.faults)
        return ticket_page(request, ticket, status=422, composer=form, moved_to=ticket.merged_into)
    try:
        is_one_kind = carry_reply_draft(
            ticket, to=to, by=request.membership, at=timezone.now(), content=unsent.content_of(request.POST)
        )
    except ValidationError as error:
        unsent.blame(form, {"": " ".join(error.messages)})
        return ticket_page(request, ticket, status=422, composer=form, moved_to=ticket.merged_into)
    messages.success(request, _("What you wrote on #%(number)s is below; it is not sent yet.") % {"number": number})
    if not is_one_kind:
        said = _("You had begun something of another kind here: both stand below as an internal note. Look it over.")
        messages.warning(request, said)
    return back(request, to.number, "composer")


@require_safe
@agent
def crossing(request: VendorRequest, number: int) -> HttpResponse:
    """Whether the ticket was merged into another since the page was made (``goes_to`` is the one that the writer was
    shown), and what the customer can read that came after message ``seen``: asked before anything is sent, so that the
    page with its text and files can stay. 204 when nothing did. Sending asks again."""
    ticket, seen = found(request, number), request.GET.get("seen", "")
    writes_to = written_on(ticket)
    context = {"ticket": ticket, "writes_to": writes_to, "moved_to": None, "now": timezone.now()}
    if _is_moved(ticket, writes_to, request.GET.get("goes_to", "")):
        return render(request, "desk/_held.html", context | {"held": (), "seen": seen, "moved_to": writes_to})
    if request.GET.get("kind", Writing.REPLY) != Writing.REPLY:
        return HttpResponse(status=204)
    since = Message.objects.filter(ticket=writes_to, kind=MessageKind.PUBLIC).select_related("author__user")
    came_in = list(since.filter(pk__gt=int(seen) if seen.isdecimal() else 0).order_by("pk")[:MOST_SHOWN])
    if not came_in:
        return HttpResponse(status=204)
    return render(request, "desk/_held.html", context | {"held": came_in, "seen": came_in[-1].pk})


def _written(request: SentRequest, number: int, kind: Writing) -> HttpResponse:
    """What the composer sent; ``kind`` is for senders that do not say themselves what they write."""
    ticket, at = found(request, number), timezone.now()
    writes_to = written_on(ticket)
    data = request.POST.copy()
    data.setdefault("kind", kind.value)
    form = ComposerForm(data, request.FILES, ticket=writes_to, labels=choices.status_labels(for_customers=False))
    if request.faults:
        unsent.blame(form, request.faults)
    elif _is_moved(ticket, writes_to, data.get("goes_to", "")):
        return ticket_page(request, ticket, status=409, composer=form, moved_to=writes_to)
    elif form.is_valid():
        try:
            said = _WRITE[form.writing](writes_to, request.membership, at, form)
        except HeldBack as held:
            return ticket_page(request, ticket, status=409, composer=form, held=held.came_in)
        except Moved as moved:
            return ticket_page(request, found(request, number), status=409, composer=form, moved_to=moved.into)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            discard_reply_draft(ticket, by=request.membership)
            messages.success(request, said)
            return back(request, writes_to.number, "latest")
    return ticket_page(request, ticket, status=422, composer=form)


def _is_moved(ticket: Ticket, writes_to: Ticket, goes_to: str) -> bool:
    """Whether the ticket goes on in another one, which the writer was not shown when they wrote."""
    return writes_to.pk != ticket.pk and goes_to != str(writes_to.number)


def _send_reply(ticket: Ticket, by: Membership, at: datetime, form: ComposerForm) -> str:
    data = form.cleaned_data
    message = actions.reply(
        ticket,
        by=by,
        at=at,
        body=data["body"],
        files=data["files"],
        then_state=data["then_state"],
        next_update_at=form.next_update(at),
        seen=data["seen"],
    )
    _log_time(ticket, by, at, form, message)
    return _("Reply sent to %(name)s.") % {"name": ticket.requester.name}


def _add_note(ticket: Ticket, by: Membership, at: datetime, form: ComposerForm) -> str:
    message = actions.note(ticket, by=by, at=at, body=form.cleaned_data["body"], files=form.cleaned_data["files"])
    _log_time(ticket, by, at, form, message)
    named = Mention.objects.filter(message=message).select_related("person__user") if "@" in message.body else ()
    told = [each.person.name for each in named]
    if not told:
        return _("Note added. Customers cannot see it.")
    text = ngettext(
        "Note added, %(names)s is told. Customers cannot see it.",
        "Note added, %(names)s are told. Customers cannot see it.",
        len(told),
    )
    return text % {"names": ", ".join(told)}


def _log_time(ticket: Ticket, by: Membership, at: datetime, form: ComposerForm, message: Message) -> None:
    """What was spent on it, where that was said."""
    if form.cleaned_data["minutes"]:
        actions.log_time(ticket, by=by, at=at, minutes=form.cleaned_data["minutes"], message=message)


def _log_call(ticket: Ticket, by: Membership, at: datetime, form: ComposerForm) -> str:
    actions.log_call(ticket, by=by, at=at, body=form.cleaned_data["body"], minutes=form.cleaned_data["minutes"])
    return _("Call logged.")


_WRITE: dict[Writing, Callable[[Ticket, Membership, datetime, ComposerForm], str]] = {
    Writing.REPLY: _send_reply,
    Writing.NOTE: _add_note,
    Writing.CALL: _log_call,
}
