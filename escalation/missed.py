"""Calls that nobody took: a page does not wait for whoever cannot have heard of it.

A loss is reported with its delivery locked, where no ticket may be locked any more; so it sets a timer, and its firing
looks at what became of everything that the page's latest landing had sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from escalation import policies
from escalation.ladder import LOUD, is_in_vain, may_go_on
from escalation.messages import KIND, page_number
from escalation.models import Page
from escalation.opening import TIMER as STEP
from escalation.steps import BUSY_RETRY, lock
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
    """Nobody got these; the pages of which they told are looked at."""
    pages = {page_number(each.occasion) for each in deliveries if each.kind == KIND and each.channel in LOUD} - {None}
    timers.set_many(TIMER, dict.fromkeys((pk for pk in pages if pk is not None), at))


def fire(due: Sequence[DueTimer], *, at: datetime) -> None:
    """Takes the next step at once where nobody was reached. A ticket that somebody is just working on is left for the
    next round."""
    waiting = Page.objects.unsettled().waiting().filter(pk__in=[timer.subject_id for timer in due], next_at__gt=at)
    of_ticket = dict(waiting.values_list("pk", "ticket_id"))
    tickets = lock(of_ticket.values(), skip_busy=True)
    pages = list(waiting.select_for_update(of=("self",), skip_locked=True).filter(ticket_id__in=tickets).order_by("pk"))
    busy = of_ticket.keys() - {page.pk for page in pages}
    timers.set_many(TIMER, dict.fromkeys(busy, at + BUSY_RETRY))
    missed = [event for page in pages if (event := _missed(page, tickets[page.ticket_id], at)) is not None]
    timers.set_many(STEP, {event.data["page"]: at for event in missed})
    Page.objects.filter(pk__in=[event.data["page"] for event in missed]).update(next_at=at)
    timeline.record_many(missed)


def _missed(page: Page, ticket: Ticket, at: datetime) -> Event | None:
    """What the timeline says of it; None when the page waits on."""
    steps = Event.objects.filter(ticket=ticket, kind__in=(Kind.PAGE_STEP, Kind.PAGE_HANDED), data__page=page.pk)
    told = list(steps.exclude(data__key="").order_by("-at", "-id")[:20])
    latest = [event for event in told if event.at == told[0].at]
    if not latest:
        return None
    ladder = policies.ladder_in(page.contract_version_id, page.policy)
    if not may_go_on(ladder, page.standing, is_handed=latest[0].kind == Kind.PAGE_HANDED):
        return None
    sent = Delivery.objects.about(event.data["key"] for event in latest).filter(channel__in=LOUD)
    copies = list(sent.exclude(state__in=CALLED_OFF).defer("body"))
    if not is_in_vain((each.channel, each.has_failed) for each in copies):
        return None
    channel = "voice" if any(each.channel == "voice" for each in copies) else "sms"
    data = {"page": page.pk, "policy": page.policy, "channel": channel}
    return Event(ticket=ticket, kind=Kind.PAGE_MISSED, by=None, at=at, data=data)
