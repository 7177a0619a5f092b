"""Who decides the severity: at Drud "it is solely up to the Tier Two team member"."""

from __future__ import annotations

import pytest

from supportdesk.accounts.models import Team, TeamMember
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk, make_desk
from tests.tickets.pages import as_, page
from tickets import actions
from tickets.errors import Refused
from tickets.models import Ticket
from tickets.severity import kept_from_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def drud() -> Desk:
    return make_desk("drud")


@pytest.fixture
def ticket(drud: Desk) -> Ticket:
    with vendor_scope(drud.vendor):
        return actions.open_ticket(
            by=drud.alice,
            at=MONDAY,
            project=drud.project,
            priority=drud.priority("High"),
            subject="The site is slow",
            body="Since noon.",
        )


def joins_tier_two(drud: Desk) -> None:
    TeamMember.objects.create(team=Team.objects.get(slug="tier-two"), membership=drud.carol)


class TestAtDrud:
    def test_an_agent_of_another_group_is_told_whose_it_is(self, drud: Desk, ticket: Ticket) -> None:
        with vendor_scope(drud.vendor), pytest.raises(Refused, match="decided by Tier Two alone") as refused:
            actions.triage(ticket, severity=drud.priority("Urgent"), by=drud.carol, at=MONDAY)
        assert refused.value.field == "severity"

    def test_tier_two_decides(self, drud: Desk, ticket: Ticket) -> None:
        with vendor_scope(drud.vendor):
            joins_tier_two(drud)
            after = actions.triage(ticket, severity=drud.priority("Urgent"), by=drud.carol, at=MONDAY)
        assert after.severity is not None

    def test_leads_admins_and_the_desk_itself_may(self, drud: Desk) -> None:
        with vendor_scope(drud.vendor):
            assert [kept_from_now(who) for who in (drud.dan, drud.erin, None)] == ["", "", ""]

    def test_leaving_it_as_it_is_needs_no_permission(self, drud: Desk, ticket: Ticket) -> None:
        with vendor_scope(drud.vendor):
            actions.triage(ticket, severity=None, by=drud.carol, at=MONDAY)

    def test_the_page_says_why_not_and_sends_no_severity(self, drud: Desk, ticket: Ticket) -> None:
        address = f"/drud/desk/tickets/{ticket.number}/"
        assert "Tier Two alone decides the severity" in page(as_(drud.carol.user), address)
        with vendor_scope(drud.vendor):
            joins_tier_two(drud)
        assert "Tier Two alone decides the severity" not in page(as_(drud.carol.user), address)

    def test_a_severity_that_is_sent_all_the_same_changes_nothing(self, drud: Desk, ticket: Ticket) -> None:
        with vendor_scope(drud.vendor):
            high, urgent = drud.priority("High").pk, drud.priority("Urgent").pk
        address = f"/drud/desk/tickets/{ticket.number}/triage/"
        as_(drud.carol.user).post(address, {"triage-priority": high, "triage-severity": urgent})
        with vendor_scope(drud.vendor):
            ticket.refresh_from_db()
        assert ticket.severity is None


def test_elsewhere_every_agent_decides(in_oro: Desk) -> None:
    assert kept_from_now(in_oro.carol) == ""
