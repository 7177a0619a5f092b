"""What an organization reads of its plans: plain words, the sentence behind each, and never an internal objective."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from plans.actions import load_contract
from plans.contract import read_canonical
from plans.contract.write import canonical
from plans.models import PlanVersion
from supportdesk.accounts.models import Membership, MembershipProject
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk, contract_of, make_desk

pytestmark = pytest.mark.django_db
PAGE = "/orocloud/organization/"
DESK = "/orocloud/desk/organizations/northwind/"


def as_(who: Membership) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


class TestPage:
    def page(self, slug: str, plan: str = "") -> str:
        desk = make_desk(slug, plan=plan)
        html = as_(desk.alice).get(f"/{slug}/organization/promises/").content.decode()
        return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#39;", "'").replace("&#34;", '"').split())

    def test_orocloud_by_priority_with_the_sentence_of_the_document(self, db: None) -> None:
        page = self.page("orocloud")
        assert "4 hours around the clock" in page
        assert "24 hours M–F 09:00–17:00" in page
        assert "an initial response to the tickets within: 4 hours for P1 issues" in page
        assert "none for Enhancement Requests" in page

    def test_platformsh_ranges_best_effort_and_solutions(self, db: None) -> None:
        page = self.page("platformsh")
        assert "1–2 business days" in page
        assert "Best effort" in page
        assert "Solution" in page

    def test_commercetools_updates_credits_hours_and_engineer(self, db: None) -> None:
        page = self.page("commercetools", "premium")
        for said in (
            "20 minutes",
            "every 30 minutes 24/7, also while we wait for you",
            "At least 99.99 % of each calendar month.",
            "Below 95 %: 50 % back",
            "16, 32, 60, 80 hours a quarter, as ordered. Hours not used do not carry over.",
            "Customer Success Engineer",
            "What is used and what is left",
        ):
            assert said in page, said

    def test_commercetools_standard_says_how_its_times_come_about(self, db: None) -> None:
        page = self.page("commercetools", "standard")
        assert "40 minutes" in page
        assert "2 × Premium’s 20 minutes" in page

    def test_platformsh_apps_says_that_the_order_states_the_hours(self, db: None) -> None:
        assert "As many hours as your order states." in self.page("platformsh-apps", "enterprise")

    def test_drud_shows_no_internal_objective(self, db: None) -> None:
        page = self.page("drud")
        assert "60 minutes" not in page
        assert "publishes no response times" in page

    def test_somebody_limited_reads_only_of_their_projects(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            dealers = factories.ProjectFactory.create(organization=oro.organization, slug="dealers", name="Dealers")
            MembershipProject.objects.create(membership=oro.bob, project=dealers)
        page = as_(oro.bob).get(f"{PAGE}promises/").content.decode()
        assert "No active subscription" in page, "theirs has none"
        assert "<strong>Shop</strong>" not in page

    def test_earlier_versions_can_be_read_with_what_changed(self, oro: Desk) -> None:
        document = canonical(contract_of("orocloud")[0])
        document["plans"][0]["promises"]["P1"]["first_response"]["within"] = "2 h"
        load_contract(read_canonical(document, name="edited"), by=None, at=MONDAY, source_text="")
        alice = as_(oro.alice)
        with vendor_scope(oro.vendor):
            first = PlanVersion.objects.order_by("number").first()
        assert first is not None
        now = alice.get(f"{PAGE}promises/").content.decode()
        assert "2 versions of this plan" in now
        assert "P1: first response within 2 hours" in now
        before = alice.get(f"{PAGE}promises/?version={first.pk}").content.decode()
        assert "which does not hold now" in before

    def test_a_version_of_a_plan_that_one_does_not_have_is_not_there(self, db: None) -> None:
        desk = make_desk("commercetools", plan="standard")
        with vendor_scope(desk.vendor):
            premium = PlanVersion.objects.get(plan__slug="premium")
        client = as_(desk.alice)
        assert client.get(f"/commercetools/organization/promises/?version={premium.pk}").status_code == 404
        assert client.get("/commercetools/organization/promises/?version=x").status_code == 404

    def test_staff_read_what_a_customer_is_promised(self, oro: Desk) -> None:
        assert "4 hours" in as_(oro.carol).get(f"{DESK}promises/").content.decode()

    def test_without_a_subscription_it_says_what_to_do(self, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            southwind = factories.OrganizationFactory.create(slug="southwind")
            factories.ProjectFactory.create(organization=southwind)
        page = as_(oro.carol).get("/orocloud/desk/organizations/southwind/promises/").content.decode()
        assert "No active subscription" in page
