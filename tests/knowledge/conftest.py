from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from supportdesk.accounts.models import Membership, Vendor
from supportdesk.knowledge import actions
from supportdesk.knowledge.models import Article, Audience, Section
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk


@dataclass(slots=True)
class Shelves:
    """OroCloud's people, with a section for customers and one for the team."""

    vendor: Vendor
    alice: Membership
    bob: Membership
    carol: Membership
    dan: Membership
    erin: Membership
    guides: Section
    inside: Section

    def add(self, title: str, body: str = "Text.", *, published: bool = True, **more: Any) -> Article:
        """An article for customers, unless ``section`` says otherwise."""
        section = more.pop("section", self.guides)
        article = actions.write(title=title, body=body, section=section, by=self.carol, at=MONDAY, **more)
        return actions.publish(article, by=self.carol, at=MONDAY) if published else article


@pytest.fixture
def shelves(oro: Desk) -> Shelves:
    """No scope is active."""
    with vendor_scope(oro.vendor):
        guides = actions.add_section(name="Guides", audience=Audience.EXTERNAL, by=oro.dan, at=MONDAY)
        inside = actions.add_section(name="How we work", audience=Audience.INTERNAL, by=oro.dan, at=MONDAY)
    return Shelves(oro.vendor, oro.alice, oro.bob, oro.carol, oro.dan, oro.erin, guides, inside)


@pytest.fixture
def in_oro(shelves: Shelves) -> Iterator[Shelves]:
    """The same, in OroCloud's scope."""
    with vendor_scope(shelves.vendor):
        yield shelves


@pytest.fixture
def queries_are(django_assert_num_queries: Any) -> Callable[..., Any]:
    return django_assert_num_queries  # type: ignore[no-any-return]


@pytest.fixture
def visit(client: Client) -> Callable[[Membership], Client]:
    """The client, signed in as somebody."""

    def signed_in(who: Membership) -> Client:
        client.force_login(who.user)
        return client

    return signed_in
