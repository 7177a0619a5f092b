"""What filing a ticket now would be promised: shown where the priority is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from plans.models import PlanVersion
from plans.terms import terms_of
from sla.targets import ANY_PRIORITY, Audience, Metric


@dataclass(frozen=True, slots=True)
class Promise:
    """One contract promise as it would run from an instant. ``due_at`` is None for best effort."""

    metric: Metric
    text: str
    due_at: datetime | None
    is_best_effort: bool


def by_priority(version: PlanVersion, *, at: datetime) -> dict[str, list[Promise]]:
    """For each priority's code, the contract's promises for a ticket received at ``at``, in the contract's order.

    A vendor that promises nothing publicly (Drud's table is internal) has no entries.
    """
    promises: dict[str, list[Promise]] = {}
    for target in terms_of(version).targets:
        if target.audience is not Audience.CONTRACT or target.priority == ANY_PRIORITY:
            continue
        if target.metric not in (Metric.FIRST_RESPONSE, Metric.RESOLUTION):
            continue
        promise = Promise(target.metric, target.promise, target.due(at), target.is_best_effort)
        promises.setdefault(target.priority, []).append(promise)
    return promises
