"""A second matter in one ticket: what the customer wrote about it becomes a ticket of its own."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from plans.models import Priority
from supportdesk.accounts.models import Membership
from tickets import events
from tickets.actions.conversation import no_reply_needed
from tickets.actions.following import follow
from tickets.actions.linking import link
from tickets.actions.locking import locked, staff_only
from tickets.actions.opening import open_ticket
from tickets.errors import Refused
from tickets.models import Attachment, Event, Follower, Message, Ticket
from tickets.models.event import Kind
from tickets.models.link import LinkKind
from tickets.models.message import MessageChannel, MessageKind


@transaction.atomic
def split(
    message: Message,
    *,
    by: Membership,
    at: datetime,
    subject: str,
    priority: Priority,
    body: str = "",
    original_waits: bool = True,
    submission: UUID | None = None,
) -> Ticket:
    """A new ticket that begins with a copy of this customer's message and its files, in the name of who wrote it, for
    the same readers; its clocks start when the message was written. ``body``: the part of it that is meant, else all.

    The original keeps the message and says where it went on; unless ``original_waits``, nobody waits for an answer
    there any more. Both are linked. Raises Refused, naming the field, for what no customer wrote publicly, and when
    what ``open_ticket`` asks for is missing.
    """
    staff_only(by)
    ticket = locked(message.ticket)
    if submission is not None and (made := Ticket.objects.filter(submission=submission).first()) is not None:
        return made
    author = message.author
    if message.kind != MessageKind.PUBLIC or author is None or not author.is_customer_side:
        raise Refused(_("Only what a customer wrote can become a ticket of its own."), field="body")
    apart = open_ticket(
        by=by,
        at=at,
        requester=author,
        contact_at=message.created_at,
        project=ticket.project,
        priority=priority,
        category=ticket.category,
        environment=ticket.environment,
        subject=subject,
        body=body.strip() or message.body,
        is_shared=ticket.is_shared,
        team=ticket.team,
        channel=MessageChannel(message.channel),
        submission=submission,
    )
    _copy_files(message, apart, at=at)
    asked_at = message.created_at.isoformat()
    events.record_many(
        [
            Event(ticket=ticket, kind=Kind.SPLIT, by=by, at=at, data=_data(message, asked_at, into=apart.number)),
            Event(
                ticket=apart, kind=Kind.SPLIT, by=by, at=at, data=_data(message, asked_at, **{"from": ticket.number})
            ),
        ]
    )
    known_to = [each.person for each in Follower.objects.filter(ticket=ticket).with_people()]
    for person in {each.pk: each for each in (ticket.requester, *known_to)}.values():
        if person.pk != author.pk and person.is_active:
            follow(apart, who=person, by=None, at=at)
    link(apart, to=ticket, kind=LinkKind.RELATED, by=by, at=at)
    if not original_waits and ticket.unanswered_since is not None:
        no_reply_needed(ticket, by=by, at=at)
    return apart


def _data(message: Message, asked_at: str, **other: int) -> dict[str, object]:
    return {"message": message.pk, "asked_at": asked_at, **other}


def _copy_files(message: Message, apart: Ticket, *, at: datetime) -> None:
    """The same stored files, which are never changed, under the new ticket's first message too."""
    first = apart.messages.order_by("pk").first()
    Attachment.objects.bulk_create(
        [
            Attachment(
                ticket=apart,
                message=first,
                file=each.file.name,
                name=each.name,
                size=each.size,
                content_type=each.content_type,
                created_at=at,
            )
            for each in Attachment.objects.filter(message=message).order_by("pk")
        ]
    )
