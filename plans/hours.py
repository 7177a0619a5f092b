"""Which hours a customer has ordered with a plan."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from plans.contract.entitlements import AllowanceSection
from plans.models import Plan, Subscription
from plans.promised import plan_section
from plans.queries import version_in_force
from supportdesk.accounts.models import Project


@dataclass(frozen=True, slots=True)
class Ordered:
    """An allowance of a subscription; ``hours`` a period, None where nobody has written down how many were ordered."""

    subscription: Subscription
    allowance: AllowanceSection
    hours: int | None


def allowances_of(plan: Plan, at: datetime) -> list[AllowanceSection]:
    """What the plan gives in hours at an instant."""
    version = version_in_force(plan, at)
    section = plan_section(version) if version else None
    return list(section.allowances) if section else []


def ordered_for(projects: Iterable[Project], at: datetime) -> list[Ordered]:
    """Every allowance of every subscription of these projects, the latest subscription first. Two queries, and two for
    each plan."""
    bought = Subscription.objects.filter(project__in=list(projects)).select_related("project", "plan__offering")
    rows = list(bought.order_by("project__name", "-starts_on"))
    given = {plan.pk: allowances_of(plan, at) for plan in {each.plan for each in rows}}
    return [
        Ordered(each, allowance, each.ordered_hours.get(allowance.slug))
        for each in rows
        for allowance in given[each.plan_id]
    ]
