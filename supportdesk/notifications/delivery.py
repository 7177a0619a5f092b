"""Delivery: load, leave the transaction, send, write down how it went under the fence.

Once in the database always; to the outside at least once, under an identity that makes a repeat harmless.
"""

from __future__ import annotations

import random
from datetime import datetime

import structlog
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership, Role
from supportdesk.notifications.actions import INBOX, KIND, tell
from supportdesk.notifications.backoff import next_attempt
from supportdesk.notifications.channels.base import Refused, Result, Sent, TryLater
from supportdesk.notifications.channels.registry import CHANNELS
from supportdesk.notifications.models import Delivery, DeliveryState
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import actions as timers

log = structlog.get_logger(__name__)


def deliver(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
    """The task-lane handler of ``KIND``; ``subject_id`` is the delivery's."""
    with vendor_scope(vendor_id):
        delivery = Delivery.objects.select_related("vendor").filter(pk=subject_id).first()
        if delivery is None or delivery.is_settled:
            timers.finish(KIND, subject_id, fence=fence)
            return
        delivery.state = DeliveryState.SENDING
        delivery.attempts += 1
        delivery.save(update_fields=["state", "attempts"])
    result = _send(delivery)
    with vendor_scope(vendor_id):
        _settle(delivery, result, fence=fence, at=at)


def _send(delivery: Delivery) -> Result:
    send = CHANNELS.get(delivery.channel)
    if send is None:
        return Refused(f"There is no channel {delivery.channel}.")
    try:
        return send(delivery)
    except Exception as error:  # noqa: BLE001 - the outside may fail in any way; all of them are tried again
        return TryLater(f"{type(error).__name__}: {error}"[:2000])


def _settle(delivery: Delivery, result: Result, *, fence: int, at: datetime) -> None:
    """Writes the outcome, unless this run outlived its lease and another has the delivery now."""
    match result:
        case Sent(reference):
            if timers.finish(KIND, delivery.pk, fence=fence):
                delivery.state, delivery.sent_at = DeliveryState.SENT, at
                delivery.reference, delivery.last_error = reference[:300], ""
                delivery.save(update_fields=["state", "sent_at", "reference", "last_error"])
        case TryLater(reason, retry_after):
            following = next_attempt(
                attempts=delivery.attempts,
                at=at,
                queued_at=delivery.queued_at,
                spread=random.random(),  # noqa: S311 - spreads load, guards nothing
                retry_after=retry_after,
            )
            if following is None:
                _give_up(delivery, reason, fence=fence, at=at)
            elif timers.retry(KIND, delivery.pk, fence=fence, due_at=following, error=reason):
                delivery.state, delivery.last_error = DeliveryState.PENDING, reason
                delivery.save(update_fields=["state", "last_error"])
        case Refused(reason):
            _give_up(delivery, reason, fence=fence, at=at)


def _give_up(delivery: Delivery, reason: str, *, fence: int, at: datetime) -> None:
    """A dead letter: kept with its reason, and the vendor's admins are told in their inboxes."""
    if not timers.finish(KIND, delivery.pk, fence=fence):
        return
    delivery.state, delivery.last_error = DeliveryState.DEAD, reason
    delivery.save(update_fields=["state", "last_error"])
    log.warning(
        "delivery_dead", vendor=delivery.vendor_id, channel=delivery.channel, delivery=delivery.pk, reason=reason
    )
    tell(
        Membership.objects.filter(role=Role.ADMIN, is_active=True),
        kind="delivery.dead",
        title=_("A message to {address} could not be delivered").format(address=delivery.address),
        body=_("“{subject}” by {channel}. The last answer was: {reason}").format(
            subject=delivery.subject, channel=delivery.channel, reason=reason
        ),
        path=delivery.path or f"/{delivery.vendor.slug}/inbox/",
        key=f"delivery-{delivery.pk}-dead-{delivery.attempts}",
        at=at,
        channels=(INBOX,),
        ticket_number=delivery.ticket_number,
    )
