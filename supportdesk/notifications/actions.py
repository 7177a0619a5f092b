"""Telling people: rows in their inboxes and in the outbox, in the transaction of what they are told about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from psycopg2.extras import Json

from supportdesk.accounts.models import Membership, User
from supportdesk.notifications.models import Notice
from supportdesk.tenancy.scope import NoScope, current_vendor_id
from supportdesk.timers import actions as timers

KIND = "delivery"
INBOX = "inbox"
EMAIL = "email"

QUEUE = """
INSERT INTO notifications_delivery (vendor_id, channel, membership_id, address, key, kind, ticket_number, subject, body,
    path, headers, state, attempts, last_error, reference, queued_at)
SELECT %(vendor)s, wanted.channel, wanted.membership, wanted.address, wanted.key, %(kind)s, %(ticket_number)s,
    %(title)s, %(body)s, %(path)s, %(headers)s, 'pending', 0, '', '', %(at)s
FROM unnest(%(channels)s::text[], %(memberships)s::bigint[], %(addresses)s::text[], %(keys)s::text[])
    AS wanted (channel, membership, address, key)
ON CONFLICT (vendor_id, channel, key) DO NOTHING RETURNING id"""


_quiet_before: ContextVar[datetime | None] = ContextVar("quiet_before", default=None)


@contextmanager
def muted(*, before: datetime) -> Iterator[None]:
    """Within it nobody is told of what happened before this instant: for histories that are brought in afterwards."""
    token = _quiet_before.set(before)
    try:
        yield
    finally:
        _quiet_before.reset(token)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where one copy goes: ``who`` is constant over repeats and part of the delivery's key."""

    channel: str
    address: str
    who: str
    membership_id: int | None = None


@dataclass(frozen=True, slots=True)
class _Text:
    kind: str
    title: str
    body: str
    path: str
    ticket_number: int | None
    thread: str


def tell(
    people: Iterable[Membership],
    *,
    kind: str,
    title: str,
    body: str,
    path: str,
    key: str,
    at: datetime,
    channels: Sequence[str] = (INBOX, EMAIL),
    ticket_number: int | None = None,
    thread: str = "",
) -> None:
    """Each of these people is told once per ``key`` and channel, however often this is called; in four queries at most.

    ``title`` is a line ("Printer on fire — new reply"), ``body`` Markdown, ``path`` the page to go to
    (absolute path on this site). ``thread`` (or else the ticket) holds e-mails together. Inactive people are left out;
    leaving out whoever caused it is the caller's business. Sending itself waits for the commit.
    """
    if _is_muted(at):
        return
    told = {each.pk: each for each in people if each.is_active}
    text = _Text(kind, " ".join(title.split())[:300], body, path, ticket_number, thread)
    if not told:
        return
    if INBOX in channels:
        Notice.objects.bulk_create(
            [
                Notice(
                    membership_id=pk,
                    key=key,
                    kind=kind,
                    title=text.title,
                    body=body,
                    path=path,
                    ticket_number=ticket_number,
                    at=at,
                )
                for pk in sorted(told)
            ],
            ignore_conflicts=True,
        )
    outside = [channel for channel in channels if channel != INBOX]
    if outside:
        addresses = _addresses(told.values())
        recipients = [
            Recipient(channel, addresses[pk], f"member-{pk}", pk) for pk in sorted(told) for channel in outside
        ]
        _queue(recipients, text, key=key, at=at)


def send(
    recipients: Iterable[Recipient],
    *,
    kind: str,
    title: str,
    body: str,
    path: str,
    key: str,
    at: datetime,
    ticket_number: int | None = None,
    thread: str = "",
) -> None:
    """As ``tell``, to addresses that need not be anybody's here: an invited person, a copy, a channel's end point."""
    text = _Text(kind, " ".join(title.split())[:300], body, path, ticket_number, thread)
    _queue(list(recipients), text, key=key, at=at)


def retry_dead(delivery_id: int, *, at: datetime) -> bool:
    """A dead letter is tried again from the start, now. False when it is not (any longer) a dead letter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET state = 'pending', attempts = 0, last_error = '', queued_at = %s "
            "WHERE vendor_id = %s AND id = %s AND state = 'dead'",
            [at, _vendor_id(), delivery_id],
        )
        found = bool(cursor.rowcount)
    if found:
        timers.set(KIND, delivery_id, at)
    return found


def _is_muted(at: datetime) -> bool:
    quiet_before = _quiet_before.get()
    return quiet_before is not None and at < quiet_before


def _queue(recipients: Sequence[Recipient], text: _Text, *, key: str, at: datetime) -> None:
    if not recipients or _is_muted(at):
        return
    vendor_id = _vendor_id()
    values: dict[str, Any] = {
        "vendor": vendor_id,
        "kind": text.kind,
        "ticket_number": text.ticket_number,
        "title": text.title,
        "body": text.body,
        "path": text.path,
        "headers": Json(thread_headers(vendor_id, text.thread, text.ticket_number)),
        "at": at,
        "channels": [each.channel for each in recipients],
        "memberships": [each.membership_id for each in recipients],
        "addresses": [each.address for each in recipients],
        "keys": [f"{key}/{each.who}" for each in recipients],
    }
    with connection.cursor() as cursor:
        cursor.execute(QUEUE, values)
        new = [row[0] for row in cursor.fetchall()]
    timers.set_many(KIND, dict.fromkeys(new, at))


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


def _addresses(people: Iterable[Membership]) -> dict[int, str]:
    """E-mail addresses by membership, in at most one query."""
    people = list(people)
    if all(Membership.user.is_cached(each) for each in people):
        return {each.pk: each.user.email for each in people}
    emails = dict(User.objects.filter(pk__in=[each.user_id for each in people]).values_list("pk", "email"))
    return {each.pk: emails[each.user_id] for each in people}


def _vendor_id() -> int:
    vendor_id = current_vendor_id()
    if vendor_id is None:
        raise NoScope("People are told within one vendor's scope.")
    return vendor_id
