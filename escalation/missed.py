"""Calls that nobody took, incidents that no service took: a page does not wait for whoever cannot have heard of it.

A loss is reported with its delivery locked, where no ticket may be locked any more; so it sets a timer, and its firing
looks at what became of everything that the page's latest landing had sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from escalation import policies
from escalation.doing import trigger_key
from escalation.ladder import SERVICE, lost_way, may_go_on
from escalation.messages import KIND, page_number
from escalation.models import Page
from escalation.opening import TIMER as STEP
from escalation.steps import BUSY_RETRY, lock, save
from supportdesk.notifications.incidents import KIND_OF_INCIDENT
from supportdesk.notifications.models import Delivery, DeliveryState
from supportdesk.timers import actions as timers
from supportdesk.timers.registry import DueTimer
from tickets import events as timeline
from tickets.models import Event, Ticket
from tickets.models.event import Kind

TIMER = "escalation.missed"
"""Its subject is the page."""

CALLED_OFF = (DeliveryState.SKIPPED, DeliveryState.CANCELLED)


def follow(deliveries: Sequence[Delivery], *, at: datetime) -> None:
    """Nobody got these; the pages of which they told, or whose incidents they were to open, are looked at."""
    pages = {page_number(each.occasion) for each in deliveries if _is_telling(each)} - {None}
    timers.set_many(TIMER, dict.fromkeys((pk for pk in pages if pk is not None), at))


def fire(due: Sequence[DueTimer], *, at: datetime) -> None:
    """Takes the next step at once where nobody was reached; also of a page whose ladder had come to its end. A ticket
    that somebody is just working on is left for the next round."""
    waiting = Page.objects.unsettled().waiting().filter(pk__in=[timer.subject_id for timer in due])
    waiting = waiting.filter(Q(next_at__gt=at) | Q(next_at__isnull=True))
    of_ticket = dict(waiting.values_list("pk", "ticket_id"))
    tickets = lock(of_ticket.values(), skip_busy=True)
    pages = list(waiting.select_for_update(of=("self",), skip_locked=True).filter(ticket_id__in=tickets).order_by("pk"))
    busy = of_ticket.keys() - {page.pk for page in pages}
    timers.set_many(TIMER, dict.fromkeys(busy, at + BUSY_RETRY))
    missed = [(page, event) for page in pages if (event := _missed(page, tickets[page.ticket_id], at)) is not None]
    if not missed:
        return
    for page, _event in missed:
        page.next_at = at
    save([page for page, _event in missed])
    timers.set_many(STEP, {page.pk: at for page, _event in missed})
    timeline.record_many([event for _page, event in missed])


def _missed(page: Page, ticket: Ticket, at: datetime) -> Event | None:
    """What the timeline says of it; None when the page waits on. The page no longer counts as having reached somebody,
    unsaved, when it never has."""
    sent = _sent_of(page, ticket)
    latest = sent.of_landing(page.landings)
    way = lost_way(latest.copies())
    if not way:
        return None
    if not sent.has_reached:
        page.standing = replace(page.standing, has_reached=False, round_reached=False)
    ladder = policies.ladder_in(page.contract_version_id, page.policy)
    if not may_go_on(ladder, page.standing, is_handed=latest.is_handing):
        return None
    data = {"page": page.pk, "policy": page.policy, "channel": way, "why": latest.reason}
    return Event(ticket=ticket, kind=Kind.PAGE_MISSED, by=None, at=at, data=data)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a page has sent: the steps that told people, by key, as the timeline keeps them, and every copy."""

    page: Page
    told: Mapping[str, Mapping[str, Any]]
    deliveries: Sequence[Delivery]

    def of_landing(self, number: int) -> _Sent:
        start, opened = f"page-{self.page.pk}-{number}-", trigger_key(self.page, number)
        told = {key: data for key, data in self.told.items() if key.startswith(start)}
        return _Sent(self.page, told, [each for each in self.deliveries if each.occasion in (*told, opened)])

    def copies(self) -> Iterator[tuple[str, bool]]:
        """Channel and whether it was lost; the inbox, which loses nothing, where the step named it."""
        for each in self.deliveries:
            yield SERVICE if each.kind == KIND_OF_INCIDENT else each.channel, each.has_failed
        for data in self.told.values():
            if "inbox" in data.get("channels", ("inbox",)) and _members(data):
                yield "inbox", False

    @property
    def is_handing(self) -> bool:
        return any(data.get("to") for data in self.told.values())

    @property
    def has_reached(self) -> bool:
        """Whether anybody can have heard of it: a person with an inbox here, or whoever a copy was not lost to."""
        return any(_members(data) for data in self.told.values()) or any(
            not each.has_failed for each in self.deliveries
        )

    @property
    def reason(self) -> str:
        """What the last of those that were lost says of it."""
        lost = [each for each in self.deliveries if each.has_failed]
        return (lost[-1].lost_because or lost[-1].last_error)[:300] if lost else ""


def _sent_of(page: Page, ticket: Ticket) -> _Sent:
    """Two queries."""
    steps = Event.objects.filter(ticket=ticket, kind__in=(Kind.PAGE_STEP, Kind.PAGE_HANDED), data__page=page.pk)
    told = {data["key"]: data for data in steps.values_list("data", flat=True) if data.get("key")}
    keys = [*told, *(trigger_key(page, number) for number in range(1, page.landings + 1))]
    return _Sent(page, told, list(Delivery.objects.about(keys).exclude(state__in=CALLED_OFF).defer("body")))


def _members(data: Mapping[str, Any]) -> list[int]:
    """The people of a step who have a place here and were to answer, by their ids."""
    if data.get("to"):
        return [data["to"]]
    return [member for member, _name, _why, is_quiet in data.get("people", ()) if member is not None and not is_quiet]


def _is_telling(delivery: Delivery) -> bool:
    return delivery.kind == KIND or (
        delivery.kind == KIND_OF_INCIDENT and delivery.payload.get("action") == "trigger" and delivery.has_failed
    )
