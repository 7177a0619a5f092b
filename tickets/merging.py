"""Before two tickets become one: what the one that closes owes, and who would read the one that goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from supportdesk.accounts.models import Membership
from tickets.models import Event, Follower, Message, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageKind

UNDO_WITHIN = timedelta(hours=1)
"""After it nobody separates what was merged: answers have been given in the light of both."""


@dataclass(frozen=True, slots=True)
class Owed:
    """What a ticket's customer waits for: ``since`` received or reopened, ``asked_at`` the first response is owed,
    ``unanswered_at`` the oldest unanswered message. All None when it is resolved."""

    since: datetime | None = None
    asked_at: datetime | None = None
    unanswered_at: datetime | None = None

    def as_data(self) -> dict[str, str | None]:
        """As a timeline's event keeps it: ISO 8601."""
        return {name: at.isoformat() if at else None for name, at in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Brought:
    """Somebody who will follow the ticket that goes on. ``is_new_reader``: who could not read it before."""

    person: Membership
    is_new_reader: bool


def owed_by(ticket: Ticket) -> Owed:
    """What is owed on this ticket by itself, whatever was merged into it. Three queries."""
    if not ticket.is_open:
        return Owed()
    happened = Event.objects.filter(ticket=ticket)
    reopened = happened.filter(kind=Kind.REOPENED).order_by("-at", "-pk").values_list("at", flat=True).first()
    since = reopened or ticket.received_at
    answers = happened.filter(kind__in=(Kind.REPLIED, Kind.CALL_LOGGED), by__isnull=False)
    return Owed(since, None if answers.exists() else since, _unanswered_since(ticket))


def brought_by(ticket: Ticket, into: Ticket) -> list[Brought]:
    """Who knew of ``ticket`` and will follow ``into``: its requester and followers who may see the project of it and
    are not there already."""
    there = set(Follower.objects.filter(ticket=into).values_list("person_id", flat=True)) | {into.requester_id}
    known = [ticket.requester, *(each.person for each in Follower.objects.filter(ticket=ticket).with_people())]
    seeing = set(
        Membership.objects.seeing(into.project_id)
        .filter(pk__in=[each.pk for each in known], is_active=True)
        .values_list("pk", flat=True)
    )
    coming = {each.pk: each for each in known if each.pk in seeing and each.pk not in there}
    return [Brought(each, not _reads(each, into)) for each in coming.values()]


def new_readers(brought: Sequence[Brought]) -> list[Membership]:
    """Those who come to read a ticket that was closed to them."""
    return [each.person for each in brought if each.is_new_reader]


def undoable_until(event: Event) -> datetime:
    """The last instant at which this merging can be undone."""
    return event.at + UNDO_WITHIN


def _reads(person: Membership, ticket: Ticket) -> bool:
    return Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()


def _unanswered_since(ticket: Ticket) -> datetime | None:
    """The oldest message of its own customers that nobody has answered; None when the ticket awaits no answer."""
    if ticket.unanswered_since is None:
        return None
    said = (
        Message.objects.filter(ticket=ticket, kind=MessageKind.PUBLIC)
        .select_related("author")
        .order_by("-created_at", "-pk")
    )
    oldest = None
    for message in said[:200]:
        if message.author is not None and message.author.is_staff_side:
            break
        oldest = message.created_at
    return max(oldest, ticket.unanswered_since) if oldest is not None else None
