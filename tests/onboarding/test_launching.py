"""Launches that support was told of, and the functions agreed as critical to business."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from onboarding import launching
from onboarding.models import CriticalFunction, Launch
from supportdesk.accounts.models import AuditEntry, Organization, Project
from supportdesk.notifications.models import Notice
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk

pytestmark = pytest.mark.django_db
THURSDAY = date(2026, 3, 5)
PAGE = "/orocloud/organization/launches/"


class TestAnnouncing:
    def test_is_on_record_and_the_leads_are_told(self, in_oro: Desk) -> None:
        launch = launching.announce(project=in_oro.project, planned_on=THURSDAY, by=in_oro.alice, at=MONDAY, note="DNS")
        assert (launch.planned_on, launch.announced_by, launch.announced_at) == (THURSDAY, in_oro.alice, MONDAY)
        assert AuditEntry.objects.filter(action="launch.announced", by=in_oro.alice).count() == 1
        notice = Notice.objects.get(membership=in_oro.dan)
        assert notice.title == "Northwind launches Shop on Thu 5 March 2026"
        assert notice.path == "/orocloud/desk/organizations/northwind/launches/"

    def test_the_same_date_twice_is_once(self, in_oro: Desk) -> None:
        for person in (in_oro.alice, in_oro.bob):
            launching.announce(project=in_oro.project, planned_on=THURSDAY, by=person, at=MONDAY)
        assert Launch.objects.count() == 1
        assert Notice.objects.filter(membership=in_oro.dan).count() == 1

    def test_the_database_keeps_it_once(self, in_oro: Desk) -> None:
        facts = {"project": in_oro.project, "planned_on": THURSDAY, "announced_by": in_oro.bob, "announced_at": MONDAY}
        Launch.objects.create(**facts)
        with pytest.raises(IntegrityError, match="launch_date_once"), transaction.atomic():
            Launch.objects.create(**facts)

    def test_not_for_a_day_that_is_over_where_the_vendor_is(self, in_oro: Desk) -> None:
        launching.announce(project=in_oro.project, planned_on=date(2026, 3, 2), by=in_oro.alice, at=MONDAY)
        with pytest.raises(ValidationError, match="This day is over"):
            launching.announce(project=in_oro.project, planned_on=date(2026, 3, 1), by=in_oro.alice, at=MONDAY)

    def test_not_for_another_organization(self, in_oro: Desk) -> None:
        southwind = Organization.objects.create(name="Southwind", slug="southwind")
        theirs = Project.objects.create(organization=southwind, name="Their shop", slug="their-shop")
        with pytest.raises(PermissionDenied):
            launching.announce(project=theirs, planned_on=THURSDAY, by=in_oro.grace, at=MONDAY)


class TestCallingOff:
    def test_ends_it_and_tells(self, in_oro: Desk) -> None:
        launch = launching.announce(project=in_oro.project, planned_on=THURSDAY, by=in_oro.alice, at=MONDAY)
        launching.call_off(launch, by=in_oro.alice, at=MONDAY + timedelta(hours=1))
        assert not Launch.objects.announced().exists()
        titles = Notice.objects.filter(membership=in_oro.dan).values_list("title", flat=True)
        assert "Northwind no longer launches Shop on Thu 5 March 2026" in titles
        launching.announce(project=in_oro.project, planned_on=THURSDAY, by=in_oro.bob, at=MONDAY)
        assert Launch.objects.announced().count() == 1

    def test_is_for_who_announced_it_managers_and_support(self, in_oro: Desk) -> None:
        launch = launching.announce(project=in_oro.project, planned_on=THURSDAY, by=in_oro.alice, at=MONDAY)
        with pytest.raises(PermissionDenied):
            launching.call_off(launch, by=in_oro.bob, at=MONDAY)
        assert [launching.may_call_off(launch, who) for who in (in_oro.alice, in_oro.grace, in_oro.carol)] == [True] * 3


class TestCriticalFunctions:
    def test_are_those_written_down_last_in_their_order(self, in_oro: Desk) -> None:
        launching.agree_functions(in_oro.project, ["Checkout", "Search"], by=in_oro.carol, at=MONDAY)
        kept = launching.agree_functions(
            in_oro.project, [" Pay  by card ", "Checkout", "", "Checkout"], by=in_oro.carol, at=MONDAY
        )
        assert [each.name for each in kept] == ["Pay by card", "Checkout"]
        assert CriticalFunction.objects.get(name="Search").retired_at == MONDAY
        assert AuditEntry.objects.filter(action="critical_functions.agreed").count() == 2

    def test_are_written_down_by_support(self, in_oro: Desk) -> None:
        with pytest.raises(PermissionDenied):
            launching.agree_functions(in_oro.project, ["Everything"], by=in_oro.grace, at=MONDAY)

    @pytest.mark.parametrize("names", [["x" * 201], [f"F{number}" for number in range(51)]])
    def test_have_limits(self, in_oro: Desk, names: list[str]) -> None:
        with pytest.raises(ValidationError):
            launching.agree_functions(in_oro.project, names, by=in_oro.carol, at=MONDAY)


class TestThePage:
    def as_(self, person: object) -> Client:
        client = Client()
        client.force_login(person)  # type: ignore[arg-type]
        return client

    def test_announces_in_the_contracts_words(self, oro: Desk) -> None:
        alice = self.as_(oro.alice.user)
        html = alice.get(PAGE).content.decode()
        assert "needs to be aware of the expected launch" in html
        assert "Please announce it at least 2 weeks before." in html
        said = {"project": oro.project.pk, "planned_on": "2099-03-05", "note": "We move the DNS."}
        html = alice.post(PAGE, said, follow=True).content.decode()
        assert "The support team is told of the launch of Shop." in html
        assert "Thu 5 March 2099" in html
        assert "We move the DNS." in html

    def test_keeps_what_was_wrong(self, oro: Desk) -> None:
        said = {"project": oro.project.pk, "planned_on": "2020-01-01", "note": "Kept"}
        response = self.as_(oro.alice.user).post(PAGE, said)
        assert response.status_code == 422
        assert "This day is over" in response.content.decode()
        assert "Kept" in response.content.decode()

    def test_staff_write_down_functions_that_customers_read(self, oro: Desk) -> None:
        address = f"/orocloud/desk/organizations/northwind/projects/{oro.project.pk}/critical-functions/"
        carol = self.as_(oro.carol.user)
        said = {f"p{oro.project.pk}-functions": "Checkout\r\nLog in\r\n"}
        assert carol.post(address, said).status_code == 302
        assert "Checkout\nLog in" in carol.get("/orocloud/desk/organizations/northwind/launches/").content.decode()
        assert "<li>Log in</li>" in self.as_(oro.bob.user).get(PAGE).content.decode()
        assert self.as_(oro.grace.user).post(address, said).status_code == 403

    def test_customers_see_their_own_alone(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            southwind = Organization.objects.create(name="Southwind", slug="southwind")
            theirs = factories.ProjectFactory.create(organization=southwind, slug="theirs", name="Their shop")
            launch = launching.announce(project=theirs, planned_on=date(2099, 1, 1), by=oro.carol, at=MONDAY)
        alice = self.as_(oro.alice.user)
        assert "Their shop" not in alice.get(PAGE).content.decode()
        assert alice.post(f"{PAGE}{launch.pk}/calling-off/").status_code == 404
        said = {"project": theirs.pk, "planned_on": "2099-03-05"}
        assert alice.post(PAGE, said).status_code == 422
