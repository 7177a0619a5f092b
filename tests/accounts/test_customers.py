"""Taking on a customer at the desk, and seeing to it that its people see what concerns them.

Drud: "Make sure you know how to add new contacts and new customers. When adding a new contact, make sure the contact
can see relevant tickets."
"""

from __future__ import annotations

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from plans.actions import subscribe, take_on
from plans.models import Plan, Subscription
from supportdesk.accounts import actions
from supportdesk.accounts.models import AuditEntry, EnvironmentKind, Membership, Organization, Project, Role
from supportdesk.accounts.queries import PAGE
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk, make_desk
from tests.tickets.pages import as_, filed, queries, text_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
LIST = "/orocloud/desk/organizations/"
NORTHWIND = f"{LIST}northwind/"
PROJECTS = f"{NORTHWIND}projects/"


@pytest.fixture(autouse=True)
def monday() -> object:
    with time_machine.travel(MONDAY, tick=False):
        yield


def words(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return text_of(response.content.decode())


def plan_of(desk: Desk) -> Plan:
    with vendor_scope(desk.vendor):
        return Plan.objects.get()


def southwind(desk: Desk, **changed: object) -> dict[str, object]:
    plan = plan_of(desk).pk
    return {"name": "Southwind", "project": "Web shop", "plan": plan, "starts_on": "2026-03-02"} | changed


def audited(desk: Desk) -> list[str]:
    with vendor_scope(desk.vendor):
        return list(AuditEntry.objects.filter(by__isnull=False).order_by("pk").values_list("action", flat=True))


class TestTakingOn:
    def test_makes_the_organization_its_project_and_what_is_bought(self, oro: Desk) -> None:
        response = as_(oro.dan.user).post(f"{LIST}new/", southwind(oro, last_day="2027-03-01"), follow=True)
        said = text_of(response.content.decode())
        assert "Southwind is added. Invite their people next." in said
        assert response.redirect_chain[-1][0] == f"{LIST}southwind/#invite"
        with vendor_scope(oro.vendor):
            bought = Subscription.objects.select_related("project__organization").get(project__name="Web shop")
            assert bought.project.organization.name == "Southwind"
            assert (bought.starts_on, bought.last_day) == (date(2026, 3, 2), date(2027, 3, 1))
        assert audited(oro) == ["organization.added", "project.added", "project.subscribed"]

    def test_without_a_plan_for_the_time_being(self, oro: Desk) -> None:
        assert as_(oro.erin.user).post(f"{LIST}new/", southwind(oro, plan="")).status_code == 302
        assert "No plan: tickets cannot be filed for it." in words(as_(oro.carol.user), f"{LIST}southwind/projects/")

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"name": "NORTHWIND"}, "There is an organization of this name already."),
            ({"name": "   "}, "This field is required."),
            ({"last_day": "2026-03-01"}, "This is before the first day."),
            ({"plan": "999999"}, "Select a valid choice."),
        ],
    )
    def test_a_mistake_is_named_and_nothing_is_made(self, oro: Desk, changed: dict[str, object], said: str) -> None:
        response = as_(oro.dan.user).post(f"{LIST}new/", southwind(oro, **changed))
        assert response.status_code == 422
        assert said in text_of(response.content.decode())
        assert 'value="Web shop"' in response.content.decode()
        with vendor_scope(oro.vendor):
            assert Organization.objects.count() == 1

    def test_the_whole_is_one_step(self, in_oro: Desk) -> None:
        retired = Plan.objects.get()
        retired.retired_at = MONDAY
        with pytest.raises(ValidationError, match="no longer sold"):
            take_on(name="S", project="Shop", plan=retired, starts_on=date(2026, 3, 2), by=in_oro.dan, at=MONDAY)
        assert not Organization.objects.filter(name="S").exists()

    def test_is_for_leads_and_admins(self, oro: Desk, mallory: Membership) -> None:
        for who, status in ((oro.carol, 403), (oro.grace, 403), (oro.alice, 403), (mallory, 404)):
            assert as_(who.user).get(f"{LIST}new/").status_code == status
            assert as_(who.user).post(f"{LIST}new/", southwind(oro)).status_code == status
        assert "New customer" not in words(as_(oro.carol.user), LIST)
        with vendor_scope(oro.vendor), pytest.raises(PermissionDenied):
            actions.add_organization(name="Southwind", by=oro.carol, at=MONDAY)

    def test_names_that_make_the_same_address_are_told_apart(self, in_oro: Desk) -> None:
        slugs = [
            actions.add_organization(name=name, by=in_oro.dan, at=MONDAY).slug
            for name in ("New", "Müller", "Mueller & Co", "Muller", "北風")
        ]
        assert slugs == ["new-2", "muller", "mueller-co", "muller-2", "customer"]


