"""Lists as CSV for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO

from django.utils import timezone
from django.utils.translation import gettext as _

from tickets import listing
from tickets.models import Ticket
from tickets.models.ticket import TicketQuerySet

MOST_ROWS = 5000
CHUNK = 500
BOM = "\ufeff"
"""By which spreadsheets know that it is UTF-8."""


def safe(value: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what begins like one."""
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else value


def ticket_csv(tickets: TicketQuerySet, labels: dict[str, str]) -> str:
    """What changed last first, at most ``MOST_ROWS`` tickets, read in chunks by keyset. Instants are in the active zone
    (the reader's) with their offset. Built whole: a response must not read rows after its scope has ended."""
    out = StringIO()
    out.write(BOM)
    writer = csv.writer(out)
    writer.writerow(
        [
            _("Number"),
            _("Subject"),
            _("Status"),
            _("Priority"),
            _("Project"),
            _("Requester"),
            _("Received"),
            _("Updated"),
            _("Resolved"),
        ]
    )
    for ticket in _rows(tickets):
        instants = (ticket.received_at, ticket.updated_at, ticket.resolved_at)
        writer.writerow(
            [
                ticket.number,
                safe(ticket.subject),
                safe(labels.get(ticket.state, ticket.state)),
                safe(ticket.priority.code),
                safe(ticket.project.name),
                safe(ticket.requester.name),
                *(timezone.localtime(at).isoformat(sep=" ", timespec="minutes") if at else "" for at in instants),
            ]
        )
    return out.getvalue()


def _rows(tickets: TicketQuerySet) -> Iterator[Ticket]:
    after = ""
    for _chunk in range(MOST_ROWS // CHUNK):
        page = listing.recent_page(tickets, after=after, size=CHUNK)
        yield from page.rows
        after = page.after
        if not after:
            return
