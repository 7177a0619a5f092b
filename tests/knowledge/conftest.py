from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from supportdesk.accounts.models import Membership, Role
from supportdesk.knowledge import actions
from supportdesk.knowledge.models import Article, Audience, Section
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY


@dataclass(slots=True)
class Shelves:
    """OroCloud's people, with a section for customers and one for the team; no contract is loaded, none is needed."""

    vendor: Any
    alice: Membership
    bob: Membership
    carol: Membership
    dan: Membership
    guides: Section
    inside: Section
    articles: dict[str, Article] = field(default_factory=dict)

    def add(self, title: str, body: str = "Text.", *, published: bool = True, **more: Any) -> Article:
        """An article for customers, unless ``section`` says otherwise."""
        section = more.pop("section", self.guides)
        article = actions.write(title=title, body=body, section=section, by=self.carol, at=MONDAY, **more)
        return actions.publish(article, by=self.carol, at=MONDAY) if published else article


@pytest.fixture
def shelves(db: None) -> Shelves:
    """No scope is active."""
    vendor = factories.VendorFactory.create(slug="orocloud", name="OroCloud")
    with vendor_scope(vendor):
        organization = factories.OrganizationFactory.create()
        alice, bob = (
            factories.MembershipFactory.create(
                user=factories.UserFactory.create(name=name, email=f"{name.lower()}@northwind.example"),
                organization=organization,
            )
            for name in ("Alice", "Bob")
        )
        carol, dan = (
            factories.StaffFactory.create(
                user=factories.UserFactory.create(name=name, email=f"{name.lower()}@orocloud.example"), role=role
            )
            for name, role in (("Carol", Role.AGENT), ("Dan", Role.LEAD))
        )
        guides = actions.add_section(name="Guides", audience=Audience.EXTERNAL, by=dan, at=MONDAY)
        inside = actions.add_section(name="How we work", audience=Audience.INTERNAL, by=dan, at=MONDAY)
    return Shelves(vendor, alice, bob, carol, dan, guides, inside)


@pytest.fixture
def in_oro(shelves: Shelves) -> Iterator[Shelves]:
    """The same, in OroCloud's scope."""
    with vendor_scope(shelves.vendor):
        yield shelves


@pytest.fixture
def queries_are(django_assert_num_queries: Any) -> Callable[..., Any]:
    return django_assert_num_queries  # type: ignore[no-any-return]
