"""What was done about a page: each step with who was told, by which ways, when it arrived and when it was seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from escalation.models import Page
from supportdesk.notifications.models import Delivery, DeliveryState, Notice
from tickets.models import Event
from tickets.models.event import PAGE_KINDS


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


@dataclass(frozen=True, slots=True)
class Line:
    event: Event
    told: tuple[Told, ...] = ()


def history_of(page: Page) -> list[Line]:
    """The page's own lines of the timeline, the oldest first. Three queries."""
    rows = Event.objects.filter(ticket_id=page.ticket_id, kind__in=PAGE_KINDS, data__page=page.pk)
    events = list(rows.select_related("by__user").order_by("at", "id"))
    keys = [event.data["key"] for event in events if event.data.get("key")]
    deliveries: dict[tuple[str, int | None], list[Delivery]] = {}
    for delivery in Delivery.objects.about(keys).defer("body"):
        deliveries.setdefault((delivery.occasion, delivery.membership_id), []).append(delivery)
    seen: dict[tuple[str, int | None], Notice] = {
        (each.key, each.membership_id): each for each in Notice.objects.filter(key__in=keys).defer("body")
    }
    return [Line(event, tuple(_told(event, deliveries, seen))) for event in events]


def _told(
    event: Event,
    deliveries: dict[tuple[str, int | None], list[Delivery]],
    seen: dict[tuple[str, int | None], Notice],
) -> Iterable[Told]:
    key = event.data.get("key", "")
    people = event.data.get("people") or ([[event.data["to"], event.data["to_name"], "", False]] if key else [])
    for member, name, why, is_quiet in people:
        told = Told(name, why, is_quiet, [_way(each) for each in deliveries.get((key, member), ())])
        notice = seen.get((key, member))
        if notice is not None:
            told.ways.insert(0, Way("inbox", "sent", notice.at))
            told.seen_at = notice.read_at
        yield told


def _way(delivery: Delivery) -> Way:
    is_over = delivery.state not in (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.SENT)
    return Way(delivery.channel, delivery.state, delivery.sent_at, delivery.last_error if is_over else "")
