"""The customer's lists and ticket pages: who sees what, what is said, and what each page costs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from plans.states import State
from sla.models import Clock
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk, make_desk
from tests.tickets.pages import LIST, NEW, as_, filed, page, queries
from tickets import actions
from tickets.models import Attachment, Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(settings: LazySettings, tmp_path: object) -> Iterator[None]:
    """Monday 2 March 2026, 10:00 in Kyiv."""
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def alice(client: Client, oro: Desk) -> Client:
    client.force_login(oro.alice.user)
    return client


class TestTheLists:
    def test_show_ones_own_open_tickets_first(self, oro: Desk, alice: Client) -> None:
        filed(oro)
        filed(oro, by=oro.bob, subject="Bob's private question")
        words = page(alice, LIST)
        assert "Checkout is down" in words
        assert "#1" in words
        assert "Waiting for triage" in words
        assert "First response due" in words
        assert "Bob's private question" not in words

    def test_show_what_colleagues_share(self, oro: Desk, alice: Client) -> None:
        filed(oro, by=oro.bob, subject="For all of us", is_shared=True)
        filed(oro, subject="My own", is_shared=True)
        words = page(alice, f"{LIST}?scope=shared")
        assert "For all of us" in words
        assert "My own" not in words

    def test_a_manager_begins_with_everything_of_the_organization(self, oro: Desk) -> None:
        filed(oro, subject="Alice's private ticket")
        assert "Alice's private ticket" in page(as_(oro.grace.user), LIST)

    def test_everything_is_for_managers_only(self, alice: Client) -> None:
        assert alice.get(f"{LIST}?scope=all").status_code == 404

    def test_are_filtered_by_status(self, oro: Desk, alice: Client) -> None:
        with vendor_scope(oro.vendor):
            done, asked = filed(oro, subject="Done"), filed(oro, subject="Asked")
            actions.resolve(done, by=oro.carol, at=MONDAY)
            actions.set_state(asked, State.WAITING, by=oro.carol, at=MONDAY)
        for status, there, gone in (
            ("open", "Asked", "Done"),
            ("waiting", "Asked", "Done"),
            ("resolved", "Done", "Asked"),
        ):
            words = page(alice, f"{LIST}?status={status}")
            assert there in words
            assert gone not in words

    @pytest.mark.parametrize(
        "query", ["scope=theirs", "status=lost", "after=x", "after=1_x", "after=9", f"after={10**30}_1"]
    )
    def test_do_not_guess_what_is_meant(self, alice: Client, query: str) -> None:
        assert alice.get(f"{LIST}?{query}").status_code == 404

    def test_go_on_from_page_to_page(self, oro: Desk, alice: Client) -> None:
        for number in range(27):
            filed(oro, subject=f"Question {number:02}")
        first = alice.get(LIST).content.decode()
        assert "Question 26" in first
        assert "Question 01" not in first
        older = re.search(r'href="([^"]+after=[^"]+)"', first)
        assert older is not None
        second = page(alice, unescape(older[1]))
        assert "Question 01" in second
        assert "Question 00" in second
        assert "Question 02" not in second

    def test_begin_with_what_changed_last(self, oro: Desk, alice: Client) -> None:
        first, second = filed(oro, subject="Older"), filed(oro, subject="Newer")
        with vendor_scope(oro.vendor):
            actions.reply(first, by=oro.carol, at=MONDAY, body="An answer.")
        words = page(alice, LIST)
        assert words.index(f"#{first.number}") < words.index(f"#{second.number}")

    def test_that_are_empty_offer_the_one_thing_to_do(self, alice: Client) -> None:
        html = alice.get(LIST).content.decode()
        assert "You have no open tickets" in html
        assert f'href="{NEW}"' in html

    def test_show_no_internal_clock(self) -> None:
        drud = make_desk("drud")
        filed(drud, priority="Urgent")
        words = page(as_(drud.alice.user), "/drud/tickets/")
        assert "Received" in words
        assert "due in" not in words

    def test_cost_the_same_for_one_ticket_and_for_fifty(self, oro: Desk, alice: Client) -> None:
        filed(oro)
        page(alice, LIST)
        one = queries(alice, LIST)
        for _each in range(49):
            filed(oro)
        assert queries(alice, LIST) == one <= 9

    def test_send_staff_to_the_desk(self, oro: Desk) -> None:
        assert as_(oro.carol.user).get(LIST).headers["Location"] == "/orocloud/desk/"


class TestATicket:
    @pytest.fixture
    def ticket(self, oro: Desk) -> Ticket:
        return filed(oro, priority="P1", url="https://shop.example/checkout")

    def test_is_not_there_for_those_who_may_not_read_it(self, oro: Desk, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            stranger = factories.MembershipFactory(
                user=factories.UserFactory(name="Trudy", email="trudy@orocloud.example"),
                organization=factories.OrganizationFactory(slug="southwind"),
            )
        for person in (oro.bob, stranger):
            client = as_(person.user)
            assert client.get("/orocloud/tickets/1/").status_code == 404
            assert client.get("/orocloud/tickets/1/activity/").status_code == 404
            for change in ("replies", "resolution", "reopening"):
                assert client.post(f"/orocloud/tickets/1/{change}/", {"body": "x"}).status_code == 404
        with vendor_scope(oro.vendor):
            ticket.refresh_from_db()
            assert ticket.state == State.NEW
            assert Message.objects.count() == 1

    def test_is_there_for_the_manager_and_for_colleagues_it_is_shared_with(self, oro: Desk, ticket: Ticket) -> None:
        assert "Checkout is down" in page(as_(oro.grace.user), "/orocloud/tickets/1/")
        shared = filed(oro, is_shared=True, subject="Shared")
        client = as_(oro.bob.user)
        assert "Shared" in page(client, f"/orocloud/tickets/{shared.number}/")
        client.post(f"/orocloud/tickets/{shared.number}/replies/", {"body": "Same here."})
        assert "Same here." in page(as_(oro.alice.user), f"/orocloud/tickets/{shared.number}/")

    def test_says_where_it_stands_in_the_customers_words(self, alice: Client, ticket: Ticket) -> None:
        words = page(alice, "/orocloud/tickets/1/")
        assert "Waiting for triage The status of the new ticket that just entered the queue." in words
        assert "First response due in 3 h" in words
        assert "Shop, Enterprise plan" in words

    def test_says_whose_turn_it_is(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            actions.reply(ticket, by=oro.carol, at=MONDAY, body="Which version?", then_state=State.WAITING)
        words = page(alice, "/orocloud/tickets/1/")
        assert "The support team is waiting for your answer since 10:00" in words
        alice.post("/orocloud/tickets/1/replies/", {"body": "5.1"})
        words = page(alice, "/orocloud/tickets/1/")
        assert "is waiting for your answer" not in words
        assert "In progress" in words

    def test_tells_nothing_internal(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            actions.note(ticket, by=oro.carol, at=MONDAY, body="They broke it themselves.")
            actions.assign(ticket, to=oro.carol, by=oro.dan, at=MONDAY)
            actions.triage(ticket, severity=oro.priority("P4"), by=oro.carol, at=MONDAY)
            actions.set_state(ticket, State.IN_PROGRESS, by=oro.carol, at=MONDAY, reason="blame the cache")
            actions.set_priority(ticket, priority=oro.priority("P3"), by=oro.dan, at=MONDAY, reason="not urgent at all")
            actions.no_reply_needed(ticket, by=oro.carol, at=MONDAY)
        words = page(alice, "/orocloud/tickets/1/") + page(alice, "/orocloud/tickets/1/activity/")
        for secret in ("They broke it", "Internal note", "assigned", "everity", "blame the cache", "not urgent at all"):
            assert secret not in words
        assert "no reply needed" not in words.lower()
        assert "Status: In progress" in words
        assert "Dan changed the priority from P1 to P3" in words

    def test_keeps_what_was_written_when_a_reply_is_refused(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        response = alice.post(
            "/orocloud/tickets/1/replies/", {"body": "See the log", "files": [SimpleUploadedFile("empty.log", b"")]}
        )
        html = response.content.decode()
        assert response.status_code == 422
        assert "“empty.log” is empty" in html
        assert ">See the log</textarea>" in html
        assert "Please choose your files again." in html
        with vendor_scope(oro.vendor):
            assert Message.objects.count() == 1

    def test_is_resolved_and_reopened_by_the_customer(self, alice: Client, ticket: Ticket) -> None:
        assert alice.post("/orocloud/tickets/1/resolution/").headers["Location"] == "/orocloud/tickets/1/"
        words = page(alice, "/orocloud/tickets/1/")
        assert "You marked it as resolved" in words
        assert "Undo" in words
        alice.post("/orocloud/tickets/1/reopening/")
        assert "You reopened it" in page(alice, "/orocloud/tickets/1/")
        alice.post("/orocloud/tickets/1/reopening/")
        assert "The ticket is open already." in page(alice, "/orocloud/tickets/1/")

    def test_an_unchanged_page_costs_a_304(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        first = alice.get("/orocloud/tickets/1/activity/")
        again = {"If-None-Match": first.headers["ETag"]}
        assert alice.get("/orocloud/tickets/1/activity/", headers=again).status_code == 304
        with vendor_scope(oro.vendor):
            actions.reply(ticket, by=oro.carol, at=MONDAY, body="We see it.")
        changed = alice.get("/orocloud/tickets/1/activity/", headers=again)
        assert changed.status_code == 200
        assert "We see it." in changed.content.decode()
        assert "<textarea" not in changed.content.decode()

    def test_explains_its_clock(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            clock = Clock.objects.get(ticket=ticket)
        path = f"/orocloud/tickets/1/clocks/{clock.pk}/"
        assert "first response within 4 hours, around the clock" in page(alice, path)
        assert "<html" not in alice.get(path, headers={"HX-Request": "true"}).content.decode()
        assert as_(oro.bob.user).get(path).status_code == 404

    def test_never_explains_an_internal_clock(self) -> None:
        drud = make_desk("drud")
        ticket = filed(drud, priority="Urgent")
        with vendor_scope(drud.vendor):
            clock = Clock.objects.filter(ticket=ticket).first()
        assert clock is not None
        assert as_(drud.alice.user).get(f"/drud/tickets/1/clocks/{clock.pk}/").status_code == 404

    def test_serves_attachments_only_as_downloads_and_only_to_readers(self, oro: Desk, alice: Client) -> None:
        ticket = filed(oro, files=[SimpleUploadedFile("page.html", b"<script>alert(1)</script>")])
        with vendor_scope(oro.vendor):
            actions.note(ticket, by=oro.carol, at=MONDAY, body="x", files=[SimpleUploadedFile("trace.txt", b"x")])
            own, internal = Attachment.objects.order_by("id")
        response = alice.get(f"/orocloud/attachments/{own.pk}/")
        assert b"".join(response) == b"<script>alert(1)</script>"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["Content-Type"] == "text/plain"
        assert response.headers["Content-Security-Policy"] == "sandbox"
        assert alice.get(f"/orocloud/attachments/{internal.pk}/").status_code == 404
        assert as_(oro.bob.user).get(f"/orocloud/attachments/{own.pk}/").status_code == 404

    def test_sends_staff_to_the_desk(self, oro: Desk, ticket: Ticket) -> None:
        carol = as_(oro.carol.user)
        assert carol.get("/orocloud/tickets/1/").headers["Location"] == "/orocloud/desk/tickets/1/"
        assert carol.get(NEW).headers["Location"] == "/orocloud/desk/tickets/new/"

    def test_costs_the_same_with_one_message_and_with_fifty(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        page(alice, "/orocloud/tickets/1/")
        one = queries(alice, "/orocloud/tickets/1/")
        with vendor_scope(oro.vendor):
            for number in range(49):
                by = (oro.alice, oro.carol, oro.dan)[number % 3]
                file = SimpleUploadedFile(f"{number}.log", b"x")
                actions.reply(ticket, by=by, at=MONDAY, body=f"Message {number}", files=[file])
        words = page(alice, "/orocloud/tickets/1/")
        assert "Message 48" in words
        assert "48.log" in words
        assert queries(alice, "/orocloud/tickets/1/") == one <= 12

    def test_a_poll_that_changes_nothing_is_cheap(self, alice: Client, ticket: Ticket) -> None:
        tag = alice.get("/orocloud/tickets/1/activity/").headers["ETag"]
        assert queries(alice, "/orocloud/tickets/1/activity/", **{"If-None-Match": tag}) <= 6
