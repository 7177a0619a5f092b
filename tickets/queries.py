"""Reads that span models: a ticket's conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from supportdesk.accounts.models import Membership
from tickets.models import Attachment, Event, Message, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageKind

SPOKEN = (Kind.OPENED, Kind.CUSTOMER_REPLIED, Kind.REPLIED, Kind.NOTED, Kind.AUTO_REPLIED, Kind.CALL_LOGGED)
"""Events whose message is shown itself, so that they need no line of their own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a conversation: a message with its files, or an event between messages. ``origin``: the number of
    the merged ticket that a message was written on, 0 for this one."""

    at: datetime
    message: Message | None = None
    event: Event | None = None
    files: list[Attachment] = field(default_factory=list)
    origin: int = 0


@dataclass(frozen=True, slots=True)
class Conversation:
    """All that somebody may read of a ticket, oldest first; ``last_event`` is the newest on its timeline (its id),
    shown or not."""

    entries: list[Entry]
    last_event: int | None

    @property
    def last_message(self) -> int:
        """The newest message, by its id; 0 without any."""
        return max((each.message.pk for each in self.entries if each.message is not None), default=0)

    @property
    def last_public(self) -> Message | None:
        """The newest message from people that the customer can read."""
        public = [e.message for e in self.entries if e.message is not None and e.message.kind == MessageKind.PUBLIC]
        return max(public, key=lambda each: each.pk, default=None)


def conversation(ticket: Ticket, who: Membership) -> list[Entry]:
    """All that this person may read of a ticket, oldest first; see ``whole_conversation``."""
    return whole_conversation(ticket, who).entries


def whole_conversation(ticket: Ticket, who: Membership) -> Conversation:
    """All that this person may read of a ticket, oldest first, in three queries; with what was said on tickets that
    were merged into it, where they may read those: one more."""
    events = list(Event.objects.filter(ticket=ticket).visible_to(who).select_related("by__user"))
    numbers = {ticket.pk: 0}
    if any(event.kind == Kind.MERGED and event.data.get("from") for event in events):
        numbers |= dict(Ticket.objects.visible_to(who).filter(merged_into=ticket).values_list("pk", "number"))
    messages = Message.objects.filter(ticket__in=list(numbers)).visible_to(who).select_related("author__user")
    files: dict[int, list[Attachment]] = {}
    for attachment in Attachment.objects.filter(ticket__in=list(numbers)).order_by("id"):
        files.setdefault(attachment.message_id, []).append(attachment)
    entries = [
        Entry(at=each.created_at, message=each, files=files.get(each.pk, []), origin=numbers[each.ticket_id])
        for each in messages
    ]
    entries += [Entry(at=each.at, event=each) for each in events if each.kind not in SPOKEN]
    return Conversation(sorted(entries, key=_order), max((each.pk for each in events), default=None))


def _order(entry: Entry) -> tuple[datetime, int, int]:
    if entry.message is not None:
        return entry.at, 0, entry.message.pk
    assert entry.event is not None
    return entry.at, 1, entry.event.pk
