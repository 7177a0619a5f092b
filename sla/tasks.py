"""What the worker does for clocks besides firing them: handlers of the timers' task lane."""

from __future__ import annotations

from datetime import datetime, timedelta

from plans.actions.versions import IN_FORCE
from sla.actions import recompute_open
from sla.backtest_runs import PART, answer_part
from sla.models import BacktestPart
from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import actions as timers

LEASE = timedelta(minutes=10)
"""Far more than a run takes. Two runs at once are harmless: the second finds the first one's tickets done."""


def version_in_force(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
    """A new version of a plan has taken effect: the open tickets come under it."""
    recompute_open(Vendor.objects.get(pk=vendor_id), by=None, at=at)
    with vendor_scope(vendor_id):
        timers.finish(IN_FORCE, subject_id, fence=fence)


def backtest_part(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
    """Some tickets of a backtest: folded, and the answer kept unless another run has taken it over meanwhile."""
    with vendor_scope(vendor_id):
        part = BacktestPart.objects.filter(pk=subject_id).first()
        answer = answer_part(part).as_json() if part else None
        if timers.finish(PART, subject_id, fence=fence) and part:
            part.answer = answer
            part.save(update_fields=["answer"])
