"""The application as a version before this one ran it: it hands every timer to a task of its own, knows neither batches
nor pages, and is still up while the new one is deployed beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from celery.signals import celeryd_init

from supportdesk.celery import app
from supportdesk.timers import registry, tasks
from supportdesk.timers.registry import DueTimer

__all__ = ["app"]

UNKNOWN = ("escalation.step",)


def publish_one_by_one(due: Sequence[DueTimer]) -> None:
    for each in due:
        tasks.run.apply_async((each.kind, each.subject_id, each.vendor_id, each.epoch), retry=False)


@celeryd_init.connect(weak=False)
def forget(**_: Any) -> None:
    for kind in UNKNOWN:
        registry.ENTRIES.pop(kind)
    app.tasks.unregister(tasks.run_many.name)
    tasks.publish = publish_one_by_one
