"""What services did not take of a page's incident: said on its history, where whoever works on it reads it.

A delivery is given up with its row locked, where no ticket may be locked any more; so that sets a timer, and its firing
writes the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from escalation.messages import page_number
from escalation.models import Page
from escalation.steps import BUSY_RETRY, lock
from supportdesk.notifications.incidents import KIND_OF_INCIDENT
from supportdesk.notifications.models import Delivery, DeliveryState
from supportdesk.timers import actions as timers
from supportdesk.timers.registry import DueTimer
from tickets import events as timeline
from tickets.models import Event, Ticket
from tickets.models.event import Kind

TIMER = "escalation.untaken"
"""Its subject is the delivery."""


def follow(deliveries: Sequence[Delivery], *, at: datetime) -> None:
    """These were given up, or lost; those of incidents are told of."""
    given_up = [each for each in deliveries if each.kind == KIND_OF_INCIDENT and each.state == DeliveryState.DEAD]
    timers.set_many(TIMER, {each.pk: at for each in given_up if page_number(each.occasion) is not None})


def fire(due: Sequence[DueTimer], *, at: datetime) -> None:
    """Writes on the timelines what is still given up. A ticket that somebody is just working on is left for the next
    round."""
    dead = Delivery.objects.dead().filter(pk__in=[timer.subject_id for timer in due]).select_related("integration")
    deliveries = sorted(dead.defer("body"), key=lambda each: each.pk)
    pages = Page.objects.in_bulk({page_number(each.occasion) for each in deliveries})
    tickets = lock((page.ticket_id for page in pages.values()), skip_busy=True)
    busy: list[int] = []
    untaken: list[Event] = []
    for each in deliveries:
        page = pages.get(page_number(each.occasion))
        if page is not None and page.ticket_id in tickets:
            untaken.append(_event(each, page, tickets[page.ticket_id], at))
        elif page is not None:
            busy.append(each.pk)
    timers.set_many(TIMER, dict.fromkeys(busy, at + BUSY_RETRY))
    timeline.record_many(untaken)


def _event(delivery: Delivery, page: Page, ticket: Ticket, at: datetime) -> Event:
    data = {
        "page": page.pk,
        "policy": page.policy,
        "service": delivery.integration.name if delivery.integration is not None else delivery.address,
        "action": delivery.payload["action"],
        "why": delivery.last_error[:300],
        "delivery": delivery.pk,
    }
    return Event(ticket=ticket, kind=Kind.PAGE_UNTAKEN, by=None, at=at, data=data)
