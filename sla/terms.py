"""The terms of plan versions, by id: versions never change, so a process reads each once."""

from __future__ import annotations

from collections.abc import Iterable

from plans.models import PlanVersion
from plans.terms import terms_of
from sla.targets import Terms

_known: dict[int, Terms] = {}


def terms_by_id(plan_version_ids: Iterable[int | None]) -> dict[int, Terms]:
    """The terms of these plan versions; one query for those that this process has not met yet."""
    wanted = {each for each in plan_version_ids if each is not None}
    missing = wanted - _known.keys()
    if missing:
        for version in PlanVersion.objects.filter(pk__in=missing):
            _known[version.pk] = terms_of(version)
    return {each: _known[each] for each in wanted if each in _known}
