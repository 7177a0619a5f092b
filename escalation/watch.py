"""What opens a page because nothing happened: nobody took the ticket, looked at it, or called the customer back.

One timer a ticket, set to the next instant at which any policy's patience with it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from escalation.opening import Opening, open_pages
from escalation.steps import BUSY_RETRY, lock
from plans.contract.paging import TIMED, PolicySection, TriggerName
from plans.policies import Matter, is_for, is_still_for
from plans.queries import PolicyBook, policy_book
from plans.states import State
from supportdesk.timers import actions as timers
from supportdesk.timers.registry import DueTimer
from tickets.matters import matters_of
from tickets.models import Callback, Event, Ticket
from tickets.models.event import Kind

TIMER = "escalation.watch"

MOVING = (
    Kind.OPENED,
    Kind.ASSIGNED,
    Kind.TEAM_CHANGED,
    Kind.PRIORITY_CHANGED,
    Kind.SEVERITY_CHANGED,
    Kind.STATUS_CHANGED,
    Kind.RESOLVED,
    Kind.REOPENED,
    Kind.CALLBACK_REQUESTED,
    Kind.CALLBACK_CANCELLED,
    Kind.CALL_LOGGED,
)
"""After these the watch over a ticket is set anew."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """A policy's patience with a ticket, and when it ends."""

    policy: PolicySection
    trigger: TriggerName
    at: datetime


def follow_tickets(events: Sequence[Event], book: PolicyBook) -> None:
    """Sets the watch over the tickets that these events happened to. No query where no policy watches."""
    tickets = {event.ticket_id: event.ticket for event in events if event.kind in MOVING}
    if tickets and _watching(book):
        _set(tickets.values(), book, matters_of(tickets), at=max(event.at for event in events), after=None)


def fire(due: Sequence[DueTimer], *, at: datetime) -> None:
    """Opens the pages of what has lapsed, and watches on."""
    wanted = {timer.subject_id: timer.due_at for timer in due}
    tickets = lock(wanted, skip_busy=True)
    busy = set(Ticket.objects.filter(pk__in=wanted.keys() - tickets.keys()).values_list("pk", flat=True))
    timers.set_many(TIMER, dict.fromkeys(busy, at + BUSY_RETRY))
    book = policy_book()
    if book is None:
        return
    matters = matters_of(tickets)
    since = _since(tickets.values())
    openings = [
        Opening(ticket, lapse.policy, matters[ticket.pk], lapse.trigger, max(lapse.at, wanted[ticket.pk]))
        for ticket in tickets.values()
        for lapse in lapses(book, matters[ticket.pk], since[ticket.pk])
        if lapse.at <= wanted[ticket.pk]
        and is_for(lapse.policy.only, matters[ticket.pk], at=at, calendars=book.calendars)
    ]
    open_pages(openings, version_id=book.version_id)
    _set(tickets.values(), book, matters, at=at, after=wanted)


def lapses(book: PolicyBook, matter: Matter, since: dict[TriggerName, datetime]) -> list[Lapse]:
    """When each policy's patience with such a ticket ends, given since when it is as it is. Pure."""
    return [
        Lapse(policy, each.trigger, since[each.trigger] + (each.after or timedelta(0)))
        for policy in book.policies
        for each in policy.when
        if each.trigger in since and is_still_for(policy.only, matter)
    ]


def _set(
    tickets: Iterable[Ticket],
    book: PolicyBook,
    matters: dict[int, Matter],
    *,
    at: datetime,
    after: dict[int, datetime] | None,
) -> None:
    """To each ticket's next lapse; after it fired, to the next one later than that."""
    tickets = list(tickets)
    since = _since(tickets)
    timers.set_many(
        TIMER,
        {
            ticket.pk: min(
                (
                    lapse.at
                    for lapse in lapses(book, matters[ticket.pk], since[ticket.pk])
                    if after is None or lapse.at > after[ticket.pk]
                ),
                default=None,
            )
            for ticket in tickets
        },
    )


def _watching(book: PolicyBook) -> bool:
    return any(each.trigger in TIMED for policy in book.policies for each in policy.when)


def _since(tickets: Iterable[Ticket]) -> dict[int, dict[TriggerName, datetime]]:
    """Since when nobody has, looked at, or called: by ticket and trigger, without what does not hold. Two queries."""
    tickets = list(tickets)
    let_go = dict(
        Event.objects.filter(ticket__in=tickets, kind=Kind.ASSIGNED, data__to=None)
        .order_by("at", "id")
        .values_list("ticket_id", "at")
    )
    calls = {
        each.ticket_id: each.starts_at or each.asked_at for each in Callback.objects.open().filter(ticket__in=tickets)
    }
    found: dict[int, dict[TriggerName, datetime]] = {}
    for ticket in tickets:
        since: dict[TriggerName, datetime] = {}
        if ticket.is_open and ticket.assignee_id is None:
            since["unassigned"] = max(ticket.received_at, let_go.get(ticket.pk, ticket.received_at))
        if ticket.state in (State.NEW, State.REOPENED):
            since["unacknowledged"] = ticket.state_since
        if ticket.is_open and ticket.pk in calls:
            since["callback"] = calls[ticket.pk]
        found[ticket.pk] = since
    return found
