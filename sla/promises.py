"""What filing a ticket now would be promised: shown where the priority is chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from plans.models import PlanVersion
from plans.terms import terms_of
from sla.targets import ANY_PRIORITY, Audience, Metric, Span


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


def update_within(version: PlanVersion, priority: str, severity: str | None) -> timedelta | None:
    """Within how much open time of the last one an update is owed to a customer of this priority and severity, the
    contract's figure before the internal one; None without a cadence."""
    spans = {
        target.audience: timedelta(seconds=target.amount.seconds)
        for target in terms_of(version).applying(priority, severity)
        if target.metric is Metric.UPDATE and isinstance(target.amount, Span)
    }
    return spans.get(Audience.CONTRACT) or spans.get(Audience.INTERNAL)
