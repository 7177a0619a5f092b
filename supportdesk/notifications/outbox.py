"""The rows of what people are told: notices in inboxes, and deliveries with their timers, many in few statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from supportdesk.tenancy.scope import NoScope, current_vendor_id
from supportdesk.timers import actions as timers

KIND = "delivery"

TEXTS = """unnest(%(keys)s::text[], %(kinds)s::text[], %(titles)s::text[], %(bodies)s::text[], %(paths)s::text[],
    %(numbers)s::bigint[], %(headers)s::text[]::jsonb[], %(instants)s::timestamptz[])
    WITH ORDINALITY AS occasion (key, kind, title, body, path, ticket_number, headers, at, place)"""

NOTIFY = f"""
INSERT INTO notifications_notice (vendor_id, membership_id, key, kind, title, body, path, ticket_number, at)
SELECT %(vendor)s, told.membership, key, kind, title, body, path, ticket_number, at
FROM unnest(%(places)s::int[], %(memberships)s::bigint[]) AS told (place, membership) JOIN {TEXTS} USING (place)
ORDER BY place, membership ON CONFLICT (vendor_id, membership_id, key) DO NOTHING"""  # noqa: S608

QUEUE = f"""
INSERT INTO notifications_delivery (vendor_id, channel, membership_id, address, key, kind, ticket_number, subject, body,
    path, headers, state, attempts, last_error, reference, queued_at)
SELECT %(vendor)s, channel, membership, address, key || '/' || who, kind, ticket_number, title, body,
    path, headers, 'pending', 0, '', '', at
FROM unnest(%(places)s::int[], %(channels)s::text[], %(memberships)s::bigint[], %(addresses)s::text[], %(whos)s::text[])
    AS told (place, channel, membership, address, who) JOIN {TEXTS} USING (place)
ORDER BY place, membership ON CONFLICT (vendor_id, channel, key) DO NOTHING RETURNING id, queued_at"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where one copy goes: ``who`` is constant over repeats and part of the delivery's key."""

    channel: str
    address: str
    who: str
    membership_id: int | None = None


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something to tell people. ``title`` is a line ("Printer on fire — new reply"), ``body`` Markdown, ``path`` the
    page to go to (absolute path on this site). Everybody is told once per ``key`` and channel, whatever is repeated.
    ``thread`` (or else the ticket) holds e-mails together."""

    kind: str
    title: str
    body: str
    path: str
    key: str
    at: datetime
    ticket_number: int | None = None
    thread: str = ""


def put_in_inboxes(told: Sequence[tuple[Occasion, Sequence[int]]]) -> None:
    """A notice of each occasion to each of these memberships, by id, that has none of it yet. One query."""
    rows = [(place, pk) for place, (_, people) in enumerate(told, start=1) for pk in people]
    values = _texts([occasion for occasion, _ in told])
    with connection.cursor() as cursor:
        cursor.execute(
            NOTIFY,
            values | {"places": [place for place, _ in rows], "memberships": [membership for _, membership in rows]},
        )


def put_in_outbox(told: Sequence[tuple[Occasion, Sequence[Recipient]]]) -> None:
    """A delivery of each occasion to each of these recipients that was not queued yet, each with its timer."""
    rows = [(place, recipient) for place, (_, recipients) in enumerate(told, start=1) for recipient in recipients]
    if not rows:
        return
    values = _texts([occasion for occasion, _ in told]) | {
        "places": [place for place, _ in rows],
        "channels": [each.channel for _, each in rows],
        "memberships": [each.membership_id for _, each in rows],
        "addresses": [each.address for _, each in rows],
        "whos": [each.who for _, each in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(QUEUE, values)
        new = dict(cursor.fetchall())
    timers.set_many(KIND, new)


def _texts(occasions: Sequence[Occasion]) -> dict[str, Any]:
    vendor_id = vendor_in_scope()
    return {
        "vendor": vendor_id,
        "keys": [each.key for each in occasions],
        "kinds": [str(each.kind) for each in occasions],
        "titles": [" ".join(each.title.split())[:300] for each in occasions],
        "bodies": [each.body for each in occasions],
        "paths": [each.path for each in occasions],
        "numbers": [each.ticket_number for each in occasions],
        "headers": [json.dumps(thread_headers(vendor_id, each.thread, each.ticket_number)) for each in occasions],
        "instants": [each.at for each in occasions],
    }


def thread_headers(vendor_id: int, thread: str, ticket_number: int | None) -> dict[str, str]:
    """What makes mail programs show a ticket's e-mails as one conversation, also when some of them never arrived."""
    name = thread or (f"ticket-{ticket_number}" if ticket_number is not None else "")
    if not name:
        return {}
    root = f"<{name}.{vendor_id}@{mail_domain()}>"
    return {"In-Reply-To": root, "References": root}


def mail_domain() -> str:
    """The right-hand side of the identifiers we give to messages."""
    return urlsplit(settings.BASE_URL).hostname or "localhost"


def vendor_in_scope() -> int:
    """Raises NoScope when it is not exactly one."""
    vendor_id = current_vendor_id()
    if vendor_id is None:
        raise NoScope("People are told within one vendor's scope.")
    return vendor_id
