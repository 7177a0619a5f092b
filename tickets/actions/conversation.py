"""Replies, notes, calls, and the promise of a next update."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from plans import queries as plan_queries
from plans.states import State
from supportdesk.accounts.models import Membership
from tickets import events, mentions, reopening, transitions, uploads
from tickets.actions.callbacks import end_callback
from tickets.actions.escalating import heed_keyword
from tickets.actions.following_up import follow_up
from tickets.actions.locking import locked, staff_only
from tickets.actions.status import change_state
from tickets.actions.time import log_time
from tickets.errors import HeldBack, Refused
from tickets.models import Mention, Message, Ticket
from tickets.models.callback import CallbackOutcome
from tickets.models.event import Kind
from tickets.models.message import MessageChannel, MessageKind
from tickets.models.time_entry import MOST_MINUTES


@transaction.atomic
def reply(
    ticket: Ticket,
    *,
    by: Membership | None,
    at: datetime,
    body: str,
    files: Sequence[UploadedFile[Any]] = (),
    then_state: State | None = None,
    next_update_at: datetime | None = None,
    channel: MessageChannel | None = None,
    seen: int | None = None,
) -> Message:
    """A public message: from the customer's side, from the support team, or (``by`` None) an automatic one.

    ``seen`` is the last message (its id) that the writer had before them: when anything that the customer can read came
    after it, HeldBack says what, and nothing is sent. None does not check.

    Clocks are settled by the message first; only then is ``then_state`` applied. A customer's message takes the
    ticket out of waiting, reopens a resolved one, and after the vendor's window for that opens a linked follow-up
    ticket, to which the message then belongs. Raises Refused naming the field at fault.
    """
    ticket = locked(ticket)
    from_customer = by is not None and by.is_customer_side
    if by is not None and from_customer and _is_closed_for_good(ticket, at):
        return _goes_on(ticket, by=by, at=at, body=body, files=files, channel=channel)
    if then_state is not None or next_update_at is not None:
        staff_only(by)
    if seen is not None:
        _hold_back_what_crosses(ticket, seen)
    if next_update_at is not None and next_update_at <= at:
        raise Refused(_("The next update must be in the future."), field="next_update_at")
    if (
        then_state is not None
        and then_state != ticket.state
        and not transitions.may_follow(State(ticket.state), then_state)
    ):
        raise Refused(_("The ticket has moved on; that status cannot follow any more."), field="then_state")
    default_channel = MessageChannel.PORTAL if from_customer else MessageChannel.DESK if by else MessageChannel.SYSTEM
    message = write(
        ticket,
        by=by,
        at=at,
        body=body,
        files=files,
        kind=MessageKind.PUBLIC if by else MessageKind.AUTO,
        channel=channel or default_channel,
    )
    kind = Kind.CUSTOMER_REPLIED if from_customer else Kind.REPLIED if by else Kind.AUTO_REPLIED
    events.record(ticket, kind, by=by, at=at, message=message)
    if next_update_at is not None:
        events.record(ticket, Kind.UPDATE_PROMISED, by=by, at=at, next_update_at=next_update_at.isoformat())
    state = State(ticket.state)
    if then_state is not None:
        change_state(ticket, then_state, by=by, at=at)
    elif by is not None and from_customer:
        change_state(ticket, transitions.after_customer_message(state), by=by, at=at)
        heed_keyword(ticket, message, by=by, at=at)
    elif by is not None:
        change_state(
            ticket, transitions.after_first_answer(state, is_assigned=ticket.assignee_id is not None), by=by, at=at
        )
    return message


@transaction.atomic
def note(
    ticket: Ticket, *, by: Membership, at: datetime, body: str, files: Sequence[UploadedFile[Any]] = ()
) -> Message:
    """An internal note: the customer never sees it and no clock moves. Colleagues named in it with an @ are told."""
    staff_only(by)
    ticket = locked(ticket)
    message = write(ticket, by=by, at=at, body=body, files=files, kind=MessageKind.NOTE, channel=MessageChannel.DESK)
    named = sorted(_named_in(message, by))
    Mention.objects.bulk_create(Mention(ticket=ticket, message=message, person_id=each, at=at) for each in named)
    events.record(ticket, Kind.NOTED, by=by, at=at, message=message, mentions=named)
    return message


@transaction.atomic
def log_call(ticket: Ticket, *, by: Membership, at: datetime, body: str, minutes: int) -> Message:
    """A phone call with the customer, which counts as an answer (it meets the first response), as the call-back that
    the customer may have asked for, and as time spent."""
    staff_only(by)
    ticket = locked(ticket)
    if minutes < 1:
        raise Refused(_("How many minutes did the call take?"), field="minutes")
    message = write(ticket, by=by, at=at, body=body, files=(), kind=MessageKind.PUBLIC, channel=MessageChannel.PHONE)
    end_callback(ticket, CallbackOutcome.CALLED, at=at)
    events.record(ticket, Kind.CALL_LOGGED, by=by, at=at, message=message, minutes=minutes)
    if minutes <= MOST_MINUTES:
        log_time(ticket, by=by, at=at, minutes=minutes, note=_("Phone call"), message=message)
    change_state(
        ticket,
        transitions.after_first_answer(State(ticket.state), is_assigned=ticket.assignee_id is not None),
        by=by,
        at=at,
    )
    return message


@transaction.atomic
def promise_update(ticket: Ticket, *, by: Membership, at: datetime, next_update_at: datetime) -> None:
    """States when the customer will next hear from the team; replaces the plan's interval."""
    staff_only(by)
    ticket = locked(ticket)
    if next_update_at <= at:
        raise Refused(_("The next update must be in the future."), field="next_update_at")
    events.record(ticket, Kind.UPDATE_PROMISED, by=by, at=at, next_update_at=next_update_at.isoformat())


