"""A customer's lists: narrowed by status, project and priority, searched, and taken along as CSV."""

from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plans.actions import subscribe
from plans.models import Plan
from plans.states import State
from supportdesk.accounts.models import Membership, MembershipProject, Project
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk
from tickets import actions, export
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
LIST = "/orocloud/tickets/"
CSV = "/orocloud/tickets/list.csv"


def as_(who: Membership) -> Client:
    client = Client()
    client.force_login(who.user)
    return client


def filed(oro: Desk, subject: str, priority: str = "P2", **said: object) -> Ticket:
    with vendor_scope(oro.vendor):
        facts: dict[str, object] = {"by": oro.alice, "at": MONDAY, "project": oro.project, "body": "Text."} | said
        return actions.open_ticket(subject=subject, priority=oro.priority(priority), **facts)  # type: ignore[arg-type]


def second_project(oro: Desk) -> Project:
    with vendor_scope(oro.vendor):
        project = factories.ProjectFactory.create(organization=oro.organization, slug="dealers", name="Dealers")
        plan = Plan.objects.first()
        assert plan is not None
        subscribe(project=project, plan=plan, starts_on=factories.LONG_AGO.date(), by=None, at=factories.LONG_AGO)
        return project


def shown(client: Client, query: str) -> set[str]:
    """The subjects in a list, in what a search found too."""
    answer = client.get(LIST + query)
    assert answer.status_code == 200
    links = re.findall(r'class="tickets__subject"><a [^>]+>(.*?)</a>', answer.content.decode())
    return {re.sub("</?mark>", "", link) for link in links}


class TestNarrowing:
    @pytest.mark.parametrize("state", list(State))
    def test_by_each_of_the_six_statuses(self, oro: Desk, state: State) -> None:
        for each in State:
            ticket = filed(oro, each.value)
            with vendor_scope(oro.vendor):
                settled = {"resolved_at": MONDAY} if each is State.RESOLVED else {}
                Ticket.objects.filter(pk=ticket.pk).update(state=each, **settled)
        assert shown(as_(oro.alice), f"?status={state}") == {state.value}

    def test_offers_the_statuses_in_the_vendors_words(self, oro: Desk) -> None:
        page = as_(oro.alice).get(LIST).content.decode()
        for label in ("Waiting for triage", "Request acknowledged", "In progress", "Waiting for customer", "Reopened"):
            assert label in page

    def test_open_is_all_but_resolved_and_every_status_is_all(self, oro: Desk) -> None:
        filed(oro, "one")
        with vendor_scope(oro.vendor):
            actions.resolve(Ticket.objects.get(), by=oro.alice, at=MONDAY)
        filed(oro, "two")
        alice = as_(oro.alice)
        assert shown(alice, "") == {"two"}
        assert shown(alice, "?status=all") == {"one", "two"}

    def test_by_project_and_priority_together(self, oro: Desk) -> None:
        dealers = second_project(oro)
        filed(oro, "shop P1", "P1")
        filed(oro, "shop P3", "P3")
        filed(oro, "dealers P1", "P1", project=dealers)
        alice = as_(oro.alice)
        assert shown(alice, "?project=dealers") == {"dealers P1"}
        assert shown(alice, "?priority=P1") == {"shop P1", "dealers P1"}
        assert shown(alice, "?priority=P1&project=shop") == {"shop P1"}

    def test_keeps_what_was_chosen_in_every_address(self, oro: Desk) -> None:
        second_project(oro)
        for number in range(26):
            filed(oro, f"Ticket {number}", "P3")
        page = as_(oro.alice).get(LIST + "?scope=mine&priority=P3&project=shop").content.decode()
        assert "scope=mine&amp;status=open&amp;project=shop&amp;priority=P3&amp;after=" in page
        assert "scope=shared&amp;status=open&amp;project=shop&amp;priority=P3" in page

    @pytest.mark.parametrize("query", ["status=lost", "scope=theirs", "project=unknown", "priority=P99", "after=x"])
    def test_what_there_is_not_is_not_found(self, oro: Desk, query: str) -> None:
        assert as_(oro.alice).get(f"{LIST}?{query}").status_code == 404

    def test_a_project_that_the_reader_does_not_see_is_no_choice(self, oro: Desk) -> None:
        dealers = second_project(oro)
        with vendor_scope(oro.vendor):
            MembershipProject.objects.create(membership=oro.alice, project=dealers)
        assert as_(oro.alice).get(LIST + "?project=shop").status_code == 404
        assert as_(oro.alice).get(LIST + "?project=dealers").status_code == 200

    def test_all_of_the_organization_is_for_managers(self, oro: Desk) -> None:
        filed(oro, "private")
        assert shown(as_(oro.grace), "?scope=all") == {"private"}
        assert as_(oro.bob).get(LIST + "?scope=all").status_code == 404
        assert shown(as_(oro.bob), "?scope=shared") == set()

    def test_words_are_looked_for_in_every_status_of_the_list(self, oro: Desk) -> None:
        filed(oro, "Basket is empty")
        with vendor_scope(oro.vendor):
            actions.resolve(Ticket.objects.get(), by=oro.alice, at=MONDAY)
        alice = as_(oro.alice)
        assert shown(alice, "?q=basket") == {"Basket is empty"}
        assert shown(alice, "?q=basket&status=open") == set()
        assert shown(alice, "?q=basket&priority=P1") == set()

    def test_costs_the_same_with_one_ticket_and_with_fifty(self, oro: Desk) -> None:
        alice = as_(oro.alice)
        costs = []
        for query in ("", "?q=basket"):
            for count in (1, 49):
                for number in range(count):
                    filed(oro, f"Basket {number}")
                alice.get(LIST + query)
                with CaptureQueriesContext(
                    connection,
                ) as captured:
                    alice.get(LIST + query)
                costs.append(len(captured))
        assert costs[0] == costs[1]
        assert costs[2] == costs[3]


