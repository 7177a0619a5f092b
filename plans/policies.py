"""Which escalation policies of a contract are concerned with what happens to a ticket. Pure.

Telling the leads of a breach, or the director of a keyword, is what the desk does by itself as long as no policy of the
vendor sees to it: that is asked here too, so that nobody is told twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from plans.contract import Contract
from plans.contract.paging import OnlySection, PolicySection, TriggerName, TriggerSection
from plans.contract.resolve import calendar_json
from sla.calendars import BusinessCalendar

Calendars = Mapping[str, BusinessCalendar]


@dataclass(frozen=True, slots=True)
class Matter:
    """What policies look at of a ticket: codes and slugs, empty where it has none. ``is_paging``: its priority says
    `pages: true`; ``rank`` is its priority's, 1 the most urgent."""

    priority: str
    rank: int = 0
    is_paging: bool = False
    severity: str = ""
    plan: str = ""
    team: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that may open a page; of a clock's alarm, which clock and promised to whom."""

    trigger: TriggerName
    metric: str = ""
    audience: str = ""


def policies_of(contract: Contract | None) -> list[PolicySection]:
    """Those that are switched on, in the contract's order."""
    if contract is None or contract.escalation is None:
        return []
    return [policy for policy in contract.escalation.policies if policy.enabled]


def policy_of(contract: Contract, slug: str) -> PolicySection | None:
    """The policy of that slug, switched on or not; None when the contract has none."""
    section = contract.escalation
    return next((policy for policy in section.policies if policy.slug == slug), None) if section else None


def calendars_of(contract: Contract, policies: Iterable[PolicySection]) -> dict[str, BusinessCalendar]:
    """The calendars that these policies name, by slug."""
    slugs: set[str | None] = set()
    for policy in policies:
        hours = policy.only.hours
        slugs |= {hours.open, hours.closed} if hours else set()
        for step in policy.steps:
            slugs |= {step.hold, step.in_hours}
    return {slug: BusinessCalendar.from_json(calendar_json(contract, slug)) for slug in slugs if slug}


def is_opened_by(policy: PolicySection, happening: Happening) -> bool:
    """Whether this is among what opens a page of the policy."""
    return any(_is_meant(each, happening) for each in policy.when)


def is_for(only: OnlySection, matter: Matter, *, at: datetime, calendars: Calendars) -> bool:
    """Whether the policy that says `only` is for such a ticket at this instant."""
    if only.hours is not None and not _is_in_hours(only, at, calendars):
        return False
    return is_still_for(only, matter)


def is_still_for(only: OnlySection, matter: Matter) -> bool:
    """As ``is_for``, whatever the hour."""
    wanted = (
        (only.plans, matter.plan),
        (only.priorities, matter.priority),
        (only.severities, matter.severity),
        (only.teams, matter.team),
        (only.categories, matter.category),
    )
    return (matter.is_paging or not only.pages) and all(value in values for values, value in wanted if values)


def concerned(
    policies: Iterable[PolicySection], happening: Happening, matter: Matter, *, at: datetime, calendars: Calendars
) -> list[PolicySection]:
    """The policies that a ticket comes under when this happens to it."""
    return [
        policy
        for policy in policies
        if is_opened_by(policy, happening) and is_for(policy.only, matter, at=at, calendars=calendars)
    ]


def _is_meant(section: TriggerSection, happening: Happening) -> bool:
    return (
        section.trigger == happening.trigger
        and (not section.of or happening.metric in section.of)
        and (section.audience is None or section.audience == happening.audience)
    )


def _is_in_hours(only: OnlySection, at: datetime, calendars: Calendars) -> bool:
    hours = only.hours
    assert hours is not None
    calendar = calendars.get(hours.open or hours.closed or "")
    return calendar is not None and calendar.is_open(at) == bool(hours.open)
