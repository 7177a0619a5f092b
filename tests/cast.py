"""The cast of every test: Alice (customer), Bob (her colleague), Grace (their manager), Carol (agent), Dan (on-call
lead), Erin (vendor admin), and Mallory, a customer and an agent of another vendor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from plans.actions import load_contract, subscribe
from plans.contract import Contract, read_file
from plans.models import Plan, Priority
from supportdesk.accounts.models import Membership, Organization, Project, Role, User, Vendor
from supportdesk.tenancy.scope import vendor_scope
from tests import factories

CONTRACTS = Path(__file__).parent.parent / "contracts"
MONDAY = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
"""Monday 2 March 2026, 10:00 in Kyiv: inside everybody's working hours in Europe."""


@dataclass(slots=True)
class Desk:
    """One vendor with its people, a subscribed project, and their contract loaded."""

    vendor: Vendor
    organization: Organization
    project: Project
    alice: Membership
    bob: Membership
    grace: Membership
    carol: Membership
    dan: Membership
    erin: Membership

    def priority(self, code: str) -> Priority:
        return Priority.objects.get(code=code)


@cache
def contract_of(slug: str, folder: Path = CONTRACTS) -> tuple[Contract, str]:
    return read_file(folder / f"{slug}.yaml")


def make_desk(slug: str, *, plan: str = "", offering: str = "", folder: Path = CONTRACTS, paging: bool = False) -> Desk:
    """The vendor's contract loaded, its people there, Northwind's shop subscribed to ``plan`` (default: the best).

    Its escalation policies wake people only if ``paging``: elsewhere nobody is on call.
    """
    contract, text = contract_of(slug, folder)
    if not paging:
        contract = without_policies(contract)
    load_contract(contract, by=None, at=factories.LONG_AGO, source_text=text)
    vendor = Vendor.objects.get(slug=slug)
    with vendor_scope(vendor):
        organization = factories.OrganizationFactory.create(slug="northwind", name="Northwind")
        project = factories.ProjectFactory.create(organization=organization)
        plans = Plan.objects.order_by("-rank", "id")
        if plan:
            plans = plans.filter(slug=plan)
        if offering:
            plans = plans.filter(offering__slug=offering)
        chosen = plans.first()
        assert chosen is not None
        subscribe(
            project=project,
            plan=chosen,
            starts_on=factories.LONG_AGO.date(),
            ends_on=None,
            by=None,
            at=factories.LONG_AGO,
        )
        people = {
            name: factories.MembershipFactory.create(user=_user(name, slug), organization=organization, role=role)
            for name, role in (("alice", Role.CUSTOMER), ("bob", Role.CUSTOMER), ("grace", Role.MANAGER))
        }
        people |= {
            name: factories.StaffFactory.create(user=_user(name, slug), role=role, tier=tier)
            for name, role, tier in (("carol", Role.AGENT, 1), ("dan", Role.LEAD, 2), ("erin", Role.ADMIN, None))
        }
    return Desk(vendor=vendor, organization=organization, project=project, **people)


def without_policies(contract: Contract) -> Contract:
    if contract.escalation is None:
        return contract
    return contract.model_copy(update={"escalation": contract.escalation.model_copy(update={"policies": []})})


def _user(name: str, slug: str) -> User:
    return factories.UserFactory.create(name=name.title(), email=f"{name}@{slug}.example")


@pytest.fixture
def oro(db: None) -> Desk:
    """OroCloud's desk; no scope is active."""
    return make_desk("orocloud")


@pytest.fixture
def in_oro(oro: Desk) -> Iterator[Desk]:
    """OroCloud's desk, in its scope."""
    with vendor_scope(oro.vendor):
        yield oro


@pytest.fixture
def mallory(db: None) -> Membership:
    """An admin of another vendor."""
    vendor = factories.VendorFactory.create(slug="elsewhere", name="Elsewhere")
    with vendor_scope(vendor):
        return factories.StaffFactory.create(user=_user("mallory", "elsewhere"), role=Role.ADMIN, tier=None)
