"""Telling people: rows in their inboxes and in the outbox, in the transaction of what they are told about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.db import connection

from supportdesk.accounts.models import Membership
from supportdesk.notifications.outbox import (
    KIND,
    URGENT,
    Occasion,
    Recipient,
    put_in_inboxes,
    put_in_outbox,
    vendor_in_scope,
)
from supportdesk.notifications.reach import (
    EMAIL,
    INBOX,
    PHONE,
    SMS,
    VOICE,
    Carrier,
    carrier,
    quiet_until,
    reach_of,
    recipients,
)
from supportdesk.timers import actions as timers

__all__ = [
    "EMAIL",
    "INBOX",
    "KIND",
    "SMS",
    "URGENT",
    "VOICE",
    "Occasion",
    "Recipient",
    "is_muted",
    "muted",
    "quiet_until",
    "retry_dead",
    "send",
    "tell",
    "tell_many",
]

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
    urgent: bool = False,
) -> None:
    """Tells these people of one ``Occasion``; see ``tell_many``."""
    tell_many([(Occasion(kind, title, body, path, key, at, ticket_number, thread, urgent), people)], channels=channels)


def tell_many(
    occasions: Iterable[tuple[Occasion, Iterable[Membership]]], *, channels: Sequence[str] = (INBOX, EMAIL)
) -> None:
    """Each of these people is told of their occasion, in so many queries whatever their number.

    What they chose (``groups``) takes e-mails away and adds texts; quiet hours hold both back. A text or a call that is
    asked for by name and cannot be made leaves a delivery that is ``skipped`` and says why. Inactive people are left
    out; leaving out whoever caused it is the caller's business. Sending waits for the commit.
    """
    told = [
        (occasion, sorted({each.pk for each in people if each.is_active}))
        for occasion, people in occasions
        if not is_muted(occasion.at)
    ]
    told = [(occasion, people) for occasion, people in told if people]
    if not told:
        return
    if INBOX in channels:
        put_in_inboxes(told)
    if any(channel != INBOX for channel in channels):
        reach = reach_of({pk for _, people in told for pk in people}, phones=any(each in PHONE for each in channels))
        needs_carrier = any(each in PHONE for each in channels) or any(each.sms_on for each in reach.values())
        by_phone = carrier() if needs_carrier else Carrier()
        put_in_outbox(
            [(occasion, list(recipients(occasion, people, reach, channels, by_phone))) for occasion, people in told]
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
    urgent: bool = False,
) -> None:
    """As ``tell``, to addresses that need not be anybody's here: an invited person, a copy, a channel's end point."""
    if not is_muted(at):
        put_in_outbox([(Occasion(kind, title, body, path, key, at, ticket_number, thread, urgent), list(recipients))])


def retry_dead(delivery_id: int, *, at: datetime) -> bool:
    """A dead letter is tried again from the start, now. False when it is not (any longer) a dead letter."""
    return retry_all_dead([delivery_id], at=at) == 1


def retry_all_dead(delivery_ids: Iterable[int], *, at: datetime) -> int:
    """``retry_dead`` for many; how many of them were dead letters. Those that were to travel along with one of them do
    so again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE notifications_delivery SET state = 'pending', attempts = 0, last_error = '', queued_at = %s, "
            "lost_at = NULL, lost_because = '' "
            "WHERE vendor_id = %s AND id = ANY(%s) AND state = 'dead' AND bundle_id IS NULL RETURNING id, is_urgent",
            [at, vendor_in_scope(), sorted(delivery_ids)],
        )
        found = cursor.fetchall()
        cursor.execute(
            "UPDATE notifications_delivery SET state = 'pending', last_error = '' "
            "WHERE vendor_id = %s AND bundle_id = ANY(%s) AND state = 'dead'",
            [vendor_in_scope(), [pk for pk, _ in found]],
        )
    for timer in (URGENT, KIND):
        timers.set_many(timer, {pk: at for pk, urgent in found if urgent == (timer == URGENT)})
    return len(found)


def is_muted(at: datetime) -> bool:
    """Whether nobody is to be told of what happened at this instant; see ``muted``."""
    quiet_before = _quiet_before.get()
    return quiet_before is not None and at < quiet_before
