"""The terms that clocks run under: of a plan version in the database, or of a plan straight from a contract file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from plans.contract.document import Contract
from plans.contract.resolve import ResolvedTarget, calendar_json, delivery_target, resolved_targets
from plans.models import PlanVersion
from sla.calendars import BusinessCalendar
from sla.targets import Target, Terms


def terms_of(plan_version: PlanVersion) -> Terms:
    """Everything the version promises. Kept in the process: a version never changes. Needs a vendor scope."""
    return _terms_of(plan_version.pk)


def terms_of_contract(
    contract: Contract,
    plan_slug: str,
    offering: str | None = None,
    *,
    edited: Mapping[str, BusinessCalendar] | None = None,
) -> Terms:
    """What a plan of a contract promises, from the file alone; raises LookupError for an unknown plan or offering.

    ``edited``: calendars by slug that stand in for the contract's own.
    """
    plan = contract.plan(plan_slug)
    offered = [section.slug for section in contract.offerings_of(plan)]
    if offering is not None and offering not in offered:
        raise LookupError(f"{plan.name} is not sold as '{offering}': {', '.join(offered)}")
    calendars = {slug: BusinessCalendar.from_json(calendar_json(contract, slug)) for slug in contract.calendars}
    calendars |= edited or {}
    targets = tuple(_target(contract, target, calendars) for target in resolved_targets(contract, plan))
    return Terms(plan_version_id=None, plan_name=plan.name, driver=plan.driver, targets=targets)


def delivery_target_of_contract(contract: Contract, entry_slug: str) -> Target | None:
    """The delivery estimate of a catalogue entry as a target; None where it must be looked into first.

    Raises LookupError for an unknown entry.
    """
    resolved = delivery_target(contract, entry_slug)
    if resolved is None:
        return None
    calendar = BusinessCalendar.from_json(calendar_json(contract, resolved.calendar))
    return _target(contract, resolved, {resolved.calendar: calendar})


def _target(contract: Contract, target: ResolvedTarget, calendars: dict[str, BusinessCalendar]) -> Target:
    return Target(
        key=target.key,
        metric=target.metric,
        audience=target.audience,
        priority=target.code,
        amount=target.amount,
        calendar=calendars[target.calendar],
        calendar_name=contract.calendars[target.calendar].name,
        warn=target.warn,
        pauses_in=frozenset(state.value for state in target.pauses_in),
        runs_in=frozenset(state.value for state in target.runs_in),
        promise=target.promise,
        source=target.source,
        derived_from=target.derived_from,
    )


@lru_cache(maxsize=4096)
def _terms_of(plan_version_id: int) -> Terms:
    version = PlanVersion.objects.select_related("plan").get(pk=plan_version_id)
    rows = version.targets.select_related("calendar_version", "priority")
    return Terms(
        plan_version_id=version.pk,
        plan_name=version.plan.name,
        driver=version.terms_driver,
        targets=tuple(row.target for row in rows.order_by("position")),
    )
