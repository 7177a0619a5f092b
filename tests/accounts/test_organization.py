"""An organization's pages: who runs it, what its people see, and what it is promised."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from plans.actions import subscribe
from plans.models import Plan
from supportdesk.accounts import actions, tokens
from supportdesk.accounts.models import (
    AuditEntry,
    Invitation,
    Membership,
    MembershipProject,
    Organization,
    Project,
    Role,
)
from supportdesk.accounts.models.api_token import TokenScope
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk
from tickets import actions as ticket_actions
from tickets.audience import readers
from tickets.errors import Refused
from tickets.forms import NewTicketForm
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
PAGE = "/orocloud/organization/"
DESK = "/orocloud/desk/organizations/northwind/"


def as_(who: Membership) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def undo_of(client: Client, page: str = PAGE) -> str:
    """The address of the undo button beside the message that is shown next."""
    html = client.get(page).content.decode()
    found = re.search(r'action="([^"]+)">(?:(?!</form>).)*Undo', html, re.DOTALL)
    assert found is not None, "nothing can be undone"
    return found[1].replace("&amp;", "&")


@pytest.fixture
def dealers(oro: Desk) -> Project:
    with vendor_scope(oro.vendor):
        project = factories.ProjectFactory.create(organization=oro.organization, slug="dealers", name="Dealer portal")
        plan = Plan.objects.first()
        assert plan is not None
        subscribe(project=project, plan=plan, starts_on=factories.LONG_AGO.date(), by=None, at=factories.LONG_AGO)
        return project


def limit(oro: Desk, who: Membership, *projects: Project) -> None:
    actions.change_person(who, role=Role.CUSTOMER, projects=projects, by=oro.grace, at=MONDAY)


class TestWhoMayOpenIt:
    def test_its_people_read_and_its_manager_runs_it(self, oro: Desk) -> None:
        for who, may in ((oro.alice, False), (oro.grace, True)):
            page = as_(who).get(PAGE).content.decode()
            assert "bob@orocloud.example" in page
            assert ("Invite somebody" in page) is may

    def test_staff_read_any_and_add_contacts_to_it(self, oro: Desk) -> None:
        for who, may in ((oro.carol, True), (oro.dan, True), (oro.erin, True)):
            page = as_(who).get(DESK).content.decode()
            assert "bob@orocloud.example" in page
            assert ("Invite somebody" in page) is may

    def test_anothers_is_not_there(self, oro: Desk, mallory: Membership) -> None:
        with vendor_scope(oro.vendor):
            factories.OrganizationFactory.create(slug="southwind")
        assert as_(oro.grace).get("/orocloud/desk/organizations/southwind/").status_code == 404
        assert as_(oro.grace).get(DESK).status_code == 404
        assert as_(mallory).get(PAGE).status_code == 404
        assert as_(mallory).get(DESK).status_code == 404

    def test_people_of_another_organization_are_not_there(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            elsewhere = factories.OrganizationFactory.create(slug="southwind")
            user = factories.UserFactory.create(name="Sam", email="sam@southwind.example")
            sam = factories.MembershipFactory.create(user=user, organization=elsewhere)
        grace = as_(oro.grace)
        assert grace.get(f"{PAGE}people/{sam.pk}/").status_code == 404
        assert grace.post(f"{PAGE}people/{sam.pk}/removal/").status_code == 404
        assert grace.get(f"{PAGE}people/{oro.carol.pk}/").status_code == 404

    @pytest.mark.parametrize("who", ["alice", "carol"])
    def test_readers_change_nothing(self, oro: Desk, who: str) -> None:
        client, place = as_(getattr(oro, who)), DESK if who == "carol" else PAGE
        for path in ("invitations/", "sharing/", f"people/{oro.bob.pk}/", f"people/{oro.bob.pk}/removal/"):
            answer = client.post(place + path, {"role": "manager", "shares": "1", "email": "x@northwind.example"})
            assert answer.status_code == (422 if (who, path) == ("carol", "invitations/") else 403), path
        with vendor_scope(oro.vendor):
            assert not AuditEntry.objects.filter(action__in=["person.changed", "person.removed"]).exists()

    def test_staff_find_organizations_by_name(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            factories.OrganizationFactory.create(slug="southwind", name="Southwind")
        page = as_(oro.carol).get("/orocloud/desk/organizations/?q=south").content.decode()
        assert "Southwind" in page
        assert ">Northwind<" not in page

    def test_costs_the_same_with_three_people_and_with_thirty(self, oro: Desk) -> None:
        grace = as_(oro.grace)
        grace.get(PAGE)
        with CaptureQueriesContext(connection) as few:
            grace.get(PAGE)
        with vendor_scope(oro.vendor):
            for number in range(30):
                user = factories.UserFactory.create(name=f"P{number}")
                person = factories.MembershipFactory.create(user=user, organization=oro.organization)
                MembershipProject.objects.create(membership=person, project=oro.project)
        with CaptureQueriesContext(connection) as many:
            grace.get(PAGE)
        assert len(many) <= len(few) + 1  # the projects of those who have some


class TestProjectsSeen:
    @pytest.fixture
    def tickets(self, oro: Desk, dealers: Project) -> dict[str, Ticket]:
        with vendor_scope(oro.vendor):
            return {
                project.slug: ticket_actions.open_ticket(
                    by=oro.alice,
                    at=MONDAY,
                    project=project,
                    priority=oro.priority("P2"),
                    subject=project.slug,
                    body="Text.",
                    is_shared=True,
                )
                for project in (oro.project, dealers)
            }

    def test_nobody_is_limited_at_first(self, oro: Desk, tickets: dict[str, Ticket]) -> None:
        with vendor_scope(oro.vendor):
            assert set(Ticket.objects.visible_to(oro.bob)) == set(tickets.values())

    def test_a_limit_holds_at_the_only_door(self, oro: Desk, dealers: Project, tickets: dict[str, Ticket]) -> None:
        with vendor_scope(oro.vendor):
            limit(oro, oro.bob, dealers)
            assert set(Ticket.objects.visible_to(oro.bob)) == {tickets["dealers"]}
            limit(oro, oro.alice, dealers)
            assert set(Ticket.objects.visible_to(oro.alice)) == {tickets["dealers"]}, "also for one's own"
        assert as_(oro.bob).get(f"/orocloud/tickets/{tickets['shop'].number}/").status_code == 404

    def test_managers_are_never_limited(self, oro: Desk, dealers: Project, tickets: dict[str, Ticket]) -> None:
        with vendor_scope(oro.vendor):
            actions.change_person(oro.bob, role=Role.MANAGER, projects=[dealers], by=oro.grace, at=MONDAY)
            bob = Membership.objects.get(pk=oro.bob.pk)
            assert not bob.projects.exists()
            assert set(Ticket.objects.visible_to(bob)) == set(tickets.values())

    def test_a_limit_to_a_project_that_ended_does_not_become_everything(
        self, oro: Desk, dealers: Project, tickets: dict[str, Ticket]
    ) -> None:
        with vendor_scope(oro.vendor):
            limit(oro, oro.bob, dealers)
            Project.objects.filter(pk=dealers.pk).update(is_active=False)
            assert set(Ticket.objects.visible_to(oro.bob)) == {tickets["dealers"]}
        page = as_(oro.grace).get(f"{PAGE}people/{oro.bob.pk}/").content.decode()
        assert "Dealer portal" in page, "so that saving the form again keeps it"

    def test_the_form_offers_only_these(self, oro: Desk, dealers: Project) -> None:
        with vendor_scope(oro.vendor):
            limit(oro, oro.bob, dealers)
            offered = NewTicketForm(by=oro.bob).fields["project"].queryset  # type: ignore[attr-defined]
            assert list(offered) == [dealers]

    def test_filing_elsewhere_is_refused_whatever_is_sent(self, oro: Desk, dealers: Project) -> None:
        with vendor_scope(oro.vendor):
            limit(oro, oro.bob, dealers)
            with pytest.raises(Refused, match="does not see Shop"):
                ticket_actions.open_ticket(
                    by=oro.carol,
                    requester=oro.bob,
                    at=MONDAY,
                    project=oro.project,
                    priority=oro.priority("P2"),
                    subject="x",
                    body="x",
                )

    def test_the_api_refuses_too(self, oro: Desk, dealers: Project, tickets: dict[str, Ticket]) -> None:
        with vendor_scope(oro.vendor):
            limit(oro, oro.bob, dealers)
            _token, secret = tokens.create(name="x", scopes=list(TokenScope), days=1, by=oro.bob, at=timezone.now())
        headers = {"Authorization": f"Bearer {secret}"}
        api = "/orocloud/api/v1/tickets/"
        sent = {"project": "shop", "priority": "P2", "subject": "x", "body": "x"}
        answer = Client().post(api, sent, content_type="application/json", headers=headers)
        assert answer.status_code == 400
        assert "project" in answer.json()
        listed = Client().get(api, headers=headers).json()["results"]
        assert [each["subject"] for each in listed] == ["dealers"]
        assert Client().get(f"{api}{tickets['shop'].number}/", headers=headers).status_code == 404

    def test_nobody_is_told_of_what_they_no_longer_see(
        self, oro: Desk, dealers: Project, tickets: dict[str, Ticket]
    ) -> None:
        with vendor_scope(oro.vendor):
            shop = tickets["shop"]
            ticket_actions.follow(shop, who=oro.bob, by=oro.alice, at=MONDAY)
            assert set(readers(shop)) == {oro.alice, oro.bob}
            limit(oro, oro.bob, dealers)
            limit(oro, oro.alice, dealers)
            assert readers(shop) == []

    def test_who_does_not_see_the_project_cannot_follow(
        self, oro: Desk, dealers: Project, tickets: dict[str, Ticket]
    ) -> None:
        with vendor_scope(oro.vendor):
            limit(oro, oro.bob, dealers)
            with pytest.raises(Refused, match="does not see Shop"):
                ticket_actions.follow(tickets["shop"], who=oro.bob, by=oro.grace, at=MONDAY)

    def test_a_project_of_another_organization_is_refused(self, in_oro: Desk) -> None:
        theirs = factories.ProjectFactory.create(organization=factories.OrganizationFactory.create(slug="southwind"))
        with pytest.raises(ValidationError, match="another organization"):
            limit(in_oro, in_oro.bob, theirs)

    def test_an_invitation_carries_the_limit(self, oro: Desk, dealers: Project) -> None:
        data = {"email": "frank@northwind.example", "role": "customer", "projects": [dealers.pk]}
        assert as_(oro.grace).post(f"{PAGE}invitations/", data).status_code == 302
        link = re.search(r"/accounts/invitation/\S+", str(mail.outbox[-1].body))
        assert link is not None
        Client().post(link[0], {"name": "Frank", "password": "correct horse battery"})
        with vendor_scope(oro.vendor):
            frank = Membership.objects.get(user__email="frank@northwind.example")
            assert [each.project for each in frank.projects.all()] == [dealers]


class TestPeople:
    def test_a_change_is_told_kept_on_record_and_undone(self, oro: Desk, dealers: Project) -> None:
        grace = as_(oro.grace)
        grace.post(f"{PAGE}people/{oro.bob.pk}/", {"role": "customer", "projects": [dealers.pk]})
        with vendor_scope(oro.vendor):
            entry = AuditEntry.objects.get(action="person.changed")
            assert (entry.by, entry.data["projects"]) == (oro.grace, {"from": [], "to": [dealers.pk]})
        undo = undo_of(grace)
        assert grace.post(undo).status_code == 302
        with vendor_scope(oro.vendor):
            assert not MembershipProject.objects.exists()

    def test_saving_what_is_already_so_writes_nothing(self, in_oro: Desk) -> None:
        actions.change_person(in_oro.bob, role=Role.CUSTOMER, projects=[], by=in_oro.grace, at=MONDAY)
        assert not AuditEntry.objects.filter(action="person.changed").exists()

    def test_somebody_removed_is_out_at_once_and_comes_back_by_undo(self, oro: Desk) -> None:
        grace, bob = as_(oro.grace), as_(oro.bob)
        assert bob.get("/orocloud/tickets/").status_code == 200
        grace.post(f"{PAGE}people/{oro.bob.pk}/removal/")
        assert bob.get("/orocloud/tickets/").status_code == 404
        grace.post(undo_of(grace))
        assert bob.get("/orocloud/tickets/").status_code == 200
        with vendor_scope(oro.vendor):
            told = AuditEntry.objects.filter(action__startswith="person.").order_by("pk")
            assert [entry.action for entry in told] == ["person.removed", "person.restored"]

    def test_who_left_can_be_given_access_again_later(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            actions.remove_person(oro.bob, by=oro.grace, at=MONDAY)
        page = as_(oro.grace).get(PAGE).content.decode()
        assert f"{PAGE}people/{oro.bob.pk}/return/" in page
        assert f"{PAGE}people/{oro.bob.pk}/return/" not in as_(oro.alice).get(PAGE).content.decode()

    def test_nobody_removes_themself(self, oro: Desk) -> None:
        answer = as_(oro.grace).post(f"{PAGE}people/{oro.grace.pk}/removal/", follow=True)
        assert "You cannot remove yourself" in answer.content.decode()

    def test_an_organization_keeps_a_manager(self, oro: Desk) -> None:
        answer = as_(oro.grace).post(f"{PAGE}people/{oro.grace.pk}/", {"role": "customer"})
        assert answer.status_code == 422
        assert "keeps at least one manager" in answer.content.decode()
        with vendor_scope(oro.vendor):
            actions.change_person(oro.grace, role=Role.CUSTOMER, projects=[], by=oro.dan, at=MONDAY)
            assert Membership.objects.get(pk=oro.grace.pk).role == Role.CUSTOMER

    @pytest.mark.parametrize("role", ["agent", "admin", "operator", "king"])
    def test_a_manager_makes_nobody_staff(self, oro: Desk, role: str) -> None:
        assert as_(oro.grace).post(f"{PAGE}people/{oro.bob.pk}/", {"role": role}).status_code == 422
        data = {"email": "x@x.example", "role": role}
        assert as_(oro.grace).post(f"{PAGE}invitations/", data).status_code == 422
        with vendor_scope(oro.vendor), pytest.raises((ValidationError, PermissionDenied)):
            actions.change_person(oro.bob, role=Role.ADMIN, projects=[], by=oro.grace, at=MONDAY)

    def test_an_invitation_is_withdrawn_by_undo(self, oro: Desk) -> None:
        grace = as_(oro.grace)
        grace.post(f"{PAGE}invitations/", {"email": "frank@northwind.example", "role": "customer"})
        grace.post(undo_of(grace))
        with vendor_scope(oro.vendor):
            assert not Invitation.objects.exists()
            assert AuditEntry.objects.filter(action="invitation.withdrawn").exists()

    def test_an_invitation_elsewhere_is_not_there_to_be_withdrawn(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            theirs = factories.OrganizationFactory.create(slug="southwind")
            sent, _secret = actions.invite(
                email="x@x.example", role=Role.CUSTOMER, organization=theirs, by=oro.dan, at=MONDAY
            )
        assert as_(oro.grace).post(f"{PAGE}invitations/{sent.pk}/withdrawal/").status_code == 404


class TestSharing:
    def test_is_said_in_the_vendors_words(self, oro: Desk) -> None:
        assert "Shared with the group" in as_(oro.grace).get(PAGE).content.decode()

    def test_decides_how_the_next_ticket_begins_and_is_undone(self, oro: Desk) -> None:
        grace = as_(oro.grace)
        grace.post(f"{PAGE}sharing/", {"shares": "1"})
        with vendor_scope(oro.vendor):
            bob = Membership.objects.select_related("organization").get(pk=oro.bob.pk)
            assert NewTicketForm(by=bob).fields["is_shared"].initial is True
            assert AuditEntry.objects.get(action="organization.sharing_changed").data == {"shares": True}
        grace.post(undo_of(grace))
        with vendor_scope(oro.vendor):
            assert not Organization.objects.get(pk=oro.organization.pk).shares_by_default


def test_an_invitation_older_than_its_projects_is_not_accepted(oro: Desk, dealers: Project) -> None:
    with vendor_scope(oro.vendor):
        sent, _secret = actions.invite(
            email="frank@x.example",
            role=Role.CUSTOMER,
            organization=oro.organization,
            projects=[dealers],
            by=oro.grace,
            at=MONDAY,
        )
        Invitation.objects.filter(pk=sent.pk).update(projects=[0])
        user = factories.UserFactory.create(name="Frank", email="frank@x.example")
        with pytest.raises(ValidationError, match="gone"):
            actions.accept(sent, user=user, at=MONDAY + timedelta(days=1))