class TestCsv:
    def rows(self, client: Client, query: str = "") -> list[dict[str, str]]:
        response = client.get(CSV + query)
        assert response.status_code == 200
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        assert "attachment" in response["Content-Disposition"]
        return list(csv.DictReader(io.StringIO(response.content.decode().removeprefix(export.BOM))))

    def test_holds_the_list_as_narrowed(self, oro: Desk) -> None:
        filed(oro, "One", "P1")
        filed(oro, "Two", "P3")
        (row,) = self.rows(as_(oro.alice), "?priority=P1")
        assert (row["Subject"], row["Status"], row["Priority"], row["Project"], row["Requester"]) == (
            "One",
            "Waiting for triage",
            "P1",
            "Shop",
            "Alice",
        )
        assert row["Received"] == "2026-03-02 10:00+02:00"

    def test_holds_what_a_search_found(self, oro: Desk) -> None:
        filed(oro, "Basket is empty")
        filed(oro, "Checkout is down")
        assert [row["Subject"] for row in self.rows(as_(oro.alice), "?q=basket")] == ["Basket is empty"]

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
    def test_no_cell_is_a_formula(self, oro: Desk, sign: str) -> None:
        filed(oro, f"{sign}HYPERLINK(1)")
        assert [row["Subject"] for row in self.rows(as_(oro.alice))] == [f"'{sign}HYPERLINK(1)"]

    def test_holds_nothing_of_others(self, oro: Desk) -> None:
        filed(oro, "Private")
        assert self.rows(as_(oro.bob), "?scope=shared") == []

    def test_goes_beyond_a_page_and_ends_at_the_limit(self, oro: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        for number in range(8):
            filed(oro, f"Ticket {number}")
        monkeypatch.setattr(export, "CHUNK", 3)
        assert len(self.rows(as_(oro.alice))) == 8
        monkeypatch.setattr(export, "MOST_ROWS", 6)
        assert len(self.rows(as_(oro.alice))) == 6

    def test_is_not_for_staff(self, oro: Desk) -> None:
        assert as_(oro.carol).get(CSV).status_code == 404
