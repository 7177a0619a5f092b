"""What became of messages after they had left: written beside them, and whoever waits for an answer hears of a loss.

``listeners`` is filled by ``supportdesk/wiring.py``. They are called in the transaction that writes the loss, with the
deliveries locked: they may set timers, and lock nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from django.db import transaction

from supportdesk.notifications.inbound import Receipt
from supportdesk.notifications.models import Delivery


class Listener(Protocol):
    def __call__(self, deliveries: Sequence[Delivery], *, at: datetime) -> None: ...


listeners: list[Listener] = []


def tell_of_loss(deliveries: Sequence[Delivery], *, at: datetime) -> None:
    """Nobody got these: they were given up here, or lost on their way."""
    for listener in listeners:
        listener(deliveries, at=at)


@transaction.atomic
def write(delivery_id: int, receipt: Receipt, *, at: datetime) -> None:
    """Reports come twice and in any order: what is known stays, and whoever got it has got it.

    An attempt of which we never heard may be lost while the next one arrives: the loss of another than the one we know
    is none.
    """
    found: Delivery | None = Delivery.objects.select_for_update().filter(pk=delivery_id).first()
    if found is None:
        return
    if receipt.outcome == "lost":
        is_of_another = bool(found.reference) and found.reference != receipt.reference
        if is_of_another or found.delivered_at is not None or found.lost_at is not None:
            return
        found.lost_at, found.lost_because = at, receipt.why[:200]
    else:
        found.lost_at, found.lost_because = None, ""
        found.delivered_at = found.delivered_at or at
        if receipt.outcome == "seen":
            found.seen_at = found.seen_at or at
    found.save(update_fields=["lost_at", "lost_because", "delivered_at", "seen_at"])
    if found.lost_at is not None:
        tell_of_loss([found], at=at)
