"""Very many tickets at once: copies of one that was filed in the ordinary way, made by the database itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, models

from sla.models import Clock, TicketBook
from sla.reactions import TIMER
from supportdesk.accounts.models import Membership, VendorCounter
from tickets.models import Ticket


def copies(
    ticket: Ticket,
    count: int,
    *,
    due_at: datetime,
    every: timedelta = timedelta(0),
    assignees: Sequence[Membership] = (),
) -> None:
    """``count`` more tickets like this one, which has one open clock running around the clock: their clocks come due
    from ``due_at`` on, one each ``every``, with their warnings behind them. The tickets are numbered on and given to
    the ``assignees`` in turn. Needs the vendor's scope."""
    clock = Clock.objects.get(ticket=ticket)
    assert clock.due_at is not None
    values: dict[str, Any] = {
        "ticket": ticket.pk,
        "count": count,
        "shift": due_at - clock.due_at,
        "every": every,
        "assignees": [each.pk for each in assignees] or [None],
        "kind": TIMER,
    }
    numbers = "(SELECT max(number) FROM tickets_ticket WHERE vendor_id = {0}.vendor_id)"
    series = "JOIN generate_series(1, %(count)s) AS copy (i) ON true"
    later = "%(shift)s + (copy.i - 1) * %(every)s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {numbers.format('t')} FROM tickets_ticket AS t WHERE id = %(ticket)s", values)
        values["numbered"] = cursor.fetchone()[0]
        own = {
            "number": "%(numbered)s + copy.i",
            "assignee_id": "(%(assignees)s::bigint[])[1 + copy.i %% cardinality(%(assignees)s::bigint[])]",
            "submission": "NULL",
        }
        cursor.execute(_copied(Ticket, f"{series} WHERE source.id = %(ticket)s", later, own), values)
        VendorCounter.objects.filter(kind="ticket").update(value=values["numbered"] + count)
        # The copies by their numbers, so that each gets what belongs to it.
        mine = (
            f"{series} JOIN tickets_ticket AS ticket ON ticket.vendor_id = source.vendor_id "
            "AND ticket.number = %(numbered)s + copy.i WHERE source.ticket_id = %(ticket)s"
        )
        of_ticket = {"ticket_id": "ticket.id"}
        cursor.execute(_copied(Clock, mine, later, of_ticket | {"warned_at": f"source.warn_at + {later}"}), values)
        stays = f"jsonb_build_array(jsonb_build_array('new', to_char(source.open_since + {later}, %(iso)s), '', true))"
        values["iso"] = 'YYYY-MM-DD"T"HH24:MI:SS.US+00:00'
        cursor.execute(_copied(TicketBook, mine, later, of_ticket | {"stays": stays}), values)
        cursor.execute(
            "INSERT INTO timers_timer (vendor_id, kind, subject_id, epoch, due_at, attempts, last_error) "
            "SELECT vendor_id, %(kind)s, ticket_id, nextval('timers_epoch'), due_at, 0, '' FROM sla_clock "
            "JOIN tickets_ticket AS ticket USING (vendor_id) "
            "WHERE ticket.id = ticket_id AND ticket.number > %(numbered)s AND settled_at IS NULL",
            values,
        )


def _copied(model: type[models.Model], source: str, later: str, own: Mapping[str, str]) -> str:
    """An INSERT of this model's row once for each copy: its own values as said, instants ``later``, the rest alike."""
    columns: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        if field.primary_key or field.column is None:
            continue
        moved = f"source.{field.column} + {later}" if isinstance(field, models.DateTimeField) else ""
        columns[field.column] = own.get(field.column) or moved or f"source.{field.column}"
    table = model._meta.db_table
    names, expressions = ", ".join(columns), ", ".join(columns.values())
    return f"INSERT INTO {table} ({names}) SELECT {expressions} FROM {table} AS source {source}"
