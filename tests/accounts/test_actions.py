"""Invitations: who may invite whom, and what the link is worth."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from supportdesk.accounts import actions
from supportdesk.accounts.models import AuditEntry, Invitation, Membership, Role
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk


@pytest.mark.django_db
class TestInviting:
    def test_an_admin_invites_an_agent_with_a_tier(self, in_oro: Desk) -> None:
        invitation, secret = actions.invite(
            email="New@Agent.example", role=Role.AGENT, tier=2, by=in_oro.erin, at=MONDAY
        )
        assert (invitation.email, invitation.tier) == ("new@agent.example", 2)
        assert invitation.secret_hash == Invitation.hash_of(secret)
        assert secret not in str(vars(invitation))
        assert AuditEntry.objects.get(action="invitation.sent").by == in_oro.erin

    def test_a_manager_invites_into_their_own_organization(self, in_oro: Desk) -> None:
        invitation, _secret = actions.invite(
            email="x@northwind.example",
            role=Role.CUSTOMER,
            organization=in_oro.organization,
            by=in_oro.grace,
            at=MONDAY,
        )
        assert invitation.organization == in_oro.organization

    def test_a_manager_may_not_invite_elsewhere_or_staff(self, in_oro: Desk) -> None:
        elsewhere = factories.OrganizationFactory.create(slug="southwind")
        for role, organization in ((Role.CUSTOMER, elsewhere), (Role.AGENT, None), (Role.ADMIN, None)):
            with pytest.raises(PermissionDenied):
                actions.invite(email="x@x.example", role=role, organization=organization, by=in_oro.grace, at=MONDAY)

    def test_an_agent_adds_a_contact(self, in_oro: Desk) -> None:
        invitation, _secret = actions.invite(
            email="x@northwind.example",
            role=Role.CUSTOMER,
            organization=in_oro.organization,
            by=in_oro.carol,
            at=MONDAY,
        )
        assert invitation.organization == in_oro.organization

    @pytest.mark.parametrize(
        ("who", "role"), [("alice", Role.CUSTOMER), ("carol", Role.MANAGER), ("carol", Role.AGENT)]
    )
    def test_customers_invite_nobody_and_agents_give_no_power(self, in_oro: Desk, who: str, role: Role) -> None:
        organization = in_oro.organization if role is not Role.AGENT else None
        with pytest.raises(PermissionDenied):
            actions.invite(
                email="x@x.example", role=role, organization=organization, by=getattr(in_oro, who), at=MONDAY
            )

    def test_nobody_but_an_operator_makes_operators(self, in_oro: Desk) -> None:
        with pytest.raises(PermissionDenied):
            actions.invite(email="x@x.example", role=Role.OPERATOR, by=in_oro.erin, at=MONDAY)

    def test_somebody_with_access_is_not_invited_again(self, in_oro: Desk) -> None:
        with pytest.raises(ValidationError, match="has access already"):
            actions.invite(email=in_oro.carol.user.email, role=Role.AGENT, by=in_oro.erin, at=MONDAY)

    def test_inviting_again_makes_the_earlier_link_worthless(self, in_oro: Desk) -> None:
        _first, old = actions.invite(email="x@x.example", role=Role.AGENT, by=in_oro.erin, at=MONDAY)
        actions.invite(email="x@x.example", role=Role.LEAD, by=in_oro.erin, at=MONDAY)
        assert not Invitation.objects.filter(secret_hash=Invitation.hash_of(old)).exists()
        assert Invitation.objects.get().role == Role.LEAD


@pytest.mark.django_db
class TestAccepting:
    @pytest.fixture
    def invitation(self, in_oro: Desk) -> Invitation:
        return actions.invite(email="zoe@agent.example", role=Role.AGENT, tier=1, by=in_oro.erin, at=MONDAY)[0]

    def test_makes_the_membership_once(self, invitation: Invitation) -> None:
        user = factories.UserFactory.create(name="Zoe", email="zoe@agent.example")
        membership = actions.accept(invitation, user=user, at=MONDAY + timedelta(days=1))
        assert (membership.role, membership.tier) == (Role.AGENT, 1)
        with pytest.raises(ValidationError, match="has been used"):
            actions.accept(invitation, user=user, at=MONDAY + timedelta(days=2))

    def test_ends_after_two_weeks(self, invitation: Invitation) -> None:
        user = factories.UserFactory.create(name="Zoe", email="zoe@agent.example")
        with pytest.raises(ValidationError, match="expired"):
            actions.accept(invitation, user=user, at=MONDAY + actions.INVITATION_LIFE)

    def test_is_for_the_invited_address_only(self, in_oro: Desk, invitation: Invitation) -> None:
        with pytest.raises(ValidationError, match="another e-mail address"):
            actions.accept(invitation, user=in_oro.alice.user, at=MONDAY)
        assert not Membership.objects.filter(role=Role.AGENT, user=in_oro.alice.user).exists()


@pytest.mark.django_db
def test_one_person_may_have_a_place_at_two_vendors(oro: Desk) -> None:
    other = factories.VendorFactory.create(slug="elsewhere")
    with vendor_scope(other):
        factories.StaffFactory.create(user=oro.alice.user)
        assert Membership.objects.get().role == Role.AGENT
    with vendor_scope(oro.vendor):
        assert Membership.objects.get(user=oro.alice.user).role == Role.CUSTOMER