class TestTheList:
    def test_says_who_has_which_plan(self, oro: Desk) -> None:
        said = words(as_(oro.carol.user), LIST)
        assert "Northwind Enterprise 3 people 1 project" in said

    def test_goes_on_after_fifty_and_costs_the_same(self, oro: Desk) -> None:
        carol = as_(oro.carol.user)
        words(carol, LIST)
        few = queries(carol, LIST)
        with vendor_scope(oro.vendor):
            for number in range(PAGE + 3):
                Organization.objects.create(name=f"Customer {number:03}", slug=f"customer-{number}")
        assert queries(carol, LIST) == few
        html = carol.get(LIST).content.decode()
        assert html.count("data-row") == PAGE
        assert "?after=customer-49" in html
        assert "Northwind" in words(carol, f"{LIST}?after=customer-49")
        assert carol.get(f"{LIST}?after=nobody&q=%00").status_code == 200

    def test_finds_by_name_or_says_that_nobody_is_called_so(self, oro: Desk) -> None:
        dan = as_(oro.dan.user)
        assert "Northwind" in words(dan, f"{LIST}?q=north")
        assert "No customer is called “south”" in words(dan, f"{LIST}?q=south")


class TestProjects:
    def test_a_lead_adds_one_and_chooses_its_plan(self, oro: Desk) -> None:
        dan = as_(oro.dan.user)
        response = dan.post(PROJECTS, {"name": "Dealer portal"}, follow=True)
        assert "Dealer portal is added. Choose its plan next." in text_of(response.content.decode())
        address = response.redirect_chain[-1][0]
        bought = {"plan": plan_of(oro).pk, "starts_on": "2026-04-01", "last_day": "2026-12-31"}
        said = text_of(dan.post(f"{address}subscriptions/", bought, follow=True).content.decode())
        assert "Dealer portal has the plan Enterprise." in said
        assert "Enterprise OroCloud to come 1 Apr 2026 to 31 Dec 2026" in said.replace("April", "Apr").replace(
            "December", "Dec"
        ).replace("Dec.", "Dec").replace("Apr.", "Apr")

    def test_a_second_plan_on_the_same_days_is_refused_by_name(self, oro: Desk) -> None:
        address = f"{PROJECTS}{oro.project.pk}/subscriptions/"
        response = as_(oro.dan.user).post(address, {"plan": plan_of(oro).pk, "starts_on": "2026-04-01"})
        assert response.status_code == 422
        assert "Shop already has the plan Enterprise from 2026-01-01." in text_of(response.content.decode())

    def test_the_last_day_is_changed_and_undone(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            bought = Subscription.objects.get()
        dan, address = as_(oro.dan.user), f"{PROJECTS}{oro.project.pk}/subscriptions/{bought.pk}/"
        dan.post(address, {"last_day": "2026-05-31"})
        with vendor_scope(oro.vendor):
            assert Subscription.objects.get().ends_on == date(2026, 6, 1)
        dan.post(f"{address}?last_day=")
        with vendor_scope(oro.vendor):
            assert Subscription.objects.get().ends_on is None
        response = dan.post(address, {"last_day": "2025-01-01"})
        assert response.status_code == 422
        assert "ends after the day on which it starts" in text_of(response.content.decode())

    def test_says_where_it_runs(self, oro: Desk) -> None:
        dan, address = as_(oro.dan.user), f"{PROJECTS}{oro.project.pk}/"
        dan.post(address, {"name": "Shop", "production": "shop.example", "staging": "", "development": ""})
        with vendor_scope(oro.vendor):
            assert actions.addresses_of(oro.project)[EnvironmentKind.PRODUCTION] == "https://shop.example"
        assert 'value="https://shop.example"' in dan.get(address).content.decode()
        assert audited(oro) == ["project.changed"]

    def test_one_that_is_closed_takes_no_tickets_until_it_goes_on(self, oro: Desk) -> None:
        dan, alice = as_(oro.dan.user), as_(oro.alice.user)
        dan.post(f"{PROJECTS}{oro.project.pk}/activity/", {"active": "0"})
        assert "has no project here yet" in words(alice, "/orocloud/tickets/new/")
        dan.post(f"{PROJECTS}{oro.project.pk}/activity/?active=1")
        assert "File the ticket" in words(alice, "/orocloud/tickets/new/")
        assert audited(oro) == ["project.ended", "project.resumed"]

    def test_agents_read_and_leads_change(self, oro: Desk, mallory: Membership) -> None:
        one = f"{PROJECTS}{oro.project.pk}/"
        carol = as_(oro.carol.user)
        assert "Add a project" not in words(carol, PROJECTS)
        assert "Add a subscription" not in words(carol, one)
        with vendor_scope(oro.vendor):
            bought = Subscription.objects.get()
        for path in (PROJECTS, one, f"{one}subscriptions/", f"{one}activity/", f"{NORTHWIND}name/"):
            assert carol.post(path, {"name": "X"}).status_code == 403, path
            assert as_(mallory.user).post(path, {"name": "X"}).status_code == 404, path
            assert as_(oro.grace.user).post(path, {"name": "X"}).status_code == 403, path
        assert carol.post(f"{one}subscriptions/{bought.pk}/", {"last_day": ""}).status_code == 403
        with vendor_scope(oro.vendor), pytest.raises(PermissionDenied):
            subscribe(project=oro.project, plan=Plan.objects.get(), starts_on=date(2030, 1, 1), by=oro.carol, at=MONDAY)

    def test_another_organizations_is_not_there(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            other = actions.add_organization(name="Southwind", by=oro.dan, at=MONDAY)
            theirs = actions.add_project(other, name="Shop", by=oro.dan, at=MONDAY)
        dan = as_(oro.dan.user)
        assert dan.get(f"{PROJECTS}{theirs.pk}/").status_code == 404
        assert dan.post(f"{PROJECTS}{theirs.pk}/activity/", {"active": "0"}).status_code == 404

    def test_two_of_one_name_are_refused(self, oro: Desk) -> None:
        response = as_(oro.dan.user).post(PROJECTS, {"name": "shop"})
        assert response.status_code == 422
        assert "has a project of this name already" in text_of(response.content.decode())


class TestTheName:
    def test_is_changed_and_undone(self, oro: Desk) -> None:
        dan = as_(oro.dan.user)
        assert "The new name is saved." in text_of(
            dan.post(f"{NORTHWIND}name/", {"name": "Northwind Traders"}, follow=True).content.decode()
        )
        dan.post(f"{NORTHWIND}name/?name=Northwind")
        with vendor_scope(oro.vendor):
            assert Organization.objects.get().name == "Northwind"
        assert audited(oro) == ["organization.renamed", "organization.renamed"]


class TestWhatANewContactSees:
    def test_shared_tickets_of_their_projects_at_once_and_private_ones_when_kept_informed(self, oro: Desk) -> None:
        shared, private = filed(oro, is_shared=True), filed(oro, subject="Wrong prices")
        page = f"{NORTHWIND}people/{oro.bob.pk}/"
        dan = as_(oro.dan.user)
        said = words(dan, page)
        assert "1 open ticket: their own, the shared ones" in said
        assert f"#{private.number} Wrong prices Alice" in said
        response = as_(oro.carol.user).post(f"{page}tickets/", {"tickets": [private.number, shared.number, "x"]})
        assert response.status_code == 302
        with vendor_scope(oro.vendor):
            assert set(Ticket.objects.visible_to(oro.bob)) == {shared, private}
        assert "There is no open ticket of these projects that they do not see." in words(dan, page)

    def test_not_those_of_a_project_that_is_closed_to_them(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            dealers = Project.objects.create(organization=oro.organization, name="Dealers", slug="dealers")
            actions.change_person(oro.bob, role=Role.CUSTOMER, projects=[dealers], by=oro.dan, at=MONDAY)
        private = filed(oro, subject="Wrong prices")
        page = f"{NORTHWIND}people/{oro.bob.pk}/"
        assert "Wrong prices" not in words(as_(oro.dan.user), page)
        as_(oro.dan.user).post(f"{page}tickets/", {"tickets": [private.number]})
        with vendor_scope(oro.vendor):
            assert not Ticket.objects.visible_to(oro.bob).exists()

    def test_is_for_staff(self, oro: Desk) -> None:
        private = filed(oro)
        page = f"{NORTHWIND}people/{oro.bob.pk}/tickets/"
        for who in (oro.alice, oro.bob, oro.grace):
            assert as_(who.user).post(page, {"tickets": [private.number]}).status_code == 403
        with vendor_scope(oro.vendor):
            assert not Ticket.objects.visible_to(oro.bob).exists()


class TestTheSuccessEngineer:
    PLACE = "/commercetools/desk/organizations/northwind/"

    @pytest.fixture
    def desk(self, db: None) -> Desk:
        return make_desk("commercetools", plan="premium", offering="platform")

    def test_is_named_by_a_lead_read_by_the_customer_and_undone(self, desk: Desk) -> None:
        dan = as_(desk.dan.user)
        assert "Nobody in particular" in words(dan, f"{self.PLACE}projects/")
        response = dan.post(f"{self.PLACE}success-engineer/", {"person": desk.carol.pk}, follow=True)
        assert "Carol is it from now on." in text_of(response.content.decode())
        assert f'<option value="{desk.carol.pk}" selected>' in response.content.decode()
        promised = words(as_(desk.alice.user), "/commercetools/organization/promises/")
        assert "Carol knows your projects and guides you." in promised
        assert "Carol" in words(as_(desk.carol.user), f"{self.PLACE}projects/")
        dan.post(f"{self.PLACE}success-engineer/?person=")
        with vendor_scope(desk.vendor):
            assert Organization.objects.get().success_engineer is None
            last = AuditEntry.objects.order_by("pk").last()
        assert last is not None
        assert (last.action, last.data) == ("organization.success_engineer", {"person": {"from": "Carol", "to": ""}})

    def test_stands_beside_the_ticket(self, desk: Desk) -> None:
        ticket = filed(desk, priority="S2")
        with vendor_scope(desk.vendor):
            actions.name_success_engineer(desk.organization, person=desk.dan, by=desk.dan, at=MONDAY)
        beside = words(as_(desk.carol.user), f"/commercetools/desk/tickets/{ticket.number}/customer/")
        assert "Customer Success Engineer: Dan" in beside

    def test_that_left_is_none(self, desk: Desk) -> None:
        with vendor_scope(desk.vendor):
            actions.name_success_engineer(desk.organization, person=desk.carol, by=desk.dan, at=MONDAY)
            Membership.objects.filter(pk=desk.carol.pk).update(is_active=False)
            assert Organization.objects.get().engineer is None
        promised = words(as_(desk.alice.user), "/commercetools/organization/promises/")
        assert "A named person who knows your projects" in promised

    def test_is_one_of_the_vendors_people(self, desk: Desk) -> None:
        with vendor_scope(desk.vendor), pytest.raises(ValidationError):
            actions.name_success_engineer(desk.organization, person=desk.alice, by=desk.dan, at=MONDAY)
        dan = as_(desk.dan.user)
        assert dan.post(f"{self.PLACE}success-engineer/", {"person": desk.alice.pk}).status_code == 404

    def test_is_for_leads_to_name(self, desk: Desk) -> None:
        asked = {"person": desk.carol.pk}
        assert as_(desk.carol.user).post(f"{self.PLACE}success-engineer/", asked).status_code == 403
        assert as_(desk.alice.user).post(f"{self.PLACE}success-engineer/", asked).status_code == 403
        with vendor_scope(desk.vendor), pytest.raises(PermissionDenied):
            actions.name_success_engineer(desk.organization, person=desk.carol, by=desk.carol, at=MONDAY)

    def test_is_not_asked_for_where_no_plan_promises_one(self, oro: Desk) -> None:
        assert "for this customer" not in words(as_(oro.dan.user), PROJECTS)
