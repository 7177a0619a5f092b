"""The clocks of histories that are told: moved in memory by the engine's own steps, written down when a story ends.

Live, every event of a ticket reads and writes its clocks. A story of sixty days ago has nobody to read them in between;
told so, a demo takes half the queries. What comes to stand in the tables is the same: the fold does not depend on where
it pauses.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sla import ledger
from sla.book import Book
from sla.clocks import most_pressing, step
from sla.facts import FactKind
from sla.ledger import Entry
from sla.reactions import follow_tickets, follow_up, record_alarms
from sla.runs import Alarm
from sla.timeline import facts_of
from tickets.models import Event, Ticket


class PastClocks:
    """Follows what happened before ``since`` in memory; from then on the usual reaction does."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self.entries: dict[int, Entry] = {}

    def follow(self, events: Sequence[Event]) -> None:
        """As ``sla.reactions.follow_tickets``, with the tickets' next due instants on the events' tickets alone."""
        tickets = {event.ticket_id: event.ticket for event in events}
        if any(event.at >= self.since for event in events):
            for ticket in tickets.values():
                self.write_down(ticket)
            follow_tickets(events)
            return
        alarms: list[tuple[int, Alarm]] = []
        for event, fact in facts_of(events):
            entry = self._entry(event.ticket_id, is_new=fact.kind is FactKind.OPENED)
            entry.book, new = step(entry.book, fact)
            alarms += [(event.ticket_id, alarm) for alarm in new]
        for pk, ticket in tickets.items():
            if pk in self.entries:
                pressing = most_pressing(self.entries[pk].book.runs)
                ticket.next_due_at = pressing.due_at if pressing else None
        if alarms:  # what stands on the timeline names the clock's row
            ledger.save(self.entries[pk] for pk in {pk for pk, _alarm in alarms})
            record_alarms(tickets, self.entries, alarms)

    def write_down(self, ticket: Ticket) -> None:
        """The clocks of this ticket as they stand now, and its timer."""
        entry = self.entries.pop(ticket.pk, None)
        if entry is None:
            return
        ledger.save([entry])
        row = Ticket.objects.only("next_due_at", "next_warn_at", "vendor_id").get(pk=ticket.pk)
        follow_up([row], {row.pk: entry})
        ticket.next_due_at = row.next_due_at

    def _entry(self, ticket_id: int, *, is_new: bool) -> Entry:
        if ticket_id not in self.entries:
            self.entries[ticket_id] = Entry(ticket_id, Book()) if is_new else ledger.load([ticket_id])[ticket_id]
        return self.entries[ticket_id]


_past: list[PastClocks] = []


@contextmanager
def past_clocks(since: datetime) -> Iterator[PastClocks]:
    """For the whole process."""
    clocks = PastClocks(since)
    _past.append(clocks)
    try:
        yield clocks
    finally:
        _past.remove(clocks)


def write_down(ticket: Ticket) -> None:
    """What is in memory of this ticket's clocks goes into their tables."""
    for clocks in _past:
        clocks.write_down(ticket)
