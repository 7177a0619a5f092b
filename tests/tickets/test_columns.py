"""The columns of the queue: those that each reader chooses, and those of a saved view; in which order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supportdesk.accounts.models import AuditEntry
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.sla.test_reactions import filed
from tests.tickets.test_desk import READS
from tests.tickets.test_saved_views import keep
from tickets import actions, columns
from tickets.errors import Refused
from tickets.models import RailOrder, SavedView
from tickets.models.saved_view import Sharing

pytestmark = pytest.mark.django_db

QUEUE = "/orocloud/desk/"
CHOOSE = "/orocloud/desk/columns/"
USUAL = ["Select", "Subject", "Customer", "Priority", "Status", "Assignee", "Due"]


@pytest.fixture
def carol(client: Client, oro: Desk) -> Iterator[Client]:
    client.force_login(oro.carol.user)
    with time_machine.travel(MONDAY, tick=False):
        yield client


def heads(client: Client, address: str = QUEUE) -> list[str]:
    html = client.get(address).content.decode()
    found = re.findall(r"<th scope=\"col\".*?</th>", html)
    return [re.sub(r"<[^>]+>", "", each) or "Select" for each in found]


def checked(html: str) -> list[str]:
    return re.findall(r'name="columns" value="(\w+)"[^>]* checked', html)


def orders(html: str) -> list[str]:
    return re.findall(r'name="order" value="(\w+)"', html)


def test_the_usual_ones_until_somebody_chooses(carol: Client, oro: Desk) -> None:
    with vendor_scope(oro.vendor):
        filed(oro)
    assert heads(carol) == USUAL


def test_the_chosen_ones_in_every_view_and_for_nobody_else(carol: Client, oro: Desk) -> None:
    with vendor_scope(oro.vendor):
        ticket = filed(oro)
    answer = carol.post(CHOOSE, {"columns": ["updated", "due", "project"], "back": "view=open&priority=P1"})
    assert (answer.status_code, answer["Location"]) == (302, f"{QUEUE}?view=open&priority=P1")
    for view in ("open", "unassigned"):
        assert heads(carol, f"{QUEUE}?view={view}") == ["Select", "Subject", "Updated", "Due", "Project"]
    html = carol.get(QUEUE).content.decode()
    assert f'title="{oro.project.name}"' in html
    assert ticket.organization.name not in html.split("<tbody>")[1].split("</tbody>")[0]
    carol.force_login(oro.dan.user)
    assert heads(carol) == USUAL


def test_the_usual_ones_are_back_at_a_press(carol: Client, oro: Desk) -> None:
    with vendor_scope(oro.vendor):
        filed(oro)
        actions.choose_columns(names=["group"], by=oro.carol)
        actions.arrange_rail(order=["mine"], hidden=["all"], by=oro.carol)
    carol.post(CHOOSE, {"columns": ["group"], "usual": "1"})
    assert heads(carol) == USUAL
    with vendor_scope(oro.vendor):
        kept = RailOrder.objects.get(person=oro.carol)
    assert (kept.order, kept.hidden, kept.columns) == (["mine"], ["all"], [])


def test_the_form_says_what_is_chosen(carol: Client, oro: Desk) -> None:
    with vendor_scope(oro.vendor):
        actions.choose_columns(names=["received", "due"], by=oro.carol)
    html = carol.get(CHOOSE).content.decode()
    assert checked(html) == ["received", "due"]
    assert len(re.findall(r'name="columns"', html)) == len(columns.COLUMNS)


def test_a_name_that_is_no_column_is_refused(carol: Client, oro: Desk) -> None:
    assert carol.post(CHOOSE, {"columns": ["due", "password"]}).status_code == 400
    with vendor_scope(oro.vendor):
        with pytest.raises(Refused, match="no column “password”"):
            actions.choose_columns(names=["password"], by=oro.carol)
        assert not RailOrder.objects.exists()


def test_a_column_that_is_gone_is_passed_over() -> None:
    assert [each.name for each in columns.shown(["due", "mood"])] == ["due"]
    assert tuple(each.name for each in columns.shown(["mood"])) == columns.USUAL


def test_customers_choose_none(client: Client, oro: Desk) -> None:
    client.force_login(oro.alice.user)
    assert client.get(CHOOSE).status_code in (403, 404)


def test_every_column_costs_the_same_for_1_row_and_12(carol: Client, oro: Desk) -> None:
    with vendor_scope(oro.vendor):
        actions.choose_columns(names=columns.NAMES, by=oro.carol)
        filed(oro)
    carol.get(QUEUE)

    def reads() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert carol.get(QUEUE).status_code == 200
        return sum(query["sql"].startswith(READS) for query in captured.captured_queries)

    few = reads()
    with vendor_scope(oro.vendor):
        for number in range(11):
            actions.assign(filed(oro, at=MONDAY - timedelta(minutes=number)), to=oro.dan, by=oro.dan, at=MONDAY)
    assert reads() == few


def test_the_live_rows_follow_the_choice(carol: Client, oro: Desk) -> None:
    with vendor_scope(oro.vendor):
        filed(oro)
    before = carol.get(f"{QUEUE}rows/")
    carol.post(CHOOSE, {"columns": ["group"]})
    after = carol.get(f"{QUEUE}rows/", headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert "Group" in after.content.decode()


class TestTheirOrder:
    def test_is_the_one_in_which_they_were_sent(self, carol: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            actions.choose_columns(names=["due", "customer", "due", "status"], by=oro.carol)
            filed(oro)
        assert heads(carol) == ["Select", "Subject", "Due", "Customer", "Status"]
        row = carol.get(QUEUE).content.decode().split("<tbody>")[1]
        assert row.index("second due") < row.index("customer__name") < row.index("status__label")

    def test_the_form_has_the_chosen_ones_first(self, carol: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            actions.choose_columns(names=["due", "customer"], by=oro.carol)
        found = orders(carol.get(CHOOSE).content.decode())
        assert found[:3] == ["due", "customer", "project"]
        assert sorted(found) == sorted(columns.NAMES)

    def test_moving_one_keeps_what_was_ticked_and_nothing_in_the_database(self, carol: Client, oro: Desk) -> None:
        sent = {"order": list(columns.NAMES), "columns": ["customer", "due"], "down": "customer", "back": "view=mine"}
        html = carol.post(CHOOSE, sent).content.decode()
        assert orders(html)[:3] == ["project", "customer", "category"]
        assert checked(html) == ["customer", "due"]
        assert 'name="back" value="view=mine"' in html
        part = carol.post(CHOOSE, sent, headers={"HX-Request": "true"}).content.decode()
        assert orders(part)[:3] == ["project", "customer", "category"]
        assert "<html" not in part
        with vendor_scope(oro.vendor):
            assert not RailOrder.objects.exists()

    @pytest.mark.parametrize(
        "sent",
        [
            {"up": "password", "order": list(columns.NAMES)},
            {"up": "due", "order": ["due", "password"]},
            {"up": "due", "order": [*columns.NAMES, "due"]},
            {"down": "due"},
        ],
    )
    def test_only_what_is_a_column_can_be_moved(self, carol: Client, sent: dict[str, object]) -> None:
        assert carol.post(CHOOSE, sent).status_code == 400

    @pytest.mark.parametrize(
        ("name", "by", "found"),
        [("b", -1, "bac"), ("b", 1, "acb"), ("a", -1, "abc"), ("c", 1, "abc"), ("c", -2, "cab"), ("a", 9, "bca")],
    )
    def test_at_the_ends_one_goes_no_further(self, name: str, by: int, found: str) -> None:
        assert columns.moved("abc", name, by) == list(found)


class TestOfASavedView:
    @pytest.fixture
    def view(self, oro: Desk) -> SavedView:
        with vendor_scope(oro.vendor):
            filed(oro)
            return keep(oro.dan, sharing=Sharing.EVERYONE)

    def test_win_while_it_is_open_whatever_its_reader_chose(self, carol: Client, oro: Desk, view: SavedView) -> None:
        with vendor_scope(oro.vendor):
            actions.choose_columns(names=["group"], by=oro.carol)
        address = f"{QUEUE}?{view.query}&saved={view.pk}"
        assert heads(carol, address) == ["Select", "Subject", "Group"]
        with vendor_scope(oro.vendor):
            actions.set_view_columns(view, names=["due", "project"], by=oro.dan, at=MONDAY)
        for narrowed in ("", "&tag=none&sort=-updated"):
            assert heads(carol, f"{QUEUE}?{view.query}{narrowed}&saved={view.pk}")[2:] == ["Due", "Project"]
        assert heads(carol) == ["Select", "Subject", "Group"]
        with vendor_scope(oro.vendor):
            actions.set_view_columns(view, names=[], by=oro.dan, at=MONDAY)
        assert heads(carol, address) == ["Select", "Subject", "Group"]

    def test_are_chosen_where_the_view_is_open_by_whom_it_belongs_to(
        self, client: Client, oro: Desk, view: SavedView
    ) -> None:
        client.force_login(oro.dan.user)
        back = f"{view.query}&saved={view.pk}"
        assert "In “Urgent” alone, for everyone who opens it" in client.get(f"{CHOOSE}?{back}").content.decode()
        assert "In “Urgent”" not in client.get(f"{CHOOSE}?view=open").content.decode()
        answer = client.post(CHOOSE, {"columns": ["updated", "status"], "scope": "view", "back": back})
        assert answer["Location"] == f"{QUEUE}?{back}"
        assert heads(client, f"{QUEUE}?{back}")[2:] == ["Updated", "Status"]
        assert heads(client) == USUAL
        html = client.get(f"{CHOOSE}?{back}").content.decode()
        assert checked(html) == ["updated", "status"]
        assert re.search(r'name="scope" value="view" checked', html)
        client.post(CHOOSE, {"columns": ["updated"], "scope": "view", "usual": "1", "back": back})
        assert heads(client, f"{QUEUE}?{back}") == USUAL
        client.post(CHOOSE, {"columns": ["updated"], "scope": "view", "no-own": "1", "back": back})
        with vendor_scope(oro.vendor):
            view.refresh_from_db()
        assert view.columns == []

    def test_a_choice_for_oneself_leaves_them_and_says_so(self, client: Client, oro: Desk, view: SavedView) -> None:
        with vendor_scope(oro.vendor):
            actions.set_view_columns(view, names=["due"], by=oro.dan, at=MONDAY)
        client.force_login(oro.dan.user)
        sent = {"columns": ["group"], "scope": "mine", "back": f"{view.query}&saved={view.pk}"}
        page = client.post(CHOOSE, sent, follow=True).content.decode()
        assert "Kept for your other views: “Urgent” has columns of its own." in page
        assert heads(client) == ["Select", "Subject", "Group"]

    def test_are_not_for_an_agent_who_may_only_read_it(self, carol: Client, oro: Desk, view: SavedView) -> None:
        back = f"{view.query}&saved={view.pk}"
        with vendor_scope(oro.vendor):
            actions.set_view_columns(view, names=["due"], by=oro.dan, at=MONDAY)
        html = carol.get(f"{CHOOSE}?{back}").content.decode()
        assert 'name="scope"' not in html
        assert "“Urgent” has columns of its own." in html
        assert checked(html) == list(columns.USUAL), "theirs, which the choice is about"
        for sent in ({"scope": "view"}, {"no-own": "1"}):
            assert carol.post(CHOOSE, {"columns": ["group"], "back": back} | sent).status_code == 403
        with vendor_scope(oro.vendor):
            view.refresh_from_db()
        assert view.columns == ["due"]

    def test_a_name_that_is_no_column_and_a_view_that_is_none_are_refused(
        self, client: Client, oro: Desk, view: SavedView
    ) -> None:
        client.force_login(oro.dan.user)
        back = f"{view.query}&saved={view.pk}"
        assert client.post(CHOOSE, {"columns": ["password"], "scope": "view", "back": back}).status_code == 400
        with vendor_scope(oro.vendor):
            own = keep(oro.carol)
        for elsewhere in ("view=open", f"view=open&saved={own.pk}", "view=secret"):
            sent = {"columns": ["due"], "scope": "view", "back": elsewhere}
            assert client.post(CHOOSE, sent).status_code == 400, elsewhere

    def test_go_along_when_a_view_is_made_from_another(self, carol: Client, oro: Desk, view: SavedView) -> None:
        with vendor_scope(oro.vendor):
            actions.set_view_columns(view, names=["due", "group"], by=oro.dan, at=MONDAY)
        sent = {"query": f"{view.query}&tag=slow&saved={view.pk}", "name": "Slow", "sharing": "person"}
        carol.post("/orocloud/desk/views/new/", sent)
        with vendor_scope(oro.vendor):
            assert SavedView.objects.get(name="Slow").columns == ["due", "group"]

    def test_of_a_shared_one_are_on_the_audit_log(self, oro: Desk, view: SavedView) -> None:
        with vendor_scope(oro.vendor):
            actions.set_view_columns(view, names=["due"], by=oro.dan, at=MONDAY)
            entry = AuditEntry.objects.get(action="view.columns")
            assert (entry.by, entry.data) == (oro.dan, {"from": [], "to": ["due"]})
            actions.set_view_columns(keep(oro.carol), names=["due"], by=oro.carol, at=MONDAY)
            assert AuditEntry.objects.filter(action="view.columns").count() == 1

    def test_the_database_holds_them_to_be_a_list(self, oro: Desk, view: SavedView) -> None:
        with vendor_scope(oro.vendor), pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.filter(pk=view.pk).update(columns={"due": True})

    def test_cost_no_query(self, carol: Client, oro: Desk, view: SavedView) -> None:
        address = f"{QUEUE}?{view.query}&saved={view.pk}"
        carol.get(address)
        with CaptureQueriesContext(connection) as without:
            carol.get(address)
        with vendor_scope(oro.vendor):
            actions.set_view_columns(view, names=columns.USUAL[::-1], by=oro.dan, at=MONDAY)
        with CaptureQueriesContext(connection) as own:
            carol.get(address)
        assert len(own) == len(without)
