"""Who stands behind a name of a policy's step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from escalation.whom import People
from plans.queries import current_contract
from supportdesk.accounts.actions import name_success_engineer
from supportdesk.accounts.models import Membership, Team, TeamMember
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import Desk, make_desk
from tests.escalation.nights import NIGHT, filed
from tickets.models import Ticket


@pytest.fixture
def desk(db: None) -> Iterator[Desk]:
    """Commercetools', where Carol and Erin see to customers' success."""
    desk = make_desk("commercetools", plan="premium", offering="platform")
    with vendor_scope(desk.vendor):
        team = Team.objects.get(slug="customer-success")
        for person in (desk.carol, desk.erin):
            TeamMember.objects.create(team=team, membership=person)
        yield desk


def found(*tickets: Ticket) -> list[list[tuple[str, str]]]:
    contract = current_contract()
    assert contract is not None
    people = People(contract, at=NIGHT, tickets=tickets)
    return [
        [(each.name, each.why) for each in people.finder(one, override_quiet=False)(WHOM, ("inbox",), NIGHT)]
        for one in tickets
    ]


WHOM = ("success-engineer",)
TEAM = [("Carol", "success engineer"), ("Erin", "success engineer")]
NAMED = [("Dan", "the customer’s success engineer")]


def test_the_success_engineer_is_the_customers_own(desk: Desk) -> None:
    ticket = filed(desk, "S1")
    name_success_engineer(desk.organization, person=desk.dan, by=desk.dan, at=NIGHT)
    assert found(ticket) == [NAMED]


def test_without_one_or_when_they_left_it_is_the_team(desk: Desk) -> None:
    ticket = filed(desk, "S1")
    assert found(ticket) == [TEAM]
    name_success_engineer(desk.organization, person=desk.dan, by=desk.dan, at=NIGHT)
    Membership.objects.filter(pk=desk.dan.pk).update(is_active=False)
    assert found(ticket) == [TEAM]


def test_each_customer_has_their_own_in_so_many_queries(desk: Desk) -> None:
    mine = filed(desk, "S1")
    name_success_engineer(desk.organization, person=desk.dan, by=desk.dan, at=NIGHT)
    others = [filed(desk, "S1") for _ in range(5)]
    counted = []
    for count in (1, 5):
        for ticket in others[:count]:
            slug = f"customer-{count}-{ticket.number}"
            ticket.organization = factories.OrganizationFactory.create(slug=slug, success_engineer=desk.erin)
        with CaptureQueriesContext(connection) as queries:
            assert found(mine, *others[:count]) == [NAMED] + [[("Erin", NAMED[0][1])]] * count
        counted.append(len(queries))
    assert counted[0] == counted[1]
