"""Deliveries that one thread has in hand: their fences, the instant, and what all of them have in common."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import F

from supportdesk.notifications.models import Delivery, DeliveryState
from supportdesk.timers import actions as timers


@dataclass(frozen=True, slots=True)
class Batch:
    """``timer`` is their kind of timer, ``at`` the instant at which they were begun. ``marked``: those that this run
    wrote down as being sent, and not one that was killed."""

    timer: str
    vendor_id: int
    fences: Mapping[int, int]
    at: datetime
    began: float = field(default_factory=time.monotonic)
    marked: set[int] = field(default_factory=set)

    @property
    def now(self) -> datetime:
        """The database's present: when it was begun, and what has passed since by our own clock."""
        return self.at + timedelta(seconds=self.seconds)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def fences_of(self, deliveries: Iterable[Delivery]) -> dict[int, int]:
        return {each.pk: self.fences[each.pk] for each in deliveries}

    def still_ours(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """Without those that were called off, or that another worker has taken over."""
        ours = timers.held(self.timer, self.fences_of(deliveries))
        return [each for each in deliveries if each.pk in ours]

    def finish(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        """They are not looked at again; those of which we may write how it went."""
        ours = timers.finish_many(self.timer, self.fences_of(deliveries))
        return [each for each in deliveries if each.pk in ours]

    def put_back(self, deliveries: Sequence[Delivery], *, due_at: datetime, why: str) -> None:
        """They could not be begun, and are looked at again at ``due_at``: no attempt."""
        ours = timers.postpone_many(self.timer, self.fences_of(deliveries), due_at=due_at, why=why)
        if marked := ours & self.marked:
            Delivery.objects.filter(pk__in=marked).update(state=DeliveryState.PENDING, attempts=F("attempts") - 1)


def lock(ids: Iterable[int]) -> None:
    """Before their timers and in the order of their ids, as everybody who changes several: nobody waits in a ring."""
    list(Delivery.objects.select_for_update().filter(pk__in=list(ids)).order_by("pk").values_list("pk"))
