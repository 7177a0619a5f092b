"""What the clocks do about a ticket's timeline, and who hears of it when one comes due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sla import ledger, notices
from sla.book import Book
from sla.clocks import most_pressing, next_alarm_at, step
from sla.facts import FactKind
from sla.ledger import Entry
from sla.runs import Alarm
from sla.timeline import alarm_event, facts_of
from supportdesk.timers import actions as timers
from tickets import events as timeline
from tickets.models import Event, Ticket
from tickets.models.event import Kind

TIMER = "sla.alarm"


def follow_tickets(events: Sequence[Event]) -> None:
    """Moves the clocks of the tickets that these events happened to; the tickets are locked by whoever recorded them.

    What had come due by then and nobody had noticed goes on the timeline first, dated at its own instant.
    """
    told = facts_of(events)
    if not told:
        return
    tickets = {event.ticket_id: event.ticket for event, _ in told}
    fresh = {event.ticket_id for event, fact in told if fact.kind is FactKind.OPENED}
    entries = ledger.load(tickets.keys() - fresh) | {each: Entry(each, Book()) for each in fresh}
    alarms: list[tuple[int, Alarm]] = []
    for event, fact in told:
        entry = entries[event.ticket_id]
        entry.book, new = step(entry.book, fact)
        alarms += [(event.ticket_id, alarm) for alarm in new]
    ledger.save(entries.values())
    follow_up(tickets.values(), entries)
    record_alarms(tickets, entries, alarms)


def tell_of_alarms(events: Sequence[Event]) -> None:
    """Warnings and breaches reach the assignee and the leads, in the transaction that put them on the timeline."""
    notices.tell([event for event in events if event.kind in (Kind.SLA_WARNING, Kind.SLA_BREACHED)])


def follow_up(tickets: Iterable[Ticket], entries: dict[int, Entry]) -> None:
    """Sets for each ticket when it is due next, which orders the queue, and when to look at its clocks again."""
    tickets = list(tickets)
    moved = []
    for ticket in tickets:
        pressing = most_pressing(entries[ticket.pk].book.runs)
        due_at, warn_at = (pressing.due_at, pressing.warn_at) if pressing else (None, None)
        if (ticket.next_due_at, ticket.next_warn_at) != (due_at, warn_at):
            ticket.next_due_at, ticket.next_warn_at = due_at, warn_at
            moved.append(ticket)
    if len(moved) == 1:  # a person's action: one plain update costs a fifth of a bulk one
        moved[0].save(update_fields=["next_due_at", "next_warn_at"])
    else:
        Ticket.objects.bulk_update(moved, ["next_due_at", "next_warn_at"], batch_size=500)
    timers.set_many(TIMER, {ticket.pk: next_alarm_at(entries[ticket.pk].book.runs) for ticket in tickets})


def record_alarms(tickets: dict[int, Ticket], entries: dict[int, Entry], alarms: Sequence[tuple[int, Alarm]]) -> None:
    """Puts the alarms of saved clocks on the timelines, in due order."""
    in_order = sorted(alarms, key=lambda each: each[1].at)
    timeline.record_many(
        [alarm_event(tickets[ticket_id], alarm, entries[ticket_id].clock(alarm.run)) for ticket_id, alarm in in_order]
    )
