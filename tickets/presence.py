"""Who else is at a ticket: looking, or writing a reply. Kept by the pages, which say so while they are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from supportdesk.accounts.models import Membership
from tickets.models import Presence, Ticket
from tickets.models.presence import WRITING

GONE_AFTER = timedelta(seconds=30)
"""Nobody is shown who has said nothing for so long: pages speak every five seconds, hidden ones not at all."""
SAID_AGAIN_AFTER = timedelta(seconds=8)
"""A page that has nothing new to say is written down no oftener than this."""
KEPT_FOR = timedelta(days=60)
"""How long it is remembered where somebody's reading ended."""

LOOK = """
WITH forgotten AS (
    DELETE FROM tickets_presence
    WHERE vendor_id = %(vendor)s AND person_id = %(person)s AND seen_at < %(kept_since)s AND ticket_id <> %(ticket)s
), here AS (
    INSERT INTO tickets_presence AS known (vendor_id, ticket_id, person_id, seen_at, writing, read_to)
    VALUES (%(vendor)s, %(ticket)s, %(person)s, %(at)s, %(writing)s, %(read_to)s)
    ON CONFLICT (vendor_id, ticket_id, person_id) DO UPDATE
    SET seen_at = excluded.seen_at, writing = excluded.writing, read_to = greatest(known.read_to, excluded.read_to)
    WHERE known.seen_at < %(said_before)s OR known.writing <> excluded.writing OR known.read_to < excluded.read_to
)
SELECT presence.person_id, presence.writing, presence.read_to, who.name
FROM tickets_presence presence
JOIN accounts_membership member ON member.vendor_id = presence.vendor_id AND member.id = presence.person_id
JOIN accounts_user who ON who.id = member.user_id
WHERE presence.vendor_id = %(vendor)s AND presence.ticket_id = %(ticket)s
  AND (presence.person_id = %(person)s OR presence.seen_at > %(gone_before)s)
ORDER BY presence.writing = '', who.name, presence.person_id"""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else at the ticket. ``writing``: reply, note, call, or nothing."""

    person_id: int
    name: str
    writing: str


@dataclass(frozen=True, slots=True)
class Company:
    """Who else is there, those who write first, and the last message (its id) that the asker had read before; None on a
    first visit."""

    others: tuple[Colleague, ...]
    read_to: int | None

    @property
    def tag(self) -> str:
        """Changes when somebody comes, goes, begins or stops writing."""
        return ".".join(f"{each.person_id}{each.writing[:1]}" for each in self.others)


def look(ticket: Ticket, *, by: Membership, at: datetime, writing: str = "", read_to: int = 0) -> Company:
    """Says that ``by`` has the ticket before them and answers who else has. One statement."""
    values: dict[str, Any] = {
        "vendor": ticket.vendor_id,
        "ticket": ticket.pk,
        "person": by.pk,
        "at": at,
        "writing": writing if writing in WRITING else "",
        "read_to": read_to,
        "said_before": at - SAID_AGAIN_AFTER,
        "gone_before": at - GONE_AFTER,
        "kept_since": at - KEPT_FOR,
    }
    with connection.cursor() as cursor:
        cursor.execute(LOOK, values)
        rows: Sequence[tuple[int, str, int, str]] = cursor.fetchall()
    others = tuple(Colleague(pk, name, doing) for pk, doing, _read, name in rows if pk != by.pk)
    own = next((read for pk, _doing, read, _name in rows if pk == by.pk), None)
    return Company(others, own)


def read_up_to(message: int, ticket: Ticket, *, by: Membership) -> None:
    """The page of somebody who is there has shown them all up to this message (its id)."""
    Presence.objects.filter(ticket=ticket, person=by, read_to__lt=message).update(read_to=message)


def leave(ticket: Ticket, *, by: Membership, at: datetime) -> None:
    """The page was closed: nobody waits for the expiry. Where reading ended stays known."""
    gone = at - GONE_AFTER
    Presence.objects.filter(ticket=ticket, person=by, seen_at__gt=gone).update(seen_at=gone, writing="")
