"""What is being written on a ticket is kept on the server, for who writes it, until it is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.tickets.pages import as_, filed, text_of
from tickets import actions
from tickets.actions.drafting import discard_reply_draft, reply_draft, save_reply_draft
from tickets.models import Message, ReplyDraft, Ticket

pytestmark = pytest.mark.django_db
PORTAL, DESK = "/orocloud/tickets/1/", "/orocloud/desk/tickets/1/"
SAVE = f"{PORTAL}draft/"


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """Monday 2 March 2026, 10:00 in Kyiv."""
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def ticket(oro: Desk) -> Ticket:
    return filed(oro)


def kept(desk: Desk) -> list[tuple[str, str]]:
    with vendor_scope(desk.vendor):
        drafts = ReplyDraft.objects.select_related("person__user").order_by("pk")
        return [(each.person.name, each.initial["body"]) for each in drafts]


def written(html: str) -> str:
    """What stands in the composer."""
    found = re.search(r'<textarea class="composer__text".*?>(.*?)</textarea>', html, re.DOTALL)
    assert found is not None
    return found[1]


class TestSaving:
    def test_says_when_and_fills_the_composer(self, oro: Desk, ticket: Ticket) -> None:
        alice = as_(oro.alice.user)
        response = alice.post(SAVE, {"body": "It began"})
        assert (response.status_code, response.content.decode()) == (200, "Draft kept at 10:00")
        html = alice.get(PORTAL).content.decode()
        assert written(html) == "It began"
        assert "Draft from 10:00" in text_of(html)
        assert f'data-draft="{SAVE}"' in html

    def test_an_agents_keeps_its_kind(self, oro: Desk, ticket: Ticket) -> None:
        carol = as_(oro.carol.user)
        carol.post(SAVE, {"body": "Ask the bank.", "kind": "note"})
        html = carol.get(DESK).content.decode()
        assert written(html) == "Ask the bank."
        assert re.search(r'name="kind" value="note" checked', html)

    def test_replaces_what_stood_there(self, oro: Desk, ticket: Ticket) -> None:
        alice = as_(oro.alice.user)
        alice.post(SAVE, {"body": "It"})
        alice.post(SAVE, {"body": "It began"})
        assert kept(oro) == [("Alice", "It began")]

    def test_an_empty_text_takes_it_back(self, oro: Desk, ticket: Ticket) -> None:
        alice = as_(oro.alice.user)
        alice.post(SAVE, {"body": "It"})
        assert alice.post(SAVE, {"body": " \n"}).status_code == 204
        assert kept(oro) == []

    def test_nobody_reads_anothers(self, oro: Desk, ticket: Ticket) -> None:
        as_(oro.carol.user).post(SAVE, {"body": "Between us.", "kind": "note"})
        for person, page in ((oro.dan, DESK), (oro.alice, PORTAL), (oro.grace, PORTAL)):
            assert "Between us." not in as_(person.user).get(page).content.decode()

    def test_only_on_a_ticket_that_one_sees(self, oro: Desk, ticket: Ticket, mallory: Membership) -> None:
        assert as_(oro.bob.user).post(SAVE, {"body": "x"}).status_code == 404
        assert as_(mallory.user).post(SAVE, {"body": "x"}).status_code == 404
        assert Client().post(SAVE, {"body": "x"}).status_code == 302
        assert kept(oro) == []

    def test_more_than_the_limit_is_said(self, oro: Desk, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tickets.actions.drafting.LARGEST", 100)
        response = as_(oro.alice.user).post(SAVE, {"body": "x" * 200})
        assert (response.status_code, "too long to be kept" in response.content.decode()) == (422, True)

    def test_one_of_each_person(self, in_oro: Desk) -> None:
        ticket = filed(in_oro)
        save_reply_draft(ticket, by=in_oro.alice, at=MONDAY, content={"body": ["It"]})
        with pytest.raises(IntegrityError, match="replydraft_once"), transaction.atomic():
            ReplyDraft.objects.create(ticket=ticket, person=in_oro.alice, saved_at=MONDAY)
        discard_reply_draft(ticket, by=in_oro.alice)
        assert reply_draft(Ticket.objects.with_draft_of(in_oro.alice).get(pk=ticket.pk)) is None


class TestSending:
    def test_ends_it(self, oro: Desk, ticket: Ticket) -> None:
        alice, carol = as_(oro.alice.user), as_(oro.carol.user)
        for client in (alice, carol):
            client.post(SAVE, {"body": "It began"})
        alice.post(f"{PORTAL}replies/", {"body": "It began at 8."})
        assert kept(oro) == [("Carol", "It began")]
        carol.post(f"{DESK}notes/", {"body": "Aha."})
        assert kept(oro) == []

    def test_a_save_of_the_same_text_that_arrives_later_keeps_nothing(self, oro: Desk, ticket: Ticket) -> None:
        alice = as_(oro.alice.user)
        alice.post(f"{PORTAL}replies/", {"body": "It began\r\nat 8."})
        assert alice.post(SAVE, {"body": "It began\nat 8.\n"}).status_code == 204
        assert alice.post(SAVE, {"body": "And then"}).status_code == 200

    def test_the_same_words_another_day_are_a_new_text(self, in_oro: Desk) -> None:
        ticket = filed(in_oro)
        actions.reply(ticket, by=in_oro.alice, at=MONDAY, body="Thank you.")
        later = MONDAY + timedelta(days=1)
        assert save_reply_draft(ticket, by=in_oro.alice, at=later, content={"body": ["Thank you."]}) is not None

    def test_a_refused_one_stays(self, oro: Desk, ticket: Ticket) -> None:
        alice = as_(oro.alice.user)
        alice.post(SAVE, {"body": "It began"})
        program = SimpleUploadedFile("run.png", b"MZ" + bytes(58) + b"\x40\x00\x00\x00PE\x00\x00" + bytes(64))
        response = alice.post(f"{PORTAL}replies/", {"body": "It began", "files": [program]})
        assert response.status_code == 422
        assert written(response.content.decode()) == "It began"
        assert kept(oro) == [("Alice", "It began")]


class TestAnExpiredSession:
    """The reply is sent after the session ended, without any script."""

    @pytest.mark.parametrize(
        ("person", "page", "address"),
        [("alice", PORTAL, "replies/"), ("carol", DESK, "replies/"), ("carol", DESK, "notes/")],
    )
    def test_returns_to_the_ticket_with_the_text(
        self, oro: Desk, ticket: Ticket, person: str, page: str, address: str
    ) -> None:
        client = Client()
        sent = {"body": "It began at 8.", "files": [SimpleUploadedFile("error.log", b"502")]}
        response = client.post(f"{page}{address}", sent)
        assert response.headers["Location"] == f"/accounts/login/?next={page}"
        user = getattr(oro, person).user
        user.set_password("a lively desk 2026")
        user.save()
        said = {"login": user.email, "password": "a lively desk 2026", "next": page}
        html = client.post("/accounts/login/", said, follow=True).content.decode()
        assert "What you wrote is below; it is not sent yet" in text_of(html)
        assert "Please choose your files again: error.log" in text_of(html)
        assert written(html) == "It began at 8."
        with vendor_scope(oro.vendor):
            assert Message.objects.filter(ticket=ticket).count() == 1
        assert "it is not sent yet" not in text_of(client.get(page).content.decode())

    def test_a_form_from_before_another_sign_in_comes_back_filled(self, oro: Desk, ticket: Ticket) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(oro.alice.user)
        strict.get(PORTAL)
        response = strict.post(f"{PORTAL}replies/", {"body": "It began", "csrfmiddlewaretoken": "x" * 64})
        assert response.status_code == 422
        html = response.content.decode()
        assert "This page was open while you signed in elsewhere." in text_of(html)
        assert written(html) == "It began"

    def test_what_else_is_pressed_leads_back_to_the_page_it_stood_on(self, oro: Desk, ticket: Ticket) -> None:
        anybody = Client(headers={"referer": f"http://testserver{PORTAL}?all=1"})
        response = anybody.post(f"{PORTAL}resolution/")
        assert response.headers["Location"] == f"/accounts/login/?next={PORTAL}%3Fall%3D1"
        elsewhere = Client(headers={"referer": "http://evil.example/orocloud/"})
        assert elsewhere.post(f"{PORTAL}resolution/").headers["Location"] == "/accounts/login/?next=/orocloud/"


class TestTakingItToTheTicketThatGoesOn:
    """A reply or a note to a ticket that a colleague has merged meanwhile."""

    CARRY = f"{DESK}carry/"

    @pytest.fixture
    def into(self, oro: Desk, ticket: Ticket) -> Ticket:
        into = filed(oro)
        with vendor_scope(oro.vendor):
            actions.merge(ticket, into=into, by=oro.dan, at=MONDAY)
        return into

    @pytest.mark.parametrize("address", ["replies/", "notes/"])
    def test_is_offered_where_sending_is_refused(self, oro: Desk, into: Ticket, address: str) -> None:
        sent = {"body": "It is the cache.", "files": [SimpleUploadedFile("error.log", b"502")]}
        response = as_(oro.carol.user).post(f"{DESK}{address}", sent)
        assert response.status_code == 409
        html = response.content.decode()
        assert "Not sent yet: this ticket was merged into another while you were writing" in text_of(html)
        assert f"Take this text to #{into.number}" in text_of(html)
        assert f'formaction="{self.CARRY}"' in html
        assert "Files have to be chosen again: error.log" in text_of(html)
        assert written(html) == "It is the cache."

    def test_is_not_offered_for_another_fault(self, oro: Desk, ticket: Ticket) -> None:
        response = as_(oro.carol.user).post(f"{DESK}replies/", {"body": ""})
        assert response.status_code == 422
        assert "Take this text" not in text_of(response.content.decode())

    def test_stands_there_with_all_that_was_chosen_and_is_not_sent(self, oro: Desk, into: Ticket) -> None:
        carol = as_(oro.carol.user)
        carol.post(SAVE, {"body": "It is"})
        said = {"kind": "note", "body": "It is the cache.", "minutes": "25", "seen": "1", "send": "note"}
        response = carol.post(self.CARRY, said)
        there = f"/orocloud/desk/tickets/{into.number}/"
        assert response["Location"] == f"{there}#composer"
        html = carol.get(there).content.decode()
        assert "What you wrote on #1 is below; it is not sent yet." in text_of(html)
        assert written(html) == "It is the cache."
        assert re.search(r'name="kind" value="note" checked', html)
        assert re.search(r'name="minutes"[^>]* value="25"', html)
        with vendor_scope(oro.vendor):
            assert [each.ticket_id for each in ReplyDraft.objects.all()] == [into.pk]
            assert not Message.objects.filter(body="It is the cache.").exists()
            last = Message.objects.order_by("-pk").values_list("pk", flat=True)[0]
        assert f'name="seen" value="{last}"' in html, "a reply from there is held back for what comes in from now on"

    def test_what_was_begun_there_stays_above_it_once(self, oro: Desk, into: Ticket) -> None:
        carol = as_(oro.carol.user)
        carol.post(f"/orocloud/tickets/{into.number}/draft/", {"kind": "reply", "body": "We look into it."})
        for _press in range(2):
            carol.post(self.CARRY, {"kind": "reply", "body": "It is the cache."})
        assert kept(oro) == [("Carol", "We look into it.\n\nIt is the cache.")]

    @pytest.mark.parametrize(("begun", "carried"), [("note", "reply"), ("reply", "note")])
    def test_a_note_never_becomes_a_reply(self, oro: Desk, into: Ticket, begun: str, carried: str) -> None:
        carol, there = as_(oro.carol.user), f"/orocloud/desk/tickets/{into.number}/"
        carol.post(f"/orocloud/tickets/{into.number}/draft/", {"kind": begun, "body": "One."})
        html = carol.post(self.CARRY, {"kind": carried, "body": "Two."}, follow=True).content.decode()
        assert written(html) == "One.\n\nTwo."
        assert re.search(r'name="kind" value="note" checked', html)
        assert "both stand below as an internal note" in text_of(html)
        assert carol.get(there).status_code == 200

    def test_an_empty_box_takes_nothing_away(self, oro: Desk, into: Ticket) -> None:
        carol = as_(oro.carol.user)
        carol.post(f"/orocloud/tickets/{into.number}/draft/", {"kind": "reply", "body": "We look into it."})
        carol.post(self.CARRY, {"kind": "reply", "body": " "})
        assert kept(oro) == [("Carol", "We look into it.")]

    def test_stays_where_it_is_when_the_two_were_separated_again(self, oro: Desk, ticket: Ticket, into: Ticket) -> None:
        with vendor_scope(oro.vendor):
            actions.unmerge(ticket, by=oro.dan, at=MONDAY)
        response = as_(oro.carol.user).post(self.CARRY, {"kind": "reply", "body": "It is the cache."})
        assert response["Location"] == f"{DESK}#composer"
        assert kept(oro) == [("Carol", "It is the cache.")]

    def test_customers_have_no_such_way(self, oro: Desk, into: Ticket) -> None:
        assert as_(oro.alice.user).post(self.CARRY, {"body": "Mine."}).status_code in (403, 404)
        assert kept(oro) == []
