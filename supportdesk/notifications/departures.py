"""Whether a delivery's turn has come: what must leave before it, and what travels along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from supportdesk.notifications.models import UNSETTLED, Delivery, DeliveryState
from supportdesk.notifications.outbox import KIND, URGENT
from supportdesk.timers import actions as timers
from supportdesk.timers.models import Timer

BEHIND = "Waits for what has to leave before it."
LOOK_AGAIN = timedelta(seconds=30)
"""Whoever settles the one before wakes the next; this is for when nobody did."""

MOST_ALONG = 49


@dataclass(frozen=True, slots=True)
class Pointless:
    """It need not leave any more."""

    reason: str


def must_wait(delivery: Delivery) -> bool | Pointless:
    """Whether something of the same order has to leave before it; or that it is pointless, because the trigger it
    belongs to never arrived."""
    if not delivery.order_key:
        return False
    before = Delivery.objects.unsettled().filter(order_key=delivery.order_key, pk__lt=delivery.pk)
    if delivery.is_bundled:  # what has only been held back travels along
        before = before.exclude(is_bundled=True, attempts=0, state=DeliveryState.PENDING, bundle=None)
    if before.exists():
        return True
    if delivery.integration_id is not None and delivery.payload.get("action") not in (None, "trigger"):
        triggers = Delivery.objects.filter(
            integration_id=delivery.integration_id, order_key=delivery.order_key, payload__action="trigger"
        )
        state = triggers.filter(pk__lt=delivery.pk).order_by("-pk").values_list("state", flat=True).first()
        if state in (DeliveryState.DEAD, DeliveryState.CANCELLED, DeliveryState.SKIPPED):
            return Pointless(_("What it is about never arrived there."))
    return False


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


def wake_next(delivery: Delivery, *, at: datetime) -> None:
    """The next of its order leaves now, if it is waiting for nothing else."""
    if not delivery.order_key:
        return
    following = (
        Delivery.objects.filter(order_key=delivery.order_key, state__in=UNSETTLED, pk__gt=delivery.pk)
        .order_by("pk")
        .first()
    )
    if following is None:
        return
    kind = URGENT if following.is_urgent else KIND
    if Timer.objects.filter(kind=kind, subject_id=following.pk, last_error=BEHIND).exists():
        timers.set(kind, following.pk, at)
