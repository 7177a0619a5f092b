"""Draft terms: what each plan would promise if an edit were saved, by the plan's id. Needs a vendor scope."""

from __future__ import annotations

from collections.abc import Mapping

from plans.contract import Contract
from plans.models import Plan, PlanVersion
from plans.queries import current_contract
from plans.terms import terms_of, terms_of_contract
from sla.calendars import BusinessCalendar
from sla.targets import Terms

Drafts = Mapping[int, Terms]
"""A plan that is left out stays as it is."""


def of_contract(contract: Contract, *, edited: Mapping[str, BusinessCalendar] | None = None) -> Drafts:
    """What the plans that are on record would promise under this contract. Plans that only the contract has concern no
    ticket yet, and plans that it no longer has keep their last terms. One query. ``edited``: calendars by slug that
    stand in for the contract's own."""
    plans = Plan.objects.values_list("pk", "slug", "offering__slug")
    sections = {section.slug: section for section in contract.plans}
    known = {slug for _, slug, _ in plans} & sections.keys()
    terms = {slug: terms_of_contract(contract, slug, edited=edited) for slug in known}
    offered = {slug: {each.slug for each in contract.offerings_of(sections[slug])} for slug in terms}
    return {plan_id: terms[slug] for plan_id, slug, offering in plans if offering in offered.get(slug, ())}


def of_calendar(slug: str, calendar: BusinessCalendar) -> Drafts:
    """What the plans would promise if this calendar of the contract in force were edited. Raises LookupError."""
    contract = current_contract()
    if contract is None or slug not in contract.calendars:
        known = ", ".join(sorted(contract.calendars)) if contract else "no contract is loaded"
        raise LookupError(f"There is no calendar '{slug}': {known}.")
    return of_contract(contract, edited={slug: calendar})


def of_plan_version(version: PlanVersion) -> Drafts:
    """What its plan would promise under this version."""
    return {version.plan_id: terms_of(version)}


def say_the_same(one: Terms, other: Terms) -> bool:
    """Whether no clock could tell the two apart, whatever versions they are."""
    return (one.driver, one.targets) == (other.driver, other.targets)
