"""Whether a delivery's turn has come: what must leave before it, and what travels along."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Subquery

from supportdesk.notifications.models import Delivery, DeliveryState
from supportdesk.notifications.outbox import KIND, URGENT
from supportdesk.timers import actions as timers
from supportdesk.timers.models import Timer

BEHIND = "Waits for what has to leave before it."
LOOK_AGAIN = timedelta(seconds=30)
"""Whoever settles the one before wakes the next; this is for when nobody did."""

MOST_ALONG = 49


def must_wait(deliveries: Iterable[Delivery]) -> set[int]:
    """Those of them, by id, behind something of the same order that has to leave before. One query, or none."""
    ids = [each.pk for each in deliveries if each.order_key]
    if not ids:
        return set()
    before = Delivery.objects.unsettled().filter(order_key=OuterRef("order_key"), pk__lt=OuterRef("pk"))
    before = before.exclude(order_key="")
    # What has only been held back travels along.
    standing = before.exclude(is_bundled=True, attempts=0, state=DeliveryState.PENDING, bundle=None)
    is_behind = Q(Exists(before), is_bundled=False) | Q(Exists(standing), is_bundled=True)
    return set(Delivery.objects.filter(is_behind, pk__in=ids).values_list("pk", flat=True))


def are_pointless(deliveries: Iterable[Delivery]) -> set[int]:
    """Those of them, by id, that speak of what never arrived: the trigger of their incident was given up, called off or
    never left. One query, or none."""
    ids = [
        each.pk
        for each in deliveries
        if each.order_key and each.integration_id is not None and each.payload.get("action") not in (None, "trigger")
    ]
    if not ids:
        return set()
    triggers = Delivery.objects.filter(
        integration=OuterRef("integration"),
        order_key=OuterRef("order_key"),
        pk__lt=OuterRef("pk"),
        payload__action="trigger",
    )
    latest = Subquery(triggers.order_by("-pk").values("state")[:1])
    never = (DeliveryState.DEAD, DeliveryState.CANCELLED, DeliveryState.SKIPPED)
    found = Delivery.objects.filter(pk__in=ids).annotate(trigger=latest).filter(trigger__in=never)
    return set(found.values_list("pk", flat=True))


def take_along(delivery: Delivery) -> Sequence[Delivery]:
    """The deliveries that travel in this one's e-mail. The first attempt gathers them; later ones carry the same, so
    that every attempt shows the same message."""
    if not delivery.is_bundled or delivery.membership_id is None:
        return ()
    if delivery.attempts == 1:
        stuck = Delivery.objects.unsettled().filter(
            order_key=OuterRef("order_key"), pk__lt=OuterRef("pk"), attempts__gt=0
        )
        others = (
            Delivery.objects.filter(
                Q(order_key="") | ~Exists(stuck.exclude(pk=delivery.pk)),
                membership_id=delivery.membership_id,
                address=delivery.address,
                channel=delivery.channel,
                state=DeliveryState.PENDING,
                is_bundled=True,
                attempts=0,
                bundle=None,
            )
            .exclude(pk=delivery.pk)
            .order_by("pk")
            .select_for_update(of=("self",), skip_locked=True)
        )
        ids = [each.pk for each in others[:MOST_ALONG]]
        if ids:
            Delivery.objects.filter(pk__in=ids).update(bundle=delivery)
            timers.clear_many(KIND, ids)
    return list(Delivery.objects.filter(bundle=delivery).order_by("pk"))


def wake_next(settled: Iterable[Delivery], *, at: datetime) -> None:
    """The next of the order of each leaves now, if it is waiting for nothing else."""
    wake_after([each.pk for each in settled if each.order_key], at=at)


def wake_after(ids: Sequence[int], *, at: datetime) -> None:
    """``wake_next`` for deliveries by their ids: at most four statements."""
    if not ids:
        return
    after = Delivery.objects.unsettled().filter(order_key=OuterRef("order_key"), pk__gt=OuterRef("pk"))
    following = Subquery(after.exclude(order_key="").order_by("pk").values("pk")[:1])
    found = Delivery.objects.filter(pk__in=ids).annotate(following=following).exclude(following=None)
    _wake(found.values_list("following", flat=True), at=at)


def look_again(ids: Iterable[int], *, at: datetime) -> None:
    """After it is committed that these wait: what they waited for may have been settled meanwhile, by somebody who
    could not yet see them waiting. Whoever is just writing that down is waited for; whoever writes later sees them."""
    waiting = list(Delivery.objects.unsettled().filter(pk__in=list(ids)).exclude(order_key=""))
    if not waiting:
        return
    last = max(each.pk for each in waiting)
    before = Delivery.objects.unsettled().filter(order_key__in={each.order_key for each in waiting}, pk__lt=last)
    list(before.select_for_update().order_by("pk").values_list("pk"))  # in the order in which everybody locks them
    still = must_wait(waiting)
    _wake([each.pk for each in waiting if each.pk not in still], at=at)


def _wake(ids: Iterable[int], *, at: datetime) -> None:
    some = list(ids)
    if not some:
        return
    waiting = Timer.objects.filter(kind__in=(URGENT, KIND), subject_id__in=some, last_error=BEHIND)
    found = list(waiting.values_list("kind", "subject_id"))
    for kind in (URGENT, KIND):
        timers.set_many(kind, {subject: at for of, subject in found if of == kind})
