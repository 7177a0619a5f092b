"""How sendings went: written under the fences, many in few statements; what is to happen next follows from it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import structlog
from django.db import connection
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership, Role
from supportdesk.notifications import departures, destinations, receipts
from supportdesk.notifications.actions import INBOX, tell
from supportdesk.notifications.backoff import next_attempt
from supportdesk.notifications.batch import Batch
from supportdesk.notifications.channels.base import Refused, Result, Sent, TryLater
from supportdesk.notifications.integrations import TEST, shut_off
from supportdesk.notifications.models import Delivery, DeliveryState
from supportdesk.timers import actions as timers

log = structlog.get_logger(__name__)


class Outcome(NamedTuple):
    delivery: Delivery
    result: Result
    at: datetime


SENT = """
UPDATE notifications_delivery SET state = 'sent', sent_at = went.at, reference = went.reference, answer = went.answer,
    last_error = ''
FROM unnest(%(ids)s::bigint[], %(instants)s::timestamptz[], %(references)s::text[], %(answers)s::text[])
    AS went (id, at, reference, answer)
WHERE vendor_id = %(vendor)s AND {which}"""
SENT_ITSELF = SENT.format(which="notifications_delivery.id = ANY(%(ids)s) AND notifications_delivery.id = went.id")
SENT_ALONG = SENT.format(which="bundle_id IS NOT NULL AND bundle_id = ANY(%(ids)s) AND bundle_id = went.id")


def write(batch: Batch, outcomes: Sequence[Outcome]) -> None:
    """Unless a run outlived its lease and another has the delivery now. They are locked by the caller."""
    _write_sent(batch, [each for each in outcomes if isinstance(each.result, Sent)])
    for delivery, result, at in outcomes:
        match result:
            case Refused(reason, is_gone):
                if end(batch, [delivery], DeliveryState.DEAD, reason, at=at):
                    destinations.answered(delivery.destination, at=at)
                    if is_gone and delivery.integration is not None:
                        shut_off(delivery.integration, reason, at=at)
            case TryLater():
                _try_later(batch, delivery, result, at=at)


def end(batch: Batch, deliveries: Sequence[Delivery], state: DeliveryState, reason: str, *, at: datetime) -> bool:
    """They will not arrive. A dead letter is kept with its reason, and the vendor's admins are told by a notice."""
    ours = batch.finish(deliveries)
    for delivery in ours:
        _save(delivery, state, error=reason)
        if state is DeliveryState.DEAD and delivery.kind != TEST:
            _mourn(delivery, reason, at=at)
    if ours and state is DeliveryState.DEAD:
        receipts.tell_of_loss(ours, at=at)
    departures.wake_next(ours, at=at)
    return bool(ours)


def _write_sent(batch: Batch, outcomes: Sequence[Outcome]) -> None:
    ours = batch.finish([each.delivery for each in outcomes])
    if not ours:
        return
    results = {each.delivery.pk: (each.result, each.at) for each in outcomes}
    rows = [(each.pk, *results[each.pk]) for each in ours]
    sent = [(pk, result, at) for pk, result, at in rows if isinstance(result, Sent)]
    values: dict[str, Any] = {
        "vendor": batch.vendor_id,
        "ids": [pk for pk, _result, _at in sent],
        "instants": [at for _pk, _result, at in sent],
        "references": [result.reference[:300] for _pk, result, _at in sent],
        "answers": [result.answer[:2000] for _pk, result, _at in sent],
    }
    with connection.cursor() as cursor:
        cursor.execute(SENT_ITSELF, values)
        if any(each.along for each in ours):
            cursor.execute(SENT_ALONG, values)
    at = max(at for _pk, _result, at in sent)
    for name in {each.destination for each in ours}:
        destinations.answered(name, at=at)
    departures.wake_next(ours, at=at)


def _try_later(batch: Batch, delivery: Delivery, result: TryLater, *, at: datetime) -> None:
    following = next_attempt(
        attempts=delivery.attempts,
        at=at,
        queued_at=delivery.queued_at,
        spread=random.random(),  # noqa: S311 - spreads load, guards nothing
        retry_after=result.retry_after,
        is_urgent=delivery.is_urgent,
    )
    if following is None or delivery.kind == TEST:
        is_ours = end(batch, [delivery], DeliveryState.DEAD, result.reason, at=at)
    else:
        fence = batch.fences[delivery.pk]
        is_ours = timers.retry(batch.timer, delivery.pk, fence=fence, due_at=following, error=result.reason)
        if is_ours:
            _save(delivery, DeliveryState.PENDING, error=result.reason)
    if not is_ours or delivery.kind == TEST:
        return
    if result.fault == "destination":
        destinations.failed(delivery.destination, result.reason, at=at)
    elif result.fault == "throttle":
        destinations.throttled(delivery.destination, result.reason, retry_after=result.retry_after, at=at)


def _save(delivery: Delivery, state: DeliveryState, *, error: str) -> None:
    """The outcome of this delivery and of those that travelled along; these wait with it, if it waits."""
    delivery.state, delivery.sent_at, delivery.last_error = state, None, error
    delivery.reference, delivery.answer = "", error[:2000]
    fields = ["state", "sent_at", "last_error", "reference", "answer"]
    delivery.save(update_fields=fields)
    if delivery.along:
        values = {name: getattr(delivery, name) for name in fields}
        Delivery.objects.filter(bundle=delivery).update(**values)


def _mourn(delivery: Delivery, reason: str, *, at: datetime) -> None:
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
        path=f"/{delivery.vendor.slug}/desk/deliveries/",
        key=f"delivery-{delivery.pk}-dead-{delivery.attempts}",
        at=at,
        channels=(INBOX,),
        ticket_number=delivery.ticket_number,
    )
