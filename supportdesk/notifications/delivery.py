"""Delivery: load, leave the transaction, send, write down how it went under the fence.

Once in the database always; to the outside at least once, under an identity that makes a repeat harmless.
"""

from __future__ import annotations

import random
from contextlib import ExitStack
from datetime import datetime, timedelta

import structlog
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership, Role
from supportdesk.notifications import departures, destinations, failpoints, figures
from supportdesk.notifications.actions import INBOX, tell
from supportdesk.notifications.backoff import next_attempt
from supportdesk.notifications.breaker import Hold
from supportdesk.notifications.channels import kept
from supportdesk.notifications.channels.base import Fault, Refused, Result, Sent, TryLater
from supportdesk.notifications.channels.registry import CHANNELS
from supportdesk.notifications.integrations import TEST, shut_off
from supportdesk.notifications.lanes import lanes
from supportdesk.notifications.models import Delivery, DeliveryState
from supportdesk.notifications.outbox import KIND, URGENT
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import actions as timers

log = structlog.get_logger(__name__)

NO_ROOM = "Waits for a free thread."
ROOM_SOON = timedelta(seconds=0.5)
ROOM_LATER = timedelta(seconds=5)


def deliver(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
    """The task-lane handler of ``KIND``; ``subject_id`` is the delivery's."""
    _deliver(KIND, subject_id, vendor_id=vendor_id, fence=fence, at=at)


def deliver_urgent(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
    """The task-lane handler of ``URGENT``."""
    _deliver(URGENT, subject_id, vendor_id=vendor_id, fence=fence, at=at)


def _deliver(timer: str, subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
    with ExitStack() as flight:
        with vendor_scope(vendor_id):
            delivery = (
                Delivery.objects.select_related("vendor", "integration")
                .select_for_update(of=("self",))
                .filter(pk=subject_id)
                .first()
            )
            if delivery is None or delivery.is_settled or delivery.bundle_id is not None:
                timers.finish(timer, subject_id, fence=fence)
                return
            if not _begin(delivery, timer, flight, fence=fence, at=at):
                return
        failpoints.reach("before-send")
        result = _send(delivery)
        failpoints.reach("after-send")
        with vendor_scope(vendor_id):
            _settle(delivery, result, timer, fence=fence, at=at)


def _begin(delivery: Delivery, timer: str, flight: ExitStack, *, fence: int, at: datetime) -> bool:
    """Its turn has come, there is room, and it is marked as being sent; False when it has to wait or is pointless."""
    turn = departures.must_wait(delivery)
    if isinstance(turn, departures.Pointless):
        _end(delivery, DeliveryState.CANCELLED, turn.reason, timer, fence=fence, at=at)
        return False
    wait = (at + departures.LOOK_AGAIN, departures.BEHIND) if turn else _hindrance(delivery, flight, at=at)
    if wait is not None:
        due_at, why = wait
        timers.postpone(timer, delivery.pk, fence=fence, due_at=due_at, why=why)
        return False
    delivery.state = DeliveryState.SENDING
    delivery.attempts += 1
    delivery.save(update_fields=["state", "attempts"])
    if delivery.attempts == 1:
        figures.LATENESS.labels(delivery.channel).observe(max(0.0, (at - delivery.queued_at).total_seconds()))
    delivery.along = departures.take_along(delivery)
    delivery.tried_at = at
    return True


def _hindrance(delivery: Delivery, flight: ExitStack, *, at: datetime) -> tuple[datetime, str] | None:
    """Until when, and why, it has to wait: for a free thread, or for its destination."""
    health = destinations.health_of(delivery.destination)
    room = lanes.flight(
        delivery.vendor_id,
        delivery.destination,
        is_urgent=delivery.is_urgent,
        is_doubtful=bool(health and health.failures),
    )
    if not flight.enter_context(room):
        pause = ROOM_LATER if health and health.failures and not delivery.is_urgent else ROOM_SOON
        return at + random.uniform(1, 2) * pause, NO_ROOM  # noqa: S311 - spreads load, guards nothing
    if health is None or delivery.kind == TEST:
        return None
    admission = destinations.admission(delivery, health, at=at)
    return (admission.until, destinations.HELD) if isinstance(admission, Hold) else None


def _send(delivery: Delivery) -> Result:
    send = CHANNELS.get(delivery.channel)
    if send is None:
        return Refused(f"There is no channel {delivery.channel}.")
    if delivery.integration is not None and not delivery.integration.is_enabled and delivery.kind != TEST:
        return Refused(_("The integration is disabled."))
    try:
        return kept.keep_incident(delivery) if kept.is_kept(delivery) else send(delivery)
    except Exception as error:
        # What is no failure of the network is one of this message (or of ours), and says nothing of its destination.
        fault: Fault = "destination" if isinstance(error, OSError) else "message"
        log.warning("channel_raised", channel=delivery.channel, delivery=delivery.pk, exc_info=error)
        return TryLater(f"{type(error).__name__}: {error}"[:2000], fault=fault)


def _settle(delivery: Delivery, result: Result, timer: str, *, fence: int, at: datetime) -> None:
    """Writes the outcome, unless this run outlived its lease and another has the delivery now."""
    match result:
        case Sent(reference, answer):
            if timers.finish(timer, delivery.pk, fence=fence):
                _save(delivery, DeliveryState.SENT, sent_at=at, reference=reference[:300], error="", answer=answer)
                destinations.answered(delivery.destination, at=at)
                departures.wake_next(delivery, at=at)
        case TryLater():
            _try_later(delivery, result, timer, fence=fence, at=at)
        case Refused(reason, is_gone):
            if _end(delivery, DeliveryState.DEAD, reason, timer, fence=fence, at=at):
                destinations.answered(delivery.destination, at=at)
                if is_gone and delivery.integration is not None:
                    shut_off(delivery.integration, reason, at=at)


def _try_later(delivery: Delivery, result: TryLater, timer: str, *, fence: int, at: datetime) -> None:
    following = next_attempt(
        attempts=delivery.attempts,
        at=at,
        queued_at=delivery.queued_at,
        spread=random.random(),  # noqa: S311 - spreads load, guards nothing
        retry_after=result.retry_after,
        is_urgent=delivery.is_urgent,
    )
    if following is None or delivery.kind == TEST:
        is_ours = _end(delivery, DeliveryState.DEAD, result.reason, timer, fence=fence, at=at)
    else:
        is_ours = timers.retry(timer, delivery.pk, fence=fence, due_at=following, error=result.reason)
        if is_ours:
            _save(delivery, DeliveryState.PENDING, error=result.reason)
    if not is_ours or delivery.kind == TEST:
        return
    if result.fault == "destination":
        destinations.failed(delivery.destination, result.reason, at=at)
    elif result.fault == "throttle":
        destinations.throttled(delivery.destination, result.reason, retry_after=result.retry_after, at=at)


def _end(delivery: Delivery, state: DeliveryState, reason: str, timer: str, *, fence: int, at: datetime) -> bool:
    """It will not arrive. A dead letter is kept with its reason, and the vendor's admins are told in their inboxes."""
    if not timers.finish(timer, delivery.pk, fence=fence):
        return False
    _save(delivery, state, error=reason)
    departures.wake_next(delivery, at=at)
    if state is DeliveryState.DEAD and delivery.kind != TEST:
        log.warning(
            "delivery_dead", vendor=delivery.vendor_id, channel=delivery.channel, delivery=delivery.pk, reason=reason
        )
        _tell_admins(delivery, reason, at=at)
    return True


def _save(
    delivery: Delivery,
    state: DeliveryState,
    *,
    error: str,
    sent_at: datetime | None = None,
    reference: str = "",
    answer: str = "",
) -> None:
    """The outcome of this delivery and of those that travelled along; these wait with it, if it waits."""
    delivery.state, delivery.sent_at, delivery.last_error = state, sent_at, error
    delivery.reference, delivery.answer = reference, (answer or error)[:2000]
    fields = ["state", "sent_at", "last_error", "reference", "answer"]
    delivery.save(update_fields=fields)
    if delivery.along:
        values = {name: getattr(delivery, name) for name in fields}
        Delivery.objects.filter(bundle=delivery).update(**values)


def _tell_admins(delivery: Delivery, reason: str, *, at: datetime) -> None:
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
