from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supportdesk.accounts.models import Membership
from supportdesk.notifications.actions import tell
from supportdesk.notifications.models import Notice
from supportdesk.tenancy.scope import vendor_scope
from tests.notifications.conftest import People

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


def tell_of(person: Membership, *numbers: int, path: str = "/oro/tickets/12/") -> None:
    with vendor_scope(person.vendor_id):
        for number in numbers:
            tell(
                [person],
                kind="replied",
                title=f"Checkout is down — reply {number}",
                body="We found it.",
                path=path,
                key=f"message-{number}",
                at=NOON,
                channels=("inbox",),
                ticket_number=number,
            )


@pytest.fixture
def alice(client: Client, people: People) -> Client:
    client.force_login(people.alice.user)
    return client


@pytest.fixture
def carol(client: Client, people: People) -> Client:
    client.force_login(people.carol.user)
    return client


def unread(people: People) -> list[int | None]:
    with vendor_scope(people.vendor):
        return [notice.ticket_number for notice in Notice.objects.of(people.alice).unread()]


def test_it_teaches_what_will_be_here_while_it_is_empty(alice: Client) -> None:
    assert "Nothing yet" in alice.get("/oro/inbox/").text


def test_a_customer_reads_their_own_notices_and_nobody_elses(alice: Client, people: People) -> None:
    tell_of(people.alice, 1)
    tell_of(people.carol, 2)
    page = alice.get("/oro/inbox/").text
    assert "reply 1" in page
    assert "reply 2" not in page


def test_an_agent_reads_theirs_at_the_desk(carol: Client, people: People) -> None:
    tell_of(people.carol, 2)
    page = carol.get("/oro/inbox/").text
    assert "reply 2" in page
    assert 'class="desk"' in page


def test_opening_one_marks_it_read_and_goes_to_its_page(alice: Client, people: People) -> None:
    tell_of(people.alice, 1, 2)
    with vendor_scope(people.vendor):
        notice = Notice.objects.get(ticket_number=1)
    response = alice.get(f"/oro/inbox/{notice.pk}/")
    assert response.status_code == 302
    assert response.headers["Location"] == "/oro/tickets/12/"
    assert unread(people) == [2]


def test_it_leads_to_no_other_site(alice: Client, people: People) -> None:
    tell_of(people.alice, 1, path="//elsewhere.example/")
    with vendor_scope(people.vendor):
        notice = Notice.objects.get()
    assert alice.get(f"/oro/inbox/{notice.pk}/").headers["Location"] == "/oro/inbox/"


def test_nobody_opens_a_colleagues_notice(carol: Client, people: People) -> None:
    tell_of(people.alice, 1)
    with vendor_scope(people.vendor):
        notice = Notice.objects.get()
    assert carol.get(f"/oro/inbox/{notice.pk}/").status_code == 404
    carol.post("/oro/inbox/read/", {"notice": notice.pk})
    carol.post("/oro/inbox/read/", {"up_to": notice.pk})
    assert unread(people) == [1]


def test_marking_one_and_marking_all_that_were_shown(alice: Client, people: People) -> None:
    tell_of(people.alice, 1, 2, 3)
    with vendor_scope(people.vendor):
        ids = dict(Notice.objects.values_list("ticket_number", "id"))
    assert alice.post("/oro/inbox/read/", {"notice": ids[3]}).status_code == 302
    assert unread(people) == [2, 1]
    tell_of(people.alice, 4)
    alice.post("/oro/inbox/read/", {"up_to": ids[3]})
    assert unread(people) == [4]


def test_reading_is_a_post(alice: Client) -> None:
    assert alice.get("/oro/inbox/read/").status_code == 405


def test_unread_alone_and_older_ones_page_by_page(alice: Client, people: People) -> None:
    tell_of(people.alice, *range(1, 61))
    first = alice.get("/oro/inbox/?unread")
    assert "reply 60<" in first.text
    assert "reply 10<" not in first.text
    older = first.context["older"] if first.context else ""
    with vendor_scope(people.vendor):
        fiftieth = Notice.objects.of(people.alice)[49].pk
    second = alice.get(f"/oro/inbox/?before={fiftieth}&unread").text
    assert not older or f"before={fiftieth}" in older
    assert f"before={fiftieth}" in first.text
    assert "reply 10<" in second
    assert "reply 11<" not in second
    alice.post("/oro/inbox/read/", {"up_to": fiftieth + 100})
    assert "You have read everything" in alice.get("/oro/inbox/?unread").text


@pytest.mark.parametrize("who", ["alice", "carol"])
def test_fifty_notices_cost_the_queries_of_one(who: str, client: Client, people: People) -> None:
    person: Membership = getattr(people, who)
    client.force_login(person.user)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/oro/inbox/").status_code == 200
        return len(captured)

    tell_of(person, 1)
    queries()
    one = queries()
    tell_of(person, *range(2, 51))
    assert queries() == one <= 12
