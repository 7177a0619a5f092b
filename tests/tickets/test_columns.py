"""The columns that each reader chooses for the queue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.sla.test_reactions import filed
from tests.tickets.test_desk import READS
from tickets import actions, columns
from tickets.errors import Refused
from tickets.models import RailOrder

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
        assert heads(carol, f"{QUEUE}?view={view}") == ["Select", "Subject", "Project", "Updated", "Due"]
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
    assert re.findall(r'value="(\w+)" checked', html) == ["received", "due"]
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
