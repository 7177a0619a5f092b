"""What merging two tickets would do to their clocks, before anybody does it: the steps that merging takes."""

from __future__ import annotations

from datetime import datetime

from sla import ledger
from sla.clocks import advance, step
from sla.facts import Fact, FactKind
from sla.moves import Move, moved_runs
from tickets import merging
from tickets.models import Ticket


def consequences(ticket: Ticket, into: Ticket, *, at: datetime) -> tuple[list[Move], list[Move]]:
    """The open clocks of ``ticket`` that would end, and those of ``into`` that would move or begin. Writes nothing."""
    entries = ledger.load([ticket.pk, into.pk])
    owed = merging.owed_by(ticket)
    took_in = Fact(at, FactKind.TOOK_IN, since=owed.since, asked_at=owed.asked_at, unanswered_at=owed.unanswered_at)
    closing, _ = advance(entries[ticket.pk].book, at)
    going_on, _ = advance(entries[into.pk].book, at)
    closed, _ = step(closing, Fact(at, FactKind.MERGED))
    joined, _ = step(going_on, took_in)
    return moved_runs(closing, closed, at), moved_runs(going_on, joined, at)
