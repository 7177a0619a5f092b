"""Asking again while the customer is waited for: the contract's follow-ups, as timers.

"The ticket may also enter this status if no feedback on the advised solution or answer is received for a long time
after several follow-ups" (OroCloud, Resolved). A vendor whose contract has no such section reminds nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from plans import queries as plan_queries
from plans.contract.desk import FollowUpSection
from plans.models import CalendarVersion
from plans.states import State
from sla.calendars import BusinessCalendar
from sla.targets import Amount, BusinessDays, Span
from supportdesk.timers import actions as timers
from supportdesk.timers.registry import DueTimer
from tickets.actions.reminders import remind, resolve_unanswered
from tickets.models import Event, Ticket
from tickets.models.event import Kind

TIMER = "ticket.reminder"
BUSY_RETRY = timedelta(milliseconds=50)
HELD_UP = timedelta(hours=1)
"""A reminder that goes out later than this after it was due (nothing ran) is dated when it went out, and what it
announces is counted from there: nobody's ticket is resolved for an outage of ours."""

LEAVING = (Kind.STATUS_CHANGED, Kind.RESOLVED, Kind.MERGED)
ASKING = (Kind.REPLIED, Kind.CALL_LOGGED, Kind.STATUS_CHANGED, Kind.REOPENED, Kind.RESOLVED)


def after(calendar: BusinessCalendar, amount: Amount, start: datetime, times: int = 1) -> datetime | None:
    """``start`` and so many times the amount of open time; None when the calendar never opens long enough. Pure."""
    at: datetime | None = start
    for _each in range(times):
        match amount:
            case Span(seconds) if at is not None:
                at = calendar.add(at, seconds)
            case BusinessDays(days, _, rule) if at is not None:
                at = calendar.add_days(at, days, rule)
            case _:
                return None
    return at


def follow_tickets(events: Sequence[Event]) -> None:
    """Counts anew from whatever puts the ball in the customer's court, and stops when it leaves it."""
    asked: dict[int, datetime | None] = {}
    for event in events:
        if _asks(event):
            asked[event.ticket_id] = event.at
        elif event.kind in LEAVING and (event.data.get("from") == State.WAITING or event.data.get("into")):
            asked[event.ticket_id] = None
    section = _section() if any(asked.values()) else None
    calendar = calendar_of(section) if section else None
    timers.set_many(
        TIMER,
        {
            ticket_id: after(calendar, section.every, start) if start and section and calendar else None
            for ticket_id, start in asked.items()
        },
    )


def fire(due: Sequence[DueTimer], *, at: datetime) -> None:
    """Sends the reminders that are due, and resolves what stayed unanswered after the last one.

    A ticket that somebody is just working on is left for the next round; one that no longer waits is left alone.
    """
    timer_due = {timer.subject_id: timer.due_at for timer in due}
    tickets = {
        ticket.pk: ticket
        for ticket in Ticket.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk__in=timer_due)
        .select_related("requester__user", "assignee__user", "organization", "priority")
        .order_by("pk")
    }
    again: dict[int, datetime | None] = {}
    section = _section()
    calendar = calendar_of(section) if section else None
    sent = _sent(tickets) if section else {}
    for ticket_id, ticket in tickets.items():
        if section is None or calendar is None or ticket.state != State.WAITING:
            continue
        when = timer_due[ticket_id] if at - timer_due[ticket_id] < HELD_UP else at
        again[ticket_id] = _take_step(ticket, section, calendar, sent.get(ticket_id, 0) + 1, when)
    gone_or_busy = timer_due.keys() - tickets.keys()
    busy = Ticket.objects.filter(pk__in=gone_or_busy).values_list("pk", flat=True) if gone_or_busy else []
    timers.set_many(TIMER, again | dict.fromkeys(busy, at + BUSY_RETRY))


def _asks(event: Event) -> bool:
    if event.kind == Kind.STATUS_CHANGED:
        return bool(event.data.get("to") == State.WAITING)
    return event.kind in (Kind.REPLIED, Kind.CALL_LOGGED) and event.ticket.state == State.WAITING


def calendar_of(section: FollowUpSection) -> BusinessCalendar | None:
    """The hours in force of the calendar that the section counts on."""
    version = CalendarVersion.objects.filter(calendar__slug=section.calendar).order_by("-number").first()
    return version.business_calendar if version else None


def _take_step(
    ticket: Ticket, section: FollowUpSection, calendar: BusinessCalendar, number: int, when: datetime
) -> datetime | None:
    """The reminder of this number, or what comes after the last one; answers when to look again."""
    if number > section.times:
        if section.then_resolve:
            resolve_unanswered(ticket, reminders=section.times, at=when)
        return None
    following = after(calendar, section.every, when)
    ends_at = after(calendar, section.every, when, section.times - number + 1) if section.then_resolve else None
    remind(ticket, number=number, of=section.times, resolves_at=ends_at, at=when)
    is_last = number == section.times and not section.then_resolve
    return None if is_last else following


def _sent(tickets: Iterable[int]) -> dict[int, int]:
    """By ticket how many reminders went out since the customer was last asked. One query."""
    kinds = (*ASKING, Kind.AUTO_REPLIED)
    sent: dict[int, int] = {}
    for event in Event.objects.filter(ticket__in=list(tickets), kind__in=kinds).order_by("id"):
        if event.kind == Kind.AUTO_REPLIED:
            sent[event.ticket_id] = event.data.get("reminder") or sent.get(event.ticket_id, 0)
        else:
            sent[event.ticket_id] = 0
    return sent


def _section() -> FollowUpSection | None:
    contract = plan_queries.current_contract()
    return contract.follow_ups if contract else None
