"""Going on after the window for reopening has passed: a new ticket, linked with the old one both ways."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets import events
from tickets.actions.following import follow
from tickets.actions.locking import locked, readers_only
from tickets.actions.opening import open_ticket
from tickets.errors import Refused
from tickets.models import Event, Follower, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageChannel


@transaction.atomic
def follow_up(
    ticket: Ticket,
    *,
    by: Membership,
    at: datetime,
    body: str,
    subject: str = "",
    files: Sequence[UploadedFile[Any]] = (),
    channel: MessageChannel = MessageChannel.PORTAL,
    submission: UUID | None = None,
) -> Ticket:
    """A new ticket about the matter of a resolved one: same project, category, priority, group and readers.

    Everybody who knew of the old ticket follows the new one. Raises Refused, naming the field, when the old one is open
    or when what ``open_ticket`` asks for is missing, such as an active subscription.
    """
    readers_only(ticket, by)
    ticket = locked(ticket)
    if submission is not None and (made := Ticket.objects.filter(submission=submission).first()) is not None:
        return made
    if ticket.is_open:
        raise Refused(_("#%(number)s is open; please go on there.") % {"number": ticket.number})
    later = open_ticket(
        by=by,
        at=at,
        requester=by if by.is_customer_side else ticket.requester,
        project=ticket.project,
        category=ticket.category,
        environment=ticket.environment,
        priority=ticket.priority,
        subject=subject.strip() or ticket.subject,
        body=body,
        url=ticket.url,
        fields=ticket.fields,
        is_shared=ticket.is_shared,
        team=ticket.team,
        files=files,
        channel=channel,
        submission=submission,
        follow_up_of=ticket,
    )
    events.record_many(
        [
            Event(ticket=ticket, kind=Kind.FOLLOWED_UP, by=by, at=at, data={"by": later.number}),
            Event(ticket=later, kind=Kind.FOLLOWED_UP, by=by, at=at, data={"of": ticket.number}),
        ]
    )
    known_to = [each.person for each in Follower.objects.filter(ticket=ticket).with_people()]
    for person in {each.pk: each for each in (ticket.requester, *known_to)}.values():
        if person.pk != later.requester_id and person.is_active:
            follow(later, who=person, by=None, at=at)
    return later
