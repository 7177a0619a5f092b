"""The statement of hours: what was ordered, used and left, for those who see the project."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from plans.actions import order_hours
from plans.models import Subscription
from supportdesk.accounts.models import Membership, MembershipProject
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk, make_desk
from tests.tickets.pages import as_, filed, queries, text_of
from tickets.models import Ticket, TimeEntry

pytestmark = pytest.mark.django_db
PAGE = "/commercetools/organization/hours/"
DESK = "/commercetools/desk/organizations/northwind/"


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """2 March 2026, in the first quarter."""
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def commerce(db: None) -> Desk:
    return make_desk("commercetools", plan="premium")


def words(client: Client, path: str = PAGE) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return text_of(response.content.decode())


def order(desk: Desk, hours: int | None) -> None:
    with vendor_scope(desk.vendor):
        bought = Subscription.objects.get()
        order_hours(bought, hours={"expert-services": hours}, by=desk.dan, at=MONDAY)


def spend(desk: Desk, ticket: Ticket, minutes: int, **more: object) -> None:
    with vendor_scope(desk.vendor):
        said = {"is_billable": True, "allowance": "expert-services", "created_at": MONDAY} | more
        TimeEntry.objects.create(ticket=ticket, person=desk.carol, minutes=minutes, spent_on=MONDAY, **said)


def test_says_what_is_used_and_left_by_quarter(commerce: Desk) -> None:
    order(commerce, 32)
    ticket = filed(commerce, priority="S3", is_shared=True)
    spend(commerce, ticket, 90)
    spend(commerce, ticket, 45, is_billable=False, allowance="")
    said = words(as_(commerce.bob.user))
    assert "32 hours a quarter were ordered. Hours not used do not carry over." in said
    assert "1 January 2026 – 31 March 2026 now 1 h 30 min used 30 h 30 min left" in said
    assert f"#{ticket.number} Checkout is down" in said


def test_says_so_where_the_order_is_not_written_down(commerce: Desk) -> None:
    said = words(as_(commerce.alice.user))
    assert "How many hours were ordered is not written down yet." in said
    assert "left: not known" in said
    assert "Nothing has been taken from them so far." in said


def test_more_than_was_ordered_is_said(commerce: Desk) -> None:
    order(commerce, 16)
    spend(commerce, filed(commerce, priority="S3"), 17 * 60)
    assert "1 h more than ordered" in words(as_(commerce.grace.user))


def test_a_private_tickets_subject_stays_private(commerce: Desk) -> None:
    spend(commerce, filed(commerce, priority="S3"), 60)
    assert "A private ticket of a colleague" in words(as_(commerce.bob.user))
    assert "Checkout is down" in words(as_(commerce.alice.user))
    assert "Checkout is down" in words(as_(commerce.carol.user), f"{DESK}hours/")


def test_of_projects_that_one_does_not_see_nothing_is_said(commerce: Desk) -> None:
    with vendor_scope(commerce.vendor):
        other = factories.ProjectFactory.create(organization=commerce.organization, slug="other", name="Other")
        MembershipProject.objects.create(membership=commerce.bob, project=other)
    assert "No hours come with the plans here" in words(as_(commerce.bob.user))


def test_a_plan_without_hours_says_so(oro: Desk) -> None:
    assert "No hours come with the plans here" in words(as_(oro.alice.user), "/orocloud/organization/hours/")


def test_costs_the_same_with_one_entry_and_with_fifty(commerce: Desk) -> None:
    ticket = filed(commerce, priority="S3")
    spend(commerce, ticket, 5)
    alice = as_(commerce.alice.user)
    words(alice)
    few = queries(alice, PAGE)
    for _ in range(49):
        spend(commerce, ticket, 5)
    assert queries(alice, PAGE) == few


class TestOrdering:
    def test_a_lead_writes_it_down_on_the_project(self, commerce: Desk) -> None:
        with vendor_scope(commerce.vendor):
            bought = Subscription.objects.get()
        address = f"{DESK}projects/{commerce.project.pk}/subscriptions/{bought.pk}/hours/"
        dan = as_(commerce.dan.user)
        assert "The hours ordered are saved." in text_of(
            dan.post(address, {"expert-services": "60"}, follow=True).content.decode()
        )
        assert "60 hours a quarter were ordered." in words(dan, f"{DESK}hours/")
        assert dan.post(address, {"expert-services": "17"}).status_code == 422
        assert as_(commerce.carol.user).post(address, {"expert-services": "16"}).status_code == 403

    def test_only_in_sizes_that_are_sold(self, commerce: Desk) -> None:
        with pytest.raises(ValidationError, match="not sold in this many hours"):
            order(commerce, 17)
        order(commerce, 16)
        order(commerce, None)
        with vendor_scope(commerce.vendor):
            assert Subscription.objects.get().ordered_hours == {}

    def test_is_for_leads(self, commerce: Desk, mallory: Membership) -> None:
        with vendor_scope(commerce.vendor), pytest.raises(PermissionDenied):
            order_hours(Subscription.objects.get(), hours={}, by=commerce.carol, at=MONDAY)
        assert as_(mallory.user).get(PAGE).status_code == 404
