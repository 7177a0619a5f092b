"""What was done about a page: each step with who was told, by which ways, when it arrived and when it was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import DateTimeField, Value

from escalation.models import Page
from supportdesk.notifications.models import Delivery, DeliveryState, Notice
from tickets.models import Event, Ticket
from tickets.models.event import PAGE_KINDS

INBOX = "inbox"
OVER = (DeliveryState.DEAD, DeliveryState.CANCELLED, DeliveryState.SKIPPED)
"""Of a copy in one of these states it is said why it did not arrive."""

Seen = datetime | None


@dataclass(frozen=True, slots=True)
class Way:
    """One copy to one person: by which channel, how it stands, since when, and why where it did not arrive."""

    channel: str
    state: str
    at: datetime | None = None
    why: str = ""


@dataclass(slots=True)
class Told:
    """One person of a step."""

    name: str
    why: str
    is_quiet: bool
    ways: list[Way] = field(default_factory=list)
    seen_at: datetime | None = None

    @property
    def has_failed(self) -> bool:
        """Whether a copy to them was given up."""
        return any(way.state == DeliveryState.DEAD for way in self.ways)


@dataclass(frozen=True, slots=True)
class Line:
    event: Event
    told: tuple[Told, ...] = ()


def history_of(page: Page) -> list[Line]:
    """The page's own lines of the timeline, the oldest first. Two queries."""
    rows = Event.objects.filter(ticket_id=page.ticket_id, kind__in=PAGE_KINDS, data__page=page.pk)
    events = list(rows.select_related("by__user").order_by("at", "id"))
    told = told_by(events)
    return [Line(event, told.get(event.pk, ())) for event in events]


def told_by(events: Iterable[Event]) -> dict[int, tuple[Told, ...]]:
    """Whom those of the events that told people told, by the event's id. One query; none where nobody was told."""
    telling = {event.pk: event for event in events if event.kind in PAGE_KINDS and event.data.get("key")}
    if not telling:
        return {}
    people = {pk: _people(event) for pk, event in telling.items()}
    members = {member for some in people.values() for member, *_ in some if member is not None}
    copies = _copies({event.data["key"] for event in telling.values()}, members)
    return {
        pk: tuple(
            _told(copies.get((event.data["key"], member), ()), name, why, is_quiet)
            for member, name, why, is_quiet in people[pk]
        )
        for pk, event in telling.items()
    }


def told_on(ticket: Ticket) -> dict[int, tuple[Told, ...]]:
    """Whom the pages of a ticket told, by the event's id. Two queries, one for a ticket without."""
    return told_by(Event.objects.filter(ticket=ticket, kind__in=PAGE_KINDS).order_by("at", "id"))


def tag_of(told: Mapping[int, tuple[Told, ...]]) -> str:
    """Changes when a copy leaves, fails or is seen."""
    return hashlib.sha1(repr(sorted(told.items())).encode(), usedforsecurity=False).hexdigest()[:12] if told else ""


def _people(event: Event) -> list[tuple[int | None, str, str, bool]]:
    if event.data.get("people"):
        return [(member, name, why, is_quiet) for member, name, why, is_quiet in event.data["people"]]
    return [(event.data["to"], event.data["to_name"], "", False)] if event.data.get("to") else []


def _copies(keys: Iterable[str], members: Iterable[int]) -> dict[tuple[str, int | None], list[tuple[Way, Seen]]]:
    """Everything that was told under these keys, the inbox first, then as it was queued; notices say when they were
    read."""
    nothing = Value(None, output_field=DateTimeField())
    outside = Delivery.objects.about(keys).order_by()
    inside = Notice.objects.filter(key__in=list(keys), membership__in=list(members))
    rows = outside.values_list(
        "occasion", "membership_id", "channel", "state", "sent_at", "last_error", nothing, "id"
    ).union(
        inside.values_list("key", "membership_id", Value(INBOX), Value("sent"), "at", Value(""), "read_at", "id"),
        all=True,
    )
    copies: dict[tuple[str, int | None], list[tuple[Way, Seen]]] = {}
    for key, member, channel, state, at, error, read_at, _id in sorted(rows, key=lambda row: (row[2] != INBOX, row[7])):
        way = Way(channel, state, at, error if state in OVER else "")
        copies.setdefault((key, member), []).append((way, read_at))
    return copies


def _told(copies: Iterable[tuple[Way, Seen]], name: str, why: str, is_quiet: bool) -> Told:
    told = Told(name, why, is_quiet)
    for way, seen_at in copies:
        told.ways.append(way)
        told.seen_at = told.seen_at or seen_at
    return told
