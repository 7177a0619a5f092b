"""Delivery: load a batch, leave the transaction, send one by one, write down how it went under the fences.

Once in the database always; to the outside at least once, under an identity that makes a repeat harmless.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from django.conf import settings
from django.utils.translation import gettext as _

from supportdesk.notifications import departures, outcomes
from supportdesk.notifications.batch import Batch, lock
from supportdesk.notifications.channels import kept
from supportdesk.notifications.channels.base import Fault, Refused, Result, Sent, TryLater
from supportdesk.notifications.channels.registry import CHANNELS, LINES
from supportdesk.notifications.destinations import health_of
from supportdesk.notifications.integrations import TEST
from supportdesk.notifications.lanes import Flight, lanes
from supportdesk.notifications.models import Delivery
from supportdesk.notifications.outbox import KIND, URGENT
from supportdesk.notifications.outcomes import Outcome
from supportdesk.notifications.preparing import admitted_again, prepare
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import failpoints
from supportdesk.timers.registry import DueTimer

log = structlog.get_logger(__name__)

AT_ONCE = 25
THREADS = 4
"""Few deliveries are shared out among so many threads rather than sent one after the other by one."""

ROUND = 10
ROUND_SECONDS = 0.1
"""After so many messages or seconds their outcomes are written: what a killed worker repeats is no more than that, and
what was called off meanwhile no longer leaves."""

LONGEST_SHARE = 6
"""No message of a batch is begun after this part of the lease: the last one has the rest of it to be heard out."""

NO_ROOM = "Waits for a free thread."
OUT_OF_TIME = "The batch it was in took too long."
ROOM_SOON = timedelta(seconds=0.5)
ROOM_LATER = timedelta(seconds=5)


def batches(due: Sequence[DueTimer]) -> Iterator[Sequence[DueTimer]]:
    """What goes to one destination, in due order: one that hangs holds up nothing but what goes there itself."""
    ids = [each.subject_id for each in due]
    to = dict(Delivery.objects.filter(pk__in=ids).values_list("pk", "destination"))
    by_destination: dict[str, list[DueTimer]] = {}
    for each in due:
        by_destination.setdefault(to.get(each.subject_id, ""), []).append(each)
    for some in by_destination.values():
        size = min(AT_ONCE, -(-len(some) // THREADS))
        yield from (some[start : start + size] for start in range(0, len(some), size))


def deliver(fences: Mapping[int, int], *, vendor_id: int, at: datetime) -> None:
    """The handler of a batch of ``KIND``; its subjects are deliveries."""
    _deliver(Batch(KIND, vendor_id, fences, at))


def deliver_urgent(fences: Mapping[int, int], *, vendor_id: int, at: datetime) -> None:
    """The handler of a batch of ``URGENT``."""
    _deliver(Batch(URGENT, vendor_id, fences, at))


def _deliver(batch: Batch) -> None:
    """When something of it was our own error, raises the last one as soon as the others are through."""
    with ExitStack() as stack:
        flight = _board(batch, stack)
        if flight is None:
            return
        ready, errors = _isolated(batch, list(batch.fences), prepare)
        _look_again(batch, batch.fences.keys() - {each.pk for each in ready})
        if ready and (line := LINES.get(ready[0].channel)):
            stack.enter_context(line())
        while ready:
            done = list(_round(batch, ready, flight))
            _, failed = _isolated(batch, done, _write)
            errors += failed
            ready = _go_on(batch, ready[len(done) :], done)
    if errors:
        raise errors[-1]


def _look_again(batch: Batch, ids: Collection[int]) -> None:
    if ids:
        with vendor_scope(batch.vendor_id):
            departures.look_again(ids, at=batch.now)


def _board(batch: Batch, stack: ExitStack) -> Flight | None:
    """A place among those who send, held until ``stack`` is closed; without one the batch is put back."""
    with vendor_scope(batch.vendor_id):
        some = list(Delivery.objects.filter(pk__in=batch.fences).only("pk", "destination"))
        health = health_of(some[0].destination) if some else None
    is_doubtful, is_urgent = bool(health and health.failures), batch.timer == URGENT
    destination = some[0].destination if some else ""
    room = lanes.flight(batch.vendor_id, destination, is_urgent=is_urgent, is_doubtful=is_doubtful)
    flight = stack.enter_context(room)
    if flight is None:
        pause = ROOM_LATER if is_doubtful and not is_urgent else ROOM_SOON
        with vendor_scope(batch.vendor_id):
            due_at = batch.now + random.uniform(1, 2) * pause  # noqa: S311 - spreads load, guards nothing
            batch.put_back(some, due_at=due_at, why=NO_ROOM)
    return flight


def _round(batch: Batch, ready: Sequence[Delivery], flight: Flight) -> Iterator[Outcome]:
    """Sends until it is time to write down how it went, or something did not arrive."""
    began = time.monotonic()
    for delivery in ready[:ROUND]:
        flight.goes_on()
        delivery.tried_at = batch.now
        failpoints.reach("before-send")
        result = _send(delivery)
        failpoints.reach("after-send")
        yield Outcome(delivery, result, batch.now)
        if not isinstance(result, Sent) or time.monotonic() - began > ROUND_SECONDS:
            return


def _write(batch: Batch, done: Sequence[Outcome]) -> list[Delivery]:
    lock(each.delivery.pk for each in done)
    outcomes.write(batch, done)
    return []


def _go_on(batch: Batch, rest: Sequence[Delivery], done: Sequence[Outcome]) -> list[Delivery]:
    """What of the rest is sent in the next round, as things stand now."""
    if not rest:
        return []
    with vendor_scope(batch.vendor_id):
        lock(each.pk for each in rest)
        ours = batch.still_ours(rest)
        if batch.seconds > settings.DELIVERY_LEASE / LONGEST_SHARE:
            batch.put_back(ours, due_at=batch.now, why=OUT_OF_TIME)
            return []
        return ours if isinstance(done[-1].result, Sent) else admitted_again(batch, ours)


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


Each = TypeVar("Each")


def _isolated(
    batch: Batch, some: Sequence[Each], work: Callable[[Batch, Sequence[Each]], list[Delivery]]
) -> tuple[list[Delivery], list[Exception]]:
    """Does it to all at once in one transaction; when that raises, to each by itself, so that one bad row costs the
    others nothing. What came of it, and what was raised."""
    try:
        with vendor_scope(batch.vendor_id):
            return work(batch, some), []
    except Exception as error:
        if len(some) == 1:
            return [], [error]
        log.warning("one_by_one", work=work.__name__, count=len(some), exc_info=error)
    parts = [_isolated(batch, [each], work) for each in some]
    return [each for part, _ in parts for each in part], [error for _, errors in parts for error in errors]
