"""Reads that span several models of this app. All need a vendor scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from plans.contract import Contract, read_canonical
from plans.contract.paging import PolicySection
from plans.models import ContractVersion, Plan, PlanVersion, Subscription
from plans.policies import calendars_of, policies_of
from sla.calendars import BusinessCalendar
from supportdesk.accounts.models import Organization, Project, Vendor


def plan_version_for(project: Project, at: datetime) -> PlanVersion | None:
    """What the project was promised at an instant: of the plan it was subscribed to on that date in the vendor's zone,
    the version in force. None without a subscription. With its plan and offering loaded."""
    vendor = Vendor.objects.only("zone").get(pk=project.vendor_id)
    day = at.astimezone(vendor.zoneinfo).date()
    subscription = Subscription.objects.active_on(day).filter(project=project).select_related("plan").first()
    return None if subscription is None else version_in_force(subscription.plan, at)


def covered_projects(projects: Iterable[Project], at: datetime) -> set[int]:
    """Which of these projects, all of one vendor, have a subscription at an instant, by id."""
    by_id = {project.pk: project for project in projects}
    if not by_id:
        return set()
    vendor = Vendor.objects.only("zone").get(pk=next(iter(by_id.values())).vendor_id)
    day = at.astimezone(vendor.zoneinfo).date()
    return set(Subscription.objects.active_on(day).filter(project__in=by_id).values_list("project_id", flat=True))


def plans_of_organizations(organizations: Iterable[Organization], at: datetime) -> dict[int, list[str]]:
    """The names of the plans that the projects of each organization, all of one vendor, have at an instant, by id."""
    by_id = {organization.pk: organization for organization in organizations}
    if not by_id:
        return {}
    vendor = Vendor.objects.only("zone").get(pk=next(iter(by_id.values())).vendor_id)
    day = at.astimezone(vendor.zoneinfo).date()
    active = Subscription.objects.active_on(day).filter(project__organization__in=by_id, project__is_active=True)
    named: dict[int, list[str]] = {}
    for organization, plan in active.order_by("-plan__rank").values_list("project__organization_id", "plan__name"):
        names = named.setdefault(organization, [])
        if plan not in names:
            names.append(plan)
    return named


def version_in_force(plan: Plan, at: datetime) -> PlanVersion | None:
    """The version of a plan at an instant. Before its first version took effect, the first: what was sold before the
    contract was loaded is held to the earliest terms on record."""
    versions = PlanVersion.objects.filter(plan=plan).select_related("plan__offering")
    return versions.in_force(at).first() or versions.order_by("number").first()


def current_contract_version() -> ContractVersion | None:
    """The contract loaded last in the vendor in scope; None when none ever was."""
    return ContractVersion.objects.order_by("-number").first()


def current_contract() -> Contract | None:
    """The contract in force of the vendor in scope, for all that no row is made of: escalation, onboarding checklists,
    the service catalogue, launch notice, follow-ups, the reopening window, scope, guides."""
    version = current_contract_id()
    return None if version is None else contract_of(version)


def success_engineer_title() -> str:
    """What the vendor's plans call the person they name for a customer; empty where none names one."""
    contract = current_contract()
    named = (plan.success_engineer for plan in contract.plans) if contract is not None else ()
    return next((each.title for each in named if each is not None), "")


def current_contract_id() -> int | None:
    """Which version that is. What follows from a version alone may be kept in the process under this."""
    return ContractVersion.objects.order_by("-number").values_list("pk", flat=True).first()


@lru_cache(maxsize=256)
def contract_of(contract_version_id: int) -> Contract:
    """The contract of one version; kept in the process, because a version never changes."""
    version = ContractVersion.objects.get(pk=contract_version_id)
    return read_canonical(version.document, name=f"contract version {version.number}")


@dataclass(frozen=True, slots=True)
class PolicyBook:
    """The escalation policies of one contract version that are switched on, and the calendars that any of its policies
    names."""

    version_id: int
    contract: Contract
    policies: tuple[PolicySection, ...]
    calendars: Mapping[str, BusinessCalendar]


def policy_book() -> PolicyBook | None:
    """The escalation policies in force of the vendor in scope; None where it never loaded a contract. One query."""
    version = ContractVersion.objects.order_by("-number").values_list("pk", flat=True).first()
    return None if version is None else policy_book_of(version)


@lru_cache(maxsize=256)
def policy_book_of(contract_version_id: int) -> PolicyBook:
    """Those of one version; kept in the process, because a version never changes."""
    contract = contract_of(contract_version_id)
    every = contract.escalation.policies if contract.escalation else []
    return PolicyBook(contract_version_id, contract, tuple(policies_of(contract)), calendars_of(contract, every))


def plan_names() -> dict[int, str]:
    """Every plan there ever was by id, with its offering where plans of two offerings have one name. One query."""
    plans = list(Plan.objects.order_by("-rank", "offering__position", "pk").values_list("pk", "name", "offering__name"))
    names = [name for _, name, _ in plans]
    return {pk: f"{name}, {offering}" if names.count(name) > 1 else name for pk, name, offering in plans}
