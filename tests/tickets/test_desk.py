"""The agents' desk: the queue, one ticket, and all that can be done to it from there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plans.models import Category
from plans.states import State
from sla.models import Clock
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk, make_desk
from tickets import actions
from tickets.models import Event, Message, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageKind

pytestmark = pytest.mark.django_db

Open = Callable[..., Ticket]
DESK = "/orocloud/desk/"
CATEGORY = "data-migration"
READS = ('SELECT "', "SELECT 1", "SELECT (", "SELECT DISTINCT", "WITH", "DECLARE")


@pytest.fixture
def now() -> Iterator[datetime]:
    with time_machine.travel(MONDAY, tick=False):
        yield MONDAY


@pytest.fixture
def opened(oro: Desk) -> Open:
    def open_one(code: str = "P2", *, at: datetime = MONDAY, subject: str = "Checkout is slow") -> Ticket:
        with vendor_scope(oro.vendor):
            return actions.open_ticket(
                by=oro.alice,
                at=at,
                project=oro.project,
                priority=oro.priority(code),
                subject=subject,
                body="Since noon.",
                environment="production",
            )

    return open_one


@pytest.fixture
def carol(client: Client, oro: Desk, now: datetime) -> Client:
    client.force_login(oro.carol.user)
    return client


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        assert client.get(address).status_code == 200
    return len([query for query in seen if query["sql"].startswith(READS)])


def _text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class TestQueue:
    def test_shows_the_next_right_ticket_on_top(self, carol: Client, opened: Open) -> None:
        opened("P4", subject="Can wait")
        opened("P1", subject="Down")
        page = carol.get(DESK).content.decode()
        assert page.index("Down") < page.index("Can wait")

    def test_says_in_the_title_which_view_and_how_many(self, carol: Client, opened: Open) -> None:
        opened(), opened()
        assert "<title>Unassigned (2) · " in carol.get(DESK, {"view": "unassigned"}).content.decode()

    def test_a_row_names_the_customer_the_plan_and_what_is_left(self, carol: Client, opened: Open) -> None:
        opened("P1", at=MONDAY - timedelta(hours=1))
        row = _text(carol.get(DESK).content.decode().split("<tbody>")[1])
        for fact in ("Checkout is slow", "Northwind", "Enterprise", "P1", "Waiting for triage", "due in 3 h"):
            assert fact in row

    def test_views_of_one_state_are_called_what_the_vendor_calls_it(self, client: Client, now: datetime) -> None:
        drud = make_desk("drud")
        client.force_login(drud.carol.user)
        assert "<title>Pending (0)" in client.get("/drud/desk/", {"view": "waiting"}).content.decode()

    def test_an_empty_view_says_where_the_work_is(self, carol: Client) -> None:
        page = carol.get(DESK, {"view": "mine"}).content.decode()
        assert "Nothing is waiting for you" in page
        assert f"{DESK}?view=unassigned" in page

    @pytest.mark.parametrize("query", [{"view": "everything"}, {"after": "1; DROP"}, {"after": "2026_x_1"}])
    def test_an_unknown_view_or_cursor_is_refused(self, carol: Client, query: dict[str, str]) -> None:
        assert carol.get(DESK, query).status_code == 400

    def test_older_pages_follow_without_gap_or_repeat(self, carol: Client, opened: Open) -> None:
        numbers = {opened(at=MONDAY - timedelta(minutes=each % 7)).number for each in range(53)}
        first = carol.get(DESK).content.decode()
        older = re.search(r'href="([^"]+)" rel="next"', first)
        assert older is not None
        second = carol.get(older[1].replace("&amp;", "&")).content.decode()
        shown = [int(each) for page in (first, second) for each in re.findall(r'data-row href="[^"]*?(\d+)/"', page)]
        assert len(shown) == 53
        assert set(shown) == numbers

    def test_customers_have_no_desk(self, client: Client, oro: Desk) -> None:
        client.force_login(oro.alice.user)
        assert client.get(DESK).status_code == 403

    def test_costs_the_same_for_1_row_and_50(self, carol: Client, opened: Open) -> None:
        opened()
        carol.get(DESK)
        one = _queries(carol, DESK)
        for _ in range(49):
            opened()
        assert _queries(carol, DESK) == one
        assert one <= 10, "four of them for who is asking"


class TestLiveQueue:
    def test_an_unchanged_list_is_304(self, carol: Client, opened: Open) -> None:
        opened()
        tag = carol.get(f"{DESK}rows/")["ETag"]
        assert carol.get(f"{DESK}rows/", headers={"If-None-Match": tag}).status_code == 304

    def test_the_page_itself_carries_the_tag(self, carol: Client, opened: Open) -> None:
        opened()
        tag = re.search(r"data-live-tag='([^']+)'", carol.get(DESK).content.decode())
        assert tag is not None
        assert carol.get(f"{DESK}rows/", headers={"If-None-Match": tag[1]}).status_code == 304

    def test_a_ticket_in_another_view_changes_the_counts(self, carol: Client, oro: Desk, opened: Open) -> None:
        address = f"{DESK}rows/?view=mine"
        tag = carol.get(address)["ETag"]
        opened()
        answer = carol.get(address, headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert 'data-part="views"' in answer.content.decode()

    def test_a_claimed_ticket_changes_the_list(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened()
        tag = carol.get(f"{DESK}rows/")["ETag"]
        with vendor_scope(oro.vendor):
            actions.assign(ticket, to=oro.dan, by=oro.dan, at=MONDAY)
        assert carol.get(f"{DESK}rows/", headers={"If-None-Match": tag}).status_code == 200


class TestTicketPage:
    def test_tells_what_happened_in_words(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened("P2")
        with vendor_scope(oro.vendor):
            actions.assign(ticket, to=oro.dan, by=oro.dan, at=MONDAY)
            actions.assign(ticket, to=oro.carol, by=oro.dan, at=MONDAY)
            actions.triage(ticket, severity=oro.priority("P1"), by=oro.dan, at=MONDAY)
            actions.set_priority(ticket, priority=oro.priority("P1"), by=oro.dan, at=MONDAY, reason="shop is down")
            actions.set_state(ticket, State.WAITING, by=oro.carol, at=MONDAY)
            until = MONDAY + timedelta(hours=2)
            actions.promise_update(ticket, by=oro.carol, at=MONDAY, next_update_at=until)
        said = _text(carol.get(f"{DESK}tickets/{ticket.number}/").content.decode())
        for sentence in (
            "Dan took it",
            "Dan assigned it to Carol",
            "Dan set the severity: P1",
            "Dan raised the priority from P2 to P1 shop is down",
            "Carol set the status: Waiting for customer",
            "Carol promised the next update by 12:00",
        ):
            assert sentence in said

    def test_a_breach_stands_on_the_timeline_with_its_due_instant(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened("P1", at=MONDAY - timedelta(hours=5))
        with vendor_scope(oro.vendor):
            clock = Clock.objects.get(ticket=ticket, metric="first_response")
            assert clock.due_at is not None
            Event.objects.create(
                ticket=ticket,
                kind=Kind.SLA_BREACHED,
                at=clock.due_at,
                data={"metric": "first_response", "audience": "contract", "due_at": clock.due_at.isoformat()},
            )
        said = _text(carol.get(f"{DESK}tickets/{ticket.number}/").content.decode())
        assert "First response was due 09:00 : breached" in said
        assert "overdue by 1 h" in said

    def test_many_changes_are_folded(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened()
        with vendor_scope(oro.vendor):
            for to in (oro.carol, oro.dan, oro.carol, oro.dan):
                actions.assign(ticket, to=to, by=oro.dan, at=MONDAY)
        page = carol.get(f"{DESK}tickets/{ticket.number}/").content.decode()
        assert re.search(r'<details class="fold"[^>]*>\s*<summary>4 changes', page)

    def test_text_is_never_markup(self, carol: Client, opened: Open) -> None:
        ticket = opened(subject="<script>alert(1)</script>")
        page = carol.get(f"{DESK}tickets/{ticket.number}/").content.decode()
        assert "<script>alert(1)" not in page

    def test_another_vendors_number_is_not_found(self, carol: Client) -> None:
        assert carol.get(f"{DESK}tickets/4711/").status_code == 404

    def test_costs_the_same_for_1_message_and_50(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened()
        address = f"{DESK}tickets/{ticket.number}/"
        carol.get(address)
        one = _queries(carol, address)
        with vendor_scope(oro.vendor):
            for each in range(49):
                who: Membership = (oro.alice, oro.carol)[each % 2]
                actions.reply(ticket, by=who, at=MONDAY, body=f"Message {each}")
        assert _queries(carol, address) == one
        assert one <= 12, "four of them for who is asking"

    def test_an_unchanged_ticket_is_304_until_something_happens(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened()
        address = f"{DESK}tickets/{ticket.number}/activity/"
        tag = carol.get(address)["ETag"]
        assert carol.get(address, headers={"If-None-Match": tag}).status_code == 304
        with vendor_scope(oro.vendor):
            actions.reply(ticket, by=oro.alice, at=MONDAY, body="Any news?")
        answer = carol.get(address, headers={"If-None-Match": tag})
        assert answer.status_code == 200
        assert "Any news?" in answer.content.decode()


class TestComposer:
    def test_a_reply_may_set_the_status_and_promise_the_next_update(
        self, carol: Client, oro: Desk, opened: Open
    ) -> None:
        ticket = opened()
        answer = carol.post(
            f"{DESK}tickets/{ticket.number}/replies/",
            {"kind": "reply", "body": "On it.", "then_state": "waiting", "next_update_at": "2026-03-02T12:00"},
        )
        assert answer["Location"] == f"{DESK}tickets/{ticket.number}/#latest"
        with vendor_scope(oro.vendor):
            ticket.refresh_from_db()
            promised = Event.objects.get(ticket=ticket, kind=Kind.UPDATE_PROMISED).data["next_update_at"]
        assert ticket.state == State.WAITING
        assert datetime.fromisoformat(promised) == MONDAY + timedelta(hours=2), "12:00 in Carol's zone"

    @pytest.mark.parametrize("address", ["replies", "notes", "calls"])
    def test_a_note_is_never_sent_to_the_customer_whatever_the_address(
        self, carol: Client, oro: Desk, opened: Open, address: str
    ) -> None:
        ticket = opened()
        carol.post(f"{DESK}tickets/{ticket.number}/{address}/", {"kind": "note", "body": "Dump first."})
        with vendor_scope(oro.vendor):
            assert Message.objects.get(body="Dump first.").kind == MessageKind.NOTE

    def test_a_sender_that_names_no_kind_gets_the_addresss(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened()
        carol.post(f"{DESK}tickets/{ticket.number}/notes/", {"body": "Dump first."})
        with vendor_scope(oro.vendor):
            assert Message.objects.get(body="Dump first.").kind == MessageKind.NOTE

    def test_a_call_answers_the_customer(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened("P1")
        carol.post(f"{DESK}tickets/{ticket.number}/calls/", {"kind": "call", "body": "Rang her.", "minutes": "4"})
        with vendor_scope(oro.vendor):
            assert Clock.objects.get(ticket=ticket, metric="first_response").outcome == "met"

    def test_nothing_written_is_lost_when_it_is_refused(self, carol: Client, opened: Open) -> None:
        ticket = opened()
        answer = carol.post(
            f"{DESK}tickets/{ticket.number}/replies/",
            {"kind": "reply", "body": "A long answer.", "next_update_at": "2026-03-02T07:00"},
        )
        page = answer.content.decode()
        assert answer.status_code == 422
        assert ">A long answer.</textarea>" in page
        assert 'value="2026-03-02T07:00"' in page
        assert page.count("The next update must be in the future.") == 2, "summed up, and beside the field"

    def test_a_call_without_minutes_stays_a_call(self, carol: Client, opened: Open) -> None:
        ticket = opened()
        answer = carol.post(f"{DESK}tickets/{ticket.number}/replies/", {"kind": "call", "body": "Rang her."})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="call" checked' in page
        assert "How many minutes did the call take?" in page


class TestWhatAnAgentDoes:
    def test_of_two_who_take_it_at_once_one_is_told(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened()
        address = f"{DESK}tickets/{ticket.number}/"
        with vendor_scope(oro.vendor):
            actions.assign(ticket, to=oro.dan, by=oro.dan, at=MONDAY)
        answer = carol.post(f"{address}assignment/", {"assignee": "me", "seen": ""}, follow=True)
        assert "Somebody was quicker: this ticket is now with Dan." in answer.content.decode()
        with vendor_scope(oro.vendor):
            ticket.refresh_from_db()
        assert ticket.assignee_id == oro.dan.pk

    def test_triage_keeps_the_customers_priority_beside_the_severity(
        self, carol: Client, oro: Desk, opened: Open
    ) -> None:
        ticket = opened("P2")
        with vendor_scope(oro.vendor):
            p2, p1 = oro.priority("P2").pk, oro.priority("P1").pk
        data = {"triage-priority": p2, "triage-severity": p1, "triage-team": "", "triage-reason": ""}
        carol.post(f"{DESK}tickets/{ticket.number}/triage/", data)
        with vendor_scope(oro.vendor):
            ticket.refresh_from_db()
        assert (ticket.priority_id, ticket.severity_id) == (p2, p1)

    def test_a_status_that_cannot_follow_is_refused_in_words(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened()
        answer = carol.post(f"{DESK}tickets/{ticket.number}/status/", {"state": "reopened"}, follow=True)
        assert "that status cannot follow any more" in answer.content.decode()

    def test_only_states_that_may_follow_are_offered(self, carol: Client, opened: Open) -> None:
        page = carol.get(f"{DESK}tickets/{opened().number}/").content.decode()
        offered = re.findall(r'name="state" value="(\w+)"', page)
        assert offered == ["acknowledged", "in_progress", "waiting", "resolved"]

    def test_explains_a_clock_on_a_page_and_in_a_dialog(self, carol: Client, oro: Desk, opened: Open) -> None:
        ticket = opened("P1")
        with vendor_scope(oro.vendor):
            clock = Clock.objects.get(ticket=ticket, metric="first_response")
        address = f"{DESK}tickets/{ticket.number}/clocks/{clock.pk}/"
        page, part = carol.get(address), carol.get(address, headers={"HX-Request": "true"})
        assert "<title>First response" in page.content.decode()
        assert "<html" not in part.content.decode()
        assert "4 hours" in part.content.decode()
        assert "HX-Request" in page["Vary"]


class TestFilingForACustomer:
    def test_counts_from_the_stated_contact(self, carol: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            category = Category.objects.offered().get(slug=CATEGORY)
            data = {
                "submission": "7f1b1e0c-8a55-4a0e-9d7e-7d6f0a7f5b11",
                "requester": oro.alice.pk,
                "project": oro.project.pk,
                "category": category.pk,
                "environment": "production",
                "subject": "She rang",
                "body": "The shop is down.",
                "contact_at": "2026-03-02T09:30",
                "priority": oro.priority("P1").pk,
            }
            data |= {f"field_{spec['key']}": "on" for spec in category.fields if spec.get("required")}
        answer = carol.post(f"{DESK}tickets/new/", data)
        assert answer.status_code == 302, answer.content.decode()[:2000]
        with vendor_scope(oro.vendor):
            ticket = Ticket.objects.get(subject="She rang")
        assert ticket.received_at == MONDAY - timedelta(minutes=30)
        assert ticket.requester_id == oro.alice.pk

    def test_keeps_what_was_entered_and_names_what_is_missing(self, carol: Client) -> None:
        answer = carol.post(f"{DESK}tickets/new/", {"subject": "She rang"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="She rang"' in page
        assert "<title>Error: New ticket" in page
        assert "There is a problem" in page
