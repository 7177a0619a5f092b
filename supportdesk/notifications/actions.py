"""Telling people: rows in their inboxes and in the outbox, in the transaction of what they are told about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection

from supportdesk.accounts.models import Membership, User
from supportdesk.notifications.outbox import KIND, Occasion, Recipient, put_in_inboxes, put_in_outbox, vendor_in_scope
from supportdesk.timers import actions as timers

__all__ = [
    "EMAIL",
    "INBOX",
    "KIND",
    "Occasion",
    "Recipient",
    "is_muted",
    "muted",
    "retry_dead",
    "send",
    "tell",
    "tell_many",
]

INBOX = "inbox"
EMAIL = "email"

_quiet_before: ContextVar[datetime | None] = ContextVar("quiet_before", default=None)


@contextmanager
def muted(*, before: datetime) -> Iterator[None]:
    """Within it nobody is told of what happened before this instant: for histories that are brought in afterwards."""
    token = _quiet_before.set(before)
    try:
        yield
    finally:
        _quiet_before.reset(token)


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
    """Tells these people of one ``Occasion``; see ``tell_many``."""
    tell_many([(Occasion(kind, title, body, path, key, at, ticket_number, thread), people)], channels=channels)


def tell_many(
    occasions: Iterable[tuple[Occasion, Iterable[Membership]]], *, channels: Sequence[str] = (INBOX, EMAIL)
) -> None:
    """Each of these people is told of their occasion, in four queries at most whatever their number.

    Inactive people are left out; leaving out whoever caused it is the caller's business. Sending waits for the commit.
    """
    told = [
        (occasion, {each.pk: each for each in people if each.is_active})
        for occasion, people in occasions
        if not is_muted(occasion.at)
    ]
    told = [(occasion, people) for occasion, people in told if people]
    if not told:
        return
    if INBOX in channels:
        put_in_inboxes([(occasion, sorted(people)) for occasion, people in told])
    outside = [channel for channel in channels if channel != INBOX]
    if outside:
        addresses = _addresses({pk: each for _, people in told for pk, each in people.items()}.values())
        put_in_outbox(
            [
                (
                    occasion,
                    [Recipient(channel, addresses[pk], f"member-{pk}", pk) for pk in people for channel in outside],
                )
                for occasion, people in told
            ]
        )


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
    if not is_muted(at):
        put_in_outbox([(Occasion(kind, title, body, path, key, at, ticket_number, thread), list(recipients))])


def retry_dead(delivery_id: int, *, at: datetime) -> bool:
    """A dead letter is tried again from the start, now. False when it is not (any longer) a dead letter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET state = 'pending', attempts = 0, last_error = '', queued_at = %s "
            "WHERE vendor_id = %s AND id = %s AND state = 'dead'",
            [at, vendor_in_scope(), delivery_id],
        )
        found = bool(cursor.rowcount)
    if found:
        timers.set(KIND, delivery_id, at)
    return found


def is_muted(at: datetime) -> bool:
    """Whether nobody is to be told of what happened at this instant; see ``muted``."""
    quiet_before = _quiet_before.get()
    return quiet_before is not None and at < quiet_before


def _addresses(people: Iterable[Membership]) -> dict[int, str]:
    """E-mail addresses by membership, in at most one query."""
    people = list(people)
    if all(Membership.user.is_cached(each) for each in people):
        return {each.pk: each.user.email for each in people}
    emails = dict(User.objects.filter(pk__in=[each.user_id for each in people]).values_list("pk", "email"))
    return {each.pk: emails[each.user_id] for each in people}
