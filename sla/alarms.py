"""The moment a clock warns or breaches: the timer handler, for a batch of tickets of one vendor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import F

from sla import ledger
from sla.clocks import advance, next_alarm_at
from sla.models import Clock
from sla.reactions import TIMER, record_alarms
from sla.runs import Alarm, AlarmKind
from supportdesk.timers import actions as timers
from supportdesk.timers.registry import DueTimer
from tickets.models import Ticket

BUSY_RETRY = timedelta(milliseconds=50)
"""An action on a ticket takes about this long."""


def fire(due: Sequence[DueTimer], *, at: datetime) -> None:
    """Marks what came due on the clocks of these tickets, records it at its true instant and sets the next timers.

    A ticket that somebody is just working on is left for the next round: waiting for it here, with its timer in hand,
    while that transaction waits for the timer, would be a deadlock. Firing twice changes nothing. The same number of
    queries for any number of tickets.
    """
    timer_due = {timer.subject_id: timer.due_at for timer in due}
    tickets = {
        ticket.pk: ticket
        for ticket in Ticket.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk__in=timer_due)
        .prefetch_related("assignee__user")
        .order_by("pk")
    }
    entries = ledger.load_runs(tickets)
    alarms: list[tuple[int, Alarm]] = []
    for ticket_id in sorted(tickets, key=lambda ticket_id: (timer_due[ticket_id], ticket_id)):
        entry = entries[ticket_id]
        entry.book, new = advance(entry.book, at)
        alarms += [(ticket_id, alarm) for alarm in new]
    warned = [_clock_id(entries, each) for each in alarms if each[1].kind is AlarmKind.WARNING]
    breached = [_clock_id(entries, each) for each in alarms if each[1].kind is AlarmKind.BREACH]
    if warned:
        Clock.objects.filter(pk__in=warned).update(warned_at=F("warn_at"))
    if breached:
        Clock.objects.filter(pk__in=breached).update(breached_at=F("due_at"))
    again: dict[int, datetime | None] = {
        ticket_id: next_alarm_at(entry.book.runs) for ticket_id, entry in entries.items()
    }
    gone_or_busy = timer_due.keys() - tickets.keys()
    busy = Ticket.objects.filter(pk__in=gone_or_busy).values_list("pk", flat=True) if gone_or_busy else []
    again |= dict.fromkeys(busy, at + BUSY_RETRY)
    timers.set_many(TIMER, again)
    record_alarms(tickets, entries, alarms)


def _clock_id(entries: dict[int, ledger.Entry], alarm: tuple[int, Alarm]) -> int:
    ticket_id, noticed = alarm
    return entries[ticket_id].clock(noticed.run).pk
