"""The rows of the circuit breaker: what it decides by, and what it learns."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from django.db.models import Q

from supportdesk.notifications import breaker
from supportdesk.notifications.breaker import Go, Health, Hold
from supportdesk.notifications.models import Delivery, DeliveryState, Destination
from supportdesk.notifications.outbox import KIND, URGENT
from supportdesk.timers import actions as timers
from supportdesk.timers.models import Timer

log = structlog.get_logger(__name__)

HELD = "Held back while its destination does not answer."
SPREAD = timedelta(milliseconds=20)
"""What was held back leaves one after the other, so that who has just come back is not run over."""


def health_of(name: str) -> Health | None:
    """What is known of it; None when nothing was ever wrong."""
    row = Destination.objects.filter(name=name).first()
    return _health(row) if row is not None else None


def admission(delivery: Delivery, health: Health, *, at: datetime) -> Go | Hold:
    """Whether this delivery may leave now; a probe is taken by one alone. In the caller's transaction."""
    decision = breaker.admission(health, is_urgent=delivery.is_urgent, at=at)
    if decision == Go(is_probe=True):
        is_free = Q(probe_until=None) | Q(probe_until__lte=at)
        row = Destination.objects.filter(is_free, name=delivery.destination, opened_at__isnull=False)
        return decision if row.update(probe_until=at + breaker.PROBE) else Hold(at + breaker.URGENT_PAUSE)
    return decision


def answered(name: str, *, at: datetime) -> None:
    """It is alive: whatever was wrong is over, and what was held back leaves."""
    row = Destination.objects.select_for_update().filter(name=name).exclude(failures=0, opened_at=None).first()
    if row is None:
        return
    was_open = row.is_open
    _save(row, Health(throttled_until=row.throttled_until), error="")
    if was_open:
        log.info("destination_back", vendor=row.vendor_id, destination=name)
        _release(name, at=at)


def failed(name: str, reason: str, *, at: datetime) -> None:
    """It did not answer, or as a broken server does."""
    row = _locked(name)
    was_open = row.is_open
    health = breaker.after_failure(_health(row), at=at)
    _save(row, health, error=reason)
    if health.opened_at is not None and not was_open:
        log.warning("destination_down", vendor=row.vendor_id, destination=name, reason=reason)


def throttled(name: str, reason: str, *, retry_after: timedelta | None, at: datetime) -> None:
    """It asked us to slow down."""
    row = _locked(name)
    _save(row, breaker.after_throttle(_health(row), retry_after=retry_after, at=at), error=reason)


def forget(name: str, *, at: datetime) -> None:
    """Somebody who should know says that it works now: everything starts afresh."""
    Destination.objects.filter(name=name).delete()
    _release(name, at=at)


def _release(name: str, *, at: datetime) -> None:
    waiting = Delivery.objects.filter(destination=name, state=DeliveryState.PENDING).order_by("id")
    for kind, is_urgent in ((URGENT, True), (KIND, False)):
        ids = list(waiting.filter(is_urgent=is_urgent).values_list("pk", flat=True))
        held = set(
            Timer.objects.filter(kind=kind, subject_id__in=ids, last_error=HELD).values_list("subject_id", flat=True)
        )
        timers.set_many(kind, {pk: at + SPREAD * place for place, pk in enumerate(pk for pk in ids if pk in held)})


def _locked(name: str) -> Destination:
    Destination.objects.bulk_create([Destination(name=name)], ignore_conflicts=True)
    return Destination.objects.select_for_update().get(name=name)


def _health(row: Destination) -> Health:
    return Health(
        row.failures,
        row.failed_at,
        row.opened_at,
        row.openings,
        row.retry_at,
        row.probe_until,
        row.throttled_until,
    )


def _save(row: Destination, health: Health, *, error: str) -> None:
    for name, value in asdict(health).items():
        setattr(row, name, value)
    row.last_error = error[:2000]
    row.save()
