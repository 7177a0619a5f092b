"""The view of call-backs: whom to call, where and when; taken and arranged from the row."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tickets import actions
from tickets.models import Callback, Ticket

pytestmark = pytest.mark.django_db
DESK = "/orocloud/desk/"
VIEW = f"{DESK}?view=callbacks"
HOUR = timedelta(hours=1)
File = Callable[..., Ticket]


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


def arrange(ticket: Ticket, by: Membership, hours: int = 3) -> Callback:
    starts_at = MONDAY + hours * HOUR
    return actions.schedule_callback(ticket, number="+49 30 901820", starts_at=starts_at, by=by, at=MONDAY)


def words_of(client: Client, address: str = VIEW) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_row_says_whom_to_call_where_when_and_who_does(oro: Desk, ticket: Ticket, client: Client) -> None:
    client.force_login(oro.carol.user)
    arrange(ticket, oro.dan)
    words = words_of(client)
    assert "+49 30 901820" in words
    assert "Alice, 13:00 – 13:30" in words
    assert "Dan makes it" in words
    assert 'href="tel:+4930901820"' in client.get(VIEW).content.decode()
    assert "+49 30 901820" not in words_of(client, DESK)


def test_it_is_taken_from_the_row_and_the_reader_stays_in_the_list(oro: Desk, ticket: Ticket, client: Client) -> None:
    client.force_login(oro.carol.user)
    arrange(ticket, oro.dan)
    claim = f"{DESK}tickets/{ticket.number}/call-back/claim/"
    answer = client.post(claim, {"seen": oro.dan.pk, "back": "view=callbacks&priority=P2"}, follow=True)
    assert answer.redirect_chain == [(f"{VIEW}&priority=P2", 302)]
    assert "You make this call" in answer.content.decode()
    assert Callback.objects.get().claimed_by == oro.carol


def test_who_was_slower_is_told_in_the_list(oro: Desk, ticket: Ticket, client: Client) -> None:
    arrange(ticket, oro.dan)
    actions.claim_callback(ticket, by=oro.carol, at=MONDAY, seen=oro.dan.pk)
    client.force_login(oro.erin.user)
    claim = f"{DESK}tickets/{ticket.number}/call-back/claim/"
    answer = client.post(claim, {"seen": oro.dan.pk, "back": "view=callbacks"}, follow=True)
    assert answer.redirect_chain == [(VIEW, 302)]
    assert "Somebody was quicker: Carol makes this call." in answer.content.decode()


@pytest.mark.parametrize("back", ["https://elsewhere.example/", "//elsewhere.example", "view=secret", "colour=red"])
def test_a_list_that_is_none_of_ours_leads_to_the_first(oro: Desk, ticket: Ticket, client: Client, back: str) -> None:
    client.force_login(oro.carol.user)
    arrange(ticket, oro.dan)
    claim = f"{DESK}tickets/{ticket.number}/call-back/claim/"
    assert client.post(claim, {"back": back})["Location"] == DESK


def test_another_time_is_arranged_from_the_row(oro: Desk, ticket: Ticket, client: Client) -> None:
    client.force_login(oro.carol.user)
    arrange(ticket, oro.dan)
    page = client.get(VIEW).content.decode()
    address = f"{DESK}tickets/{ticket.number}/call-back/?back=view%3Dcallbacks"
    assert f'href="{address}"' in page
    answer = client.post(address, {"number": "+49 30 901820", "starts_at": "2026-03-02T15:00"}, follow=True)
    assert answer.redirect_chain == [(VIEW, 302)]
    assert Callback.objects.open().get().starts_at == MONDAY + 5 * HOUR


def test_the_live_list_hears_of_a_claim(oro: Desk, ticket: Ticket, client: Client) -> None:
    client.force_login(oro.carol.user)
    arrange(ticket, oro.dan)
    rows = f"{DESK}rows/?view=callbacks"
    tag = client.get(rows)["ETag"]
    assert client.get(rows, headers={"If-None-Match": tag}).status_code == 304
    before = re.search(r'data-sig="([^"]+)"', client.get(rows).content.decode())
    with vendor_scope(oro.vendor):
        actions.claim_callback(ticket, by=oro.erin, at=MONDAY, seen=oro.dan.pk)
    answer = client.get(rows, headers={"If-None-Match": tag})
    after = re.search(r'data-sig="([^"]+)"', answer.content.decode())
    assert before is not None
    assert after is not None
    assert before[1] != after[1]


def test_twenty_calls_ask_the_database_no_more_than_one(oro: Desk, file: File, client: Client) -> None:
    client.force_login(oro.carol.user)
    arrange(file(), oro.dan)
    client.get(VIEW)
    with CaptureQueriesContext(connection) as one:
        client.get(VIEW)
    for _number in range(20):
        arrange(file(), oro.dan)
    with CaptureQueriesContext(connection) as many:
        assert client.get(VIEW).content.decode().count("data-claim") == 21
    assert len(many) == len(one)