@transaction.atomic
def no_reply_needed(ticket: Ticket, *, by: Membership, at: datetime) -> None:
    """The customer's last message asks for nothing: nobody waits, and the next-response clock ends."""
    staff_only(by)
    ticket = locked(ticket)
    ticket.unanswered_since = None
    ticket.save(update_fields=["unanswered_since"])
    events.record(ticket, Kind.NO_REPLY_NEEDED, by=by, at=at)


def _hold_back_what_crosses(ticket: Ticket, seen: int) -> None:
    """One's own reply counts too: a second press of the button sends nothing twice."""
    since = Message.objects.filter(ticket=ticket, kind=MessageKind.PUBLIC, pk__gt=seen).select_related("author__user")
    came_in = list(since.order_by("pk"))
    if came_in:
        raise HeldBack(came_in)


def _named_in(message: Message, by: Membership) -> set[int]:
    if "@" not in message.body:
        return set()
    staff = Membership.objects.staff().exclude(pk=by.pk)
    return mentions.named_in(message.body, {each.pk: each.name for each in staff})


def _is_closed_for_good(ticket: Ticket, at: datetime) -> bool:
    return not ticket.is_open and reopening.is_closed_for_good(ticket, plan_queries.current_contract(), at)


def _goes_on(
    ticket: Ticket,
    *,
    by: Membership,
    at: datetime,
    body: str,
    files: Sequence[UploadedFile[Any]],
    channel: MessageChannel | None,
) -> Message:
    """The message in the open follow-up of a ticket that is closed for good; opens one where there is none."""
    going_on = Ticket.objects.visible_to(by).filter(follow_up_of=ticket).open().order_by("-id").first()
    if going_on is not None:
        return reply(going_on, by=by, at=at, body=body, files=files, channel=channel)
    try:
        later = follow_up(ticket, by=by, at=at, body=body, files=files, channel=channel or MessageChannel.PORTAL)
    except Refused as error:
        raise Refused(error.text, field=error.field if error.field in ("body", "files") else None) from error
    message: Message = later.messages.get()
    return message


def write(
    ticket: Ticket,
    *,
    by: Membership | None,
    at: datetime,
    body: str,
    files: Sequence[UploadedFile[Any]],
    kind: MessageKind,
    channel: MessageChannel,
) -> Message:
    """The message on a locked ticket with its files; recording it is the caller's."""
    if not body.strip():
        raise Refused(_("Write something first."), field="body")
    uploads.check(files)
    message = Message.objects.create(
        ticket=ticket, author=by, kind=kind, channel=channel, body=body.strip(), created_at=at
    )
    uploads.keep(files, ticket=ticket, message=message, at=at)
    ticket.updated_at = at
    if kind is MessageKind.PUBLIC:
        ticket.unanswered_since = (ticket.unanswered_since or at) if by is not None and by.is_customer_side else None
    ticket.save(update_fields=["updated_at", "unanswered_since"])
    return message
