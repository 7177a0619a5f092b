"""What of a batch may leave now: the rest waits, is over, or travels along with another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from supportdesk.notifications import breaker, departures, destinations, figures
from supportdesk.notifications.batch import Batch
from supportdesk.notifications.breaker import Go
from supportdesk.notifications.integrations import TEST
from supportdesk.notifications.models import Delivery, DeliveryState, Integration
from supportdesk.notifications.outcomes import end
from supportdesk.timers import actions as timers

ANOTHER_WAY = "It goes elsewhere than what it was to leave with."


def prepare(batch: Batch, ids: Sequence[int]) -> list[Delivery]:
    """Those whose turn has come, marked as being sent; in the order of ``ids``. The same number of statements for any
    number, besides those that gather an e-mail put together."""
    rows = Delivery.objects.select_related("vendor", "integration").select_for_update(of=("self",))
    found = {each.pk: each for each in rows.filter(pk__in=ids).order_by("pk")}
    waiting = [found[pk] for pk in ids if pk in found and not found[pk].is_settled and found[pk].bundle_id is None]
    over = set(ids) - {each.pk for each in waiting}
    timers.finish_many(batch.timer, {pk: batch.fences[pk] for pk in over})
    waiting = _whose_turn_has_come(batch, waiting)
    if not waiting:
        return []
    elsewhere = [each for each in waiting if each.destination != waiting[0].destination]
    batch.put_back(elsewhere, due_at=batch.now, why=ANOTHER_WAY)
    together = admitted(batch, [each for each in waiting if each.destination == waiting[0].destination])
    return _mark(batch, together)


def _whose_turn_has_come(batch: Batch, waiting: Sequence[Delivery]) -> list[Delivery]:
    behind = departures.must_wait(waiting)
    batch.put_back(
        [each for each in waiting if each.pk in behind],
        due_at=batch.at + departures.LOOK_AGAIN,
        why=departures.BEHIND,
    )
    first = [each for each in waiting if each.pk not in behind]
    pointless = departures.are_pointless(first)
    if pointless:
        reason = _("What it is about never arrived there.")
        end(batch, [each for each in first if each.pk in pointless], DeliveryState.CANCELLED, reason, at=batch.now)
    return [each for each in first if each.pk not in pointless]


def admitted(batch: Batch, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """Those that their destination's health lets go now; the others are put back."""
    health = destinations.health_of(deliveries[0].destination) if deliveries else None
    if health is None:
        return list(deliveries)
    at = batch.now
    go: list[Delivery] = []
    held: dict[datetime, list[Delivery]] = {}
    for each in deliveries:
        decision = Go() if each.kind == TEST else destinations.admission(each, health, at=at)
        if isinstance(decision, Go):
            go.append(each)
            health = replace(health, probe_until=at + breaker.PROBE) if decision.is_probe else health
        else:
            held.setdefault(decision.until, []).append(each)
    for until, some in held.items():
        batch.put_back(some, due_at=until, why=destinations.HELD)
    return go


def admitted_again(batch: Batch, deliveries: Sequence[Delivery]) -> list[Delivery]:
    """``admitted`` after one that did not arrive: the integration may be shut off by now."""
    ids = {each.integration_id for each in deliveries if each.integration_id is not None}
    integrations = Integration.objects.in_bulk(ids) if ids else {}
    for each in deliveries:
        each.integration = integrations.get(each.integration_id or 0)
    return admitted(batch, deliveries)


def _mark(batch: Batch, deliveries: Iterable[Delivery]) -> list[Delivery]:
    """As being sent, each with what travels along."""
    marked: list[Delivery] = []
    along: set[int] = set()
    for each in deliveries:
        if each.pk in along:
            continue
        each.state = DeliveryState.SENDING
        each.attempts += 1
        each.along = departures.take_along(each)
        along |= {other.pk for other in each.along}
        marked.append(each)
        if each.attempts == 1:
            late = batch.at - each.queued_at
            figures.LATENESS.labels(each.channel).observe(max(0.0, late.total_seconds()))
    ids = [each.pk for each in marked]
    batch.marked.update(ids)
    Delivery.objects.filter(pk__in=ids).update(state=DeliveryState.SENDING, attempts=F("attempts") + 1)
    return marked
