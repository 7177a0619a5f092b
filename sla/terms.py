"""The terms of plan versions, by id."""

from __future__ import annotations

from collections.abc import Iterable

from plans.models import PlanVersion
from plans.terms import terms_of
from sla.targets import Terms


def terms_by_id(plan_version_ids: Iterable[int | None]) -> dict[int, Terms]:
    """The terms of these plan versions. Versions never change, so a process reads each only once."""
    return {each: terms_of(PlanVersion(pk=each)) for each in set(plan_version_ids) if each is not None}
