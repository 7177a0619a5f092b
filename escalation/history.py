"""What was done about a page: each step with who was told, by which ways, when it arrived and when it was seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Value

from escalation.models import Page
from supportdesk.notifications.models import Delivery, DeliveryState, Notice
from tickets.models import Event, Ticket
from tickets.models.event import PAGE_KINDS, Kind

INBOX = "inbox"
DELIVERED, LOST = "delivered", "lost"
"""What a carrier said became of a copy that was sent."""
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
    """One person of a step; without a name a service that did not take what was posted to it."""

    name: str
    why: str
    is_quiet: bool
    ways: list[Way] = field(default_factory=list)
    seen_at: datetime | None = None

    @property
    def has_failed(self) -> bool:
        """Whether a copy to them was given up, or lost on its way."""
        return any(way.state in (DeliveryState.DEAD, LOST) for way in self.ways)

    @property
    def is_given_up(self) -> bool:
        """Whether a copy to them can be sent again."""
        return any(way.state == DeliveryState.DEAD for way in self.ways)


@dataclass(frozen=True, slots=True)
class Line:
    event: Event
    told: tuple[Told, ...] = ()


def history_of(page: Page) -> list[Line]:
    """The page's own lines of the timeline, the oldest first. Two queries; one more where a service did not take it."""
    rows = Event.objects.filter(ticket_id=page.ticket_id, kind__in=PAGE_KINDS, data__page=page.pk)
    events = list(rows.select_related("by__user").order_by("at", "id"))
    told = told_by(events)
    return [Line(event, told.get(event.pk, ())) for event in events]


def told_by(events: Iterable[Event]) -> dict[int, tuple[Told, ...]]:
    """Whom those of the events that told people told, by the event's id, and what services did not take. One query;
    none where nobody was told, one more where a service did not take it."""
    events = list(events)
    return _told_people(events) | _untaken(events)


def _told_people(events: Sequence[Event]) -> dict[int, tuple[Told, ...]]:
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


def _untaken(events: Sequence[Event]) -> dict[int, tuple[Told, ...]]:
    """How it stands by now."""
    untaken = {event.pk: event for event in events if event.kind == Kind.PAGE_UNTAKEN}
    if not untaken:
        return {}
    rows = Delivery.objects.filter(pk__in={event.data["delivery"] for event in untaken.values()})
    stand = {pk: (state, sent_at) for pk, state, sent_at in rows.values_list("pk", "state", "sent_at")}
    return {
        pk: (Told("", "", False, [Way(event.data["service"], *stand[event.data["delivery"]])]),)
        for pk, event in untaken.items()
        if event.data["delivery"] in stand
    }


def told_on(ticket: Ticket) -> dict[int, tuple[Told, ...]]:
    """Whom the pages of a ticket told, by the event's id. Two queries, one for a ticket without, one more
    where a service did not take it."""
    return told_by(Event.objects.filter(ticket=ticket, kind__in=PAGE_KINDS).order_by("at", "id"))


def tag_of(told: Mapping[int, tuple[Told, ...]]) -> str:
    """Changes when a copy leaves, fails or is seen."""
    return _digest(sorted(told.items())) if told else ""


def tag_of_page(page: Page, lines: Iterable[Line], ahead: object) -> str:
    """Changes with how the page stands, with its history, and with what comes next; the same in every process."""
    stands = (str(page.state), page.next_at, page.landings, page.holder_id, page.bridge)
    return f"{page.pk}-{_digest((stands, [(each.event.pk, each.told) for each in lines], ahead))}"


def _digest(shown: object) -> str:
    return hashlib.sha1(repr(shown).encode(), usedforsecurity=False).hexdigest()[:12]


def _people(event: Event) -> list[tuple[int | None, str, str, bool]]:
    if event.data.get("people"):
        return [(member, name, why, is_quiet) for member, name, why, is_quiet in event.data["people"]]
    return [(event.data["to"], event.data["to_name"], "", False)] if event.data.get("to") else []


def _copies(keys: Iterable[str], members: Iterable[int]) -> dict[tuple[str, int | None], list[tuple[Way, Seen]]]:
    """Everything that was told under these keys, the inbox first, then as it was queued; notices say when they were
    read."""
    nothing, none = Value(None, output_field=DateTimeField()), Value("")
    outside = Delivery.objects.about(keys).order_by()
    inside = Notice.objects.filter(key__in=list(keys), membership__in=list(members))
    rows = outside.values_list(
        "occasion",
        "membership_id",
        "channel",
        "state",
        "sent_at",
        "last_error",
        "delivered_at",
        "lost_at",
        "lost_because",
        "seen_at",
        "id",
    ).union(
        inside.values_list(
            "key", "membership_id", Value(INBOX), Value("sent"), "at", none, nothing, nothing, none, "read_at", "id"
        ),
        all=True,
    )
    copies: dict[tuple[str, int | None], list[tuple[Way, Seen]]] = {}
    row: list[Any]
    for key, member, *row, seen_at, _id in sorted(rows, key=lambda row: (row[2] != INBOX, row[-1])):
        copies.setdefault((key, member), []).append((_way(*row), seen_at))
    return copies


def _way(channel: str, state: str, at: Seen, error: str, delivered_at: Seen, lost_at: Seen, lost_because: str) -> Way:
    """What the carrier says of it last, before what became of it here."""
    if lost_at is not None:
        return Way(channel, LOST, lost_at, lost_because)
    if delivered_at is not None:
        return Way(channel, DELIVERED, delivered_at)
    return Way(channel, state, at, error if state in OVER else "")


def _told(copies: Iterable[tuple[Way, Seen]], name: str, why: str, is_quiet: bool) -> Told:
    told = Told(name, why, is_quiet)
    for way, seen_at in copies:
        told.ways.append(way)
        told.seen_at = told.seen_at or seen_at
    return told
