"""Getting to the right desk, people, invitations, the profile."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from supportdesk.accounts import actions
from supportdesk.accounts.models import Invitation, Membership, Role, User
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import Desk

pytestmark = pytest.mark.django_db

PEOPLE = "/orocloud/people/"
INVITE = "/orocloud/people/invitations/"


def _signed_in(client: Client, who: Membership) -> Client:
    client.force_login(who.user)
    return client


def _link(body: str) -> str:
    found = re.search(r"/accounts/invitation/\S+", body)
    assert found is not None
    return found[0]


class TestHome:
    def test_asks_strangers_to_sign_in(self, client: Client) -> None:
        assert client.get("/")["Location"] == "/accounts/login/"

    def test_sends_staff_to_the_queue_and_customers_to_their_tickets(self, client: Client, oro: Desk) -> None:
        assert _signed_in(client, oro.carol).get("/", follow=True).request["PATH_INFO"] == "/orocloud/desk/"
        assert _signed_in(client, oro.alice).get("/", follow=True).request["PATH_INFO"] == "/orocloud/tickets/"

    def test_offers_the_choice_to_people_of_several_desks(self, client: Client, oro: Desk, mallory: Membership) -> None:
        with vendor_scope(mallory.vendor):
            factories.StaffFactory(user=oro.carol.user)
        page = _signed_in(client, oro.carol).get("/").content.decode()
        assert 'href="/orocloud/"' in page
        assert 'href="/elsewhere/"' in page

    def test_says_what_to_do_to_somebody_without_a_desk(self, client: Client, db: None) -> None:
        client.force_login(User.objects.create_user("new@people.example", "correct horse battery", name="New"))
        page = client.get("/").content.decode()
        assert "no place at a desk" in page
        assert "new@people.example" in page


class TestProfile:
    def test_keeps_name_and_zone(self, client: Client, oro: Desk) -> None:
        _signed_in(client, oro.carol).post("/accounts/profile/", {"name": "Carol Oduya", "zone": "America/Denver"})
        oro.carol.user.refresh_from_db()
        assert (oro.carol.user.name, oro.carol.user.zone) == ("Carol Oduya", "America/Denver")

    def test_an_unknown_zone_is_named_and_nothing_is_lost(self, client: Client, oro: Desk) -> None:
        page = _signed_in(client, oro.carol).post("/accounts/profile/", {"name": "Carol O.", "zone": "Mars/Olympus"})
        text = page.content.decode()
        assert "There is a problem" in text
        assert 'value="Carol O."' in text


class TestPeople:
    def test_staff_see_everybody_on_the_desk(self, client: Client, oro: Desk) -> None:
        page = _signed_in(client, oro.carol).get(PEOPLE).content.decode()
        for name in ("alice@", "grace@", "dan@", "erin@"):
            assert name in page
        assert 'class="rail' in page

    def test_customers_see_their_own_organization_only(self, client: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            other = factories.OrganizationFactory(slug="fabrikam")
            user = factories.UserFactory(name="Henrik", email="henrik@fabrikam.example")
            factories.MembershipFactory(user=user, organization=other)
        page = _signed_in(client, oro.alice).get(PEOPLE, follow=True).content.decode()
        assert "bob@orocloud.example" in page
        assert "henrik@" not in page
        assert "carol@" not in page

    def test_only_those_who_may_invite_are_offered_the_form(self, client: Client, oro: Desk) -> None:
        for who, may in ((oro.alice, False), (oro.grace, True), (oro.carol, True), (oro.dan, True), (oro.erin, True)):
            page = _signed_in(client, who).get(PEOPLE, follow=True).content.decode()
            assert ("Invite somebody" in page) is may, who.name

    def test_mallory_finds_nothing(self, client: Client, oro: Desk, mallory: Membership) -> None:
        assert _signed_in(client, mallory).get(PEOPLE).status_code == 404


class TestInvitation:
    def test_a_newcomer_joins_by_the_link_with_a_name_and_a_password(self, client: Client, oro: Desk) -> None:
        data = {"email": "frank@northwind.example", "role": Role.CUSTOMER, "organization": oro.organization.pk}
        _signed_in(client, oro.erin).post(INVITE, data)
        link = _link(str(mail.outbox[-1].body))
        newcomer = Client()
        assert "Join OroCloud" in newcomer.get(link).content.decode()
        answer = newcomer.post(link, {"name": "Frank", "password": "correct horse battery"}, follow=True)
        assert answer.request["PATH_INFO"] == "/orocloud/tickets/"
        with vendor_scope(oro.vendor):
            assert Membership.objects.get(user__email="frank@northwind.example").organization == oro.organization

    def test_a_weak_password_is_refused_beside_its_field(self, client: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            _, secret = actions.invite(email="frank@x.example", role=Role.AGENT, by=oro.erin, at=timezone.now())
        page = client.post(f"/accounts/invitation/{secret}/", {"name": "Frank", "password": "short"}).content.decode()
        assert "There is a problem" in page
        assert 'value="Frank"' in page

    def test_the_link_works_once(self, client: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            _, secret = actions.invite(email="frank@x.example", role=Role.AGENT, by=oro.erin, at=timezone.now())
        link = f"/accounts/invitation/{secret}/"
        client.post(link, {"name": "Frank", "password": "correct horse battery"})
        assert Client().get(link).status_code == 410

    def test_an_old_or_invented_link_says_so(self, client: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            long_ago = timezone.now() - timedelta(days=15)
            _, secret = actions.invite(email="frank@x.example", role=Role.AGENT, by=oro.erin, at=long_ago)
        for each in (secret, "invented"):
            answer = client.get(f"/accounts/invitation/{each}/")
            assert answer.status_code == 410
            assert "This invitation is over" in answer.content.decode()

    def test_somebody_who_is_in_already_is_named_beside_the_field(self, client: Client, oro: Desk) -> None:
        data = {"email": "carol@orocloud.example", "role": Role.AGENT}
        answer = _signed_in(client, oro.erin).post(INVITE, data)
        assert answer.status_code == 422
        assert "carol@orocloud.example has access already." in answer.content.decode()

    def test_a_manager_cannot_invite_an_agent(self, client: Client, oro: Desk) -> None:
        data = {"email": "frank@x.example", "role": Role.AGENT, "organization": oro.organization.pk}
        assert _signed_in(client, oro.grace).post(INVITE, data).status_code == 403
        assert client.post("/orocloud/organization/invitations/", data).status_code == 422
        assert mail.outbox == []

    def test_is_listed_until_it_is_withdrawn(self, client: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            kept, _ = actions.invite(email="frank@x.example", role=Role.AGENT, by=oro.erin, at=timezone.now())
        page = _signed_in(client, oro.erin).get(PEOPLE).content.decode()
        assert "frank@x.example" in page
        client.post(f"{INVITE}{kept.pk}/withdrawal/")
        with vendor_scope(oro.vendor):
            assert not Invitation.objects.exists()

    def test_an_agent_may_not_withdraw(self, client: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            kept, _ = actions.invite(email="frank@x.example", role=Role.AGENT, by=oro.erin, at=timezone.now())
        assert _signed_in(client, oro.carol).post(f"{INVITE}{kept.pk}/withdrawal/").status_code == 403


class TestAccountPages:
    """What one's account shows before anything is set up."""

    @pytest.mark.parametrize("path", ["email/", "password/change/", "2fa/", "2fa/recovery-codes/"])
    def test_are_there(self, client: Client, oro: Desk, path: str) -> None:
        response = _signed_in(client, oro.alice).get(f"/accounts/{path}")
        assert response.status_code in (200, 302, 404)

    def test_two_step_sign_in_says_that_it_is_off(self, client: Client, oro: Desk) -> None:
        assert "Set up" in _signed_in(client, oro.alice).get("/accounts/2fa/").content.decode()
