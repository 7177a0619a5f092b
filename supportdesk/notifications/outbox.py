"""The rows of what people are told: notices in inboxes, and deliveries with their timers, many in few statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from supportdesk.notifications.groups import is_urgent
from supportdesk.tenancy.scope import NoScope, current_vendor_id
from supportdesk.timers import actions as timers

KIND = "delivery"
URGENT = "delivery.urgent"
"""The timers of deliveries: the urgent ones have a kind, and so a queue and a schedule, of their own."""

TEXTS = """unnest(%(keys)s::text[], %(kinds)s::text[], %(titles)s::text[], %(bodies)s::text[], %(paths)s::text[],
    %(numbers)s::bigint[], %(instants)s::timestamptz[]"""
NAMES = "key, kind, title, body, path, ticket_number, at"
FOR_INBOXES = f"{TEXTS}) WITH ORDINALITY AS occasion ({NAMES}, place)"
FOR_OUTSIDE = f"""{TEXTS}, %(headers)s::text[]::jsonb[], %(payloads)s::text[]::jsonb[], %(urgent)s::bool[])
    WITH ORDINALITY AS occasion ({NAMES}, headers, payload, is_urgent, place)"""

NOTIFY = f"""
INSERT INTO notifications_notice (vendor_id, membership_id, key, kind, title, body, path, ticket_number, at)
SELECT %(vendor)s, told.membership, key, kind, title, body, path, ticket_number, at
FROM unnest(%(places)s::int[], %(memberships)s::bigint[]) AS told (place, membership) JOIN {FOR_INBOXES} USING (place)
ORDER BY place, membership ON CONFLICT (vendor_id, membership_id, key) DO NOTHING"""  # noqa: S608

QUEUE = f"""
INSERT INTO notifications_delivery (vendor_id, channel, membership_id, integration_id, address, key, occasion, kind,
    ticket_number, subject, body, path, headers, payload, is_urgent, is_bundled, destination, order_key, state,
    attempts, last_error, answer, reference, queued_at)
SELECT %(vendor)s, channel, membership, integration, address, key || '/' || who, key, kind, ticket_number, title, body,
    path, headers, payload, is_urgent, is_bundled, destination, order_key, state, 0, reason, '', '', at
FROM unnest(%(places)s::int[], %(channels)s::text[], %(memberships)s::bigint[], %(integrations)s::bigint[],
            %(addresses)s::text[], %(whos)s::text[], %(destinations)s::text[], %(orders)s::text[], %(states)s::text[],
            %(reasons)s::text[], %(bundled)s::bool[])
    AS told (place, channel, membership, integration, address, who, destination, order_key, state, reason, is_bundled)
JOIN {FOR_OUTSIDE} USING (place)
ORDER BY place, membership ON CONFLICT (vendor_id, channel, key) DO NOTHING
RETURNING id, channel, key, is_urgent, state"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where one copy goes: ``who`` is constant over repeats and part of the delivery's key.

    ``not_before``: it waits until then. ``bundled``: it may travel in one e-mail with others. ``order``: copies with
    the same one leave in the order in which they were told. ``unreachable`` and ``cancelled``: why nothing is sent; a
    row says so.
    """

    channel: str
    address: str
    who: str
    membership_id: int | None = None
    integration_id: int | None = None
    destination: str = ""
    order: str = ""
    not_before: datetime | None = None
    bundled: bool = False
    unreachable: str = ""
    cancelled: str = ""


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something to tell people. ``title`` is a line ("Printer on fire — new reply"), ``body`` Markdown, ``path`` the
    page to go to (absolute path on this site). Everybody is told once per ``key`` and channel, whatever is repeated.
    ``thread`` (or else the ticket) holds e-mails together. What is ``urgent`` (pages and escalations always are) is
    held up by nothing; ``payload`` is for the channels of incidents."""

    kind: str
    title: str
    body: str
    path: str
    key: str
    at: datetime
    ticket_number: int | None = None
    thread: str = ""
    urgent: bool = False
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_urgent(self) -> bool:
        return self.urgent or is_urgent(self.kind)


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
    rows = [(place, occasion, recipient) for place, (occasion, all_) in enumerate(told, start=1) for recipient in all_]
    if not rows:
        return
    recipients = [recipient for _, _, recipient in rows]
    occasions, vendor_id = [occasion for occasion, _ in told], vendor_in_scope()
    values = _texts(occasions) | {
        "headers": [json.dumps(thread_headers(vendor_id, each.thread, each.ticket_number)) for each in occasions],
        "payloads": [json.dumps(dict(each.payload)) for each in occasions],
        "urgent": [each.is_urgent for each in occasions],
        "places": [place for place, _, _ in rows],
        "channels": [each.channel for each in recipients],
        "memberships": [each.membership_id for each in recipients],
        "integrations": [each.integration_id for each in recipients],
        "addresses": [each.address for each in recipients],
        "whos": [each.who for each in recipients],
        "destinations": [each.destination or each.channel for each in recipients],
        "orders": [each.order[:300] for each in recipients],
        "states": [_state(each) for each in recipients],
        "bundled": [each.bundled for each in recipients],
        "reasons": [each.unreachable or each.cancelled for each in recipients],
    }
    with connection.cursor() as cursor:
        cursor.execute(QUEUE, values)
        new = cursor.fetchall()
    due = {
        (recipient.channel, f"{occasion.key}/{recipient.who}"): max(occasion.at, recipient.not_before or occasion.at)
        for _, occasion, recipient in rows
    }
    for timer in (URGENT, KIND):
        waiting = {
            pk: due[channel, key]
            for pk, channel, key, urgent, state in new
            if state == "pending" and urgent == (timer == URGENT)
        }
        if waiting:
            timers.set_many(timer, waiting)


def clear_timers(delivery_ids: Iterable[int]) -> None:
    """These deliveries will not be looked at again."""
    ids = list(delivery_ids)
    for timer in (URGENT, KIND):
        timers.clear_many(timer, ids)


def _state(recipient: Recipient) -> str:
    return "skipped" if recipient.unreachable else "cancelled" if recipient.cancelled else "pending"


def _texts(occasions: Sequence[Occasion]) -> dict[str, Any]:
    return {
        "vendor": vendor_in_scope(),
        "keys": [each.key for each in occasions],
        "kinds": [str(each.kind) for each in occasions],
        "titles": [" ".join(each.title.split())[:300] for each in occasions],
        "bodies": [each.body for each in occasions],
        "paths": [each.path for each in occasions],
        "numbers": [each.ticket_number for each in occasions],
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
