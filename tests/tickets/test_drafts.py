"""Nothing is lost: drafts, a session that ends while somebody writes, a form sent twice."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.tickets.pages import NEW, answers, as_, page, text_of
from tickets.actions.drafting import KEPT_FOR, MOST_DRAFTS, discard_draft, save_draft
from tickets.models import Draft, Ticket

pytestmark = pytest.mark.django_db
SAVE = f"{NEW}draft/"


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


def drafts(oro: Desk) -> list[Draft]:
    with vendor_scope(oro.vendor):
        return list(Draft.objects.order_by("pk"))


class TestSaving:
    def test_says_when(self, oro: Desk, alice: Client) -> None:
        response = alice.post(SAVE, answers(oro))
        assert (response.status_code, response.content.decode()) == (200, "Draft kept at 10:00")
        (draft,) = drafts(oro)
        assert draft.subject == "Checkout is down"
        assert draft.first("field_license_key") == "LIC-1"
        assert "csrfmiddlewaretoken" not in draft.content

    def test_replaces_what_the_same_form_said_before(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro)
        alice.post(SAVE, sent)
        alice.post(SAVE, sent | {"subject": "Checkout is slow"})
        assert [each.subject for each in drafts(oro)] == ["Checkout is slow"]

    def test_keeps_nothing_of_an_empty_form(self, oro: Desk, alice: Client) -> None:
        assert alice.post(SAVE, answers(oro, subject="", body="")).status_code == 204
        assert drafts(oro) == []

    def test_that_arrives_after_the_form_was_filed_keeps_nothing(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro)
        alice.post(NEW, sent)
        assert alice.post(SAVE, sent).status_code == 204
        assert drafts(oro) == []

    def test_asks_for_a_sign_in(self, oro: Desk) -> None:
        assert Client().post(SAVE, answers(oro)).status_code == 302
        assert drafts(oro) == []

    def test_takes_characters_that_a_database_does_not(self, oro: Desk, alice: Client) -> None:
        assert alice.post(SAVE, answers(oro, body="a\0b")).status_code == 200
        assert drafts(oro)[0].first("body") == "ab"

    def test_more_than_the_limit_is_said(self, in_oro: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tickets.actions.drafting.LARGEST", 1000)
        with pytest.raises(Exception, match="too long to be kept"):
            save_draft(by=in_oro.alice, at=MONDAY, submission=uuid.uuid4(), content={"body": ["x" * 1000]})


class TestGoingOn:
    def test_a_new_form_offers_it(self, oro: Desk, alice: Client) -> None:
        alice.post(SAVE, answers(oro))
        with time_machine.travel(MONDAY + timedelta(hours=4), tick=False):
            words = page(alice, NEW)
        assert "You have an unsent request from 10:00: Checkout is down" in words

    def test_fills_the_form_again(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro, is_shared="true", informed=[oro.bob.pk])
        alice.post(SAVE, sent)
        html = alice.get(f"{NEW}?draft={sent['submission']}").content.decode()
        for name in ("submission", "subject", "url", "field_license_key", "field_company_name"):
            assert f'value="{sent[name]}"' in html, name
        assert "It answers **502**." in html
        assert re.search(rf'name="priority"[^>]*value="{sent["priority"]}"[^>]*checked', html)
        assert re.search(r'name="is_shared" value="true" checked', html)
        assert re.search(rf'name="informed" value="{oro.bob.pk}"[^>]*checked', html)
        assert "unsent request" not in html
        assert "Draft from 10:00" in text_of(html)

    def test_filing_it_ends_it(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro)
        alice.post(SAVE, sent)
        alice.post(NEW, sent)
        assert drafts(oro) == []
        assert "unsent request" not in page(alice, NEW)

    def test_discarding_forgets_it(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro)
        alice.post(SAVE, sent)
        response = alice.post(f"{SAVE}{sent['submission']}/removal/", follow=True)
        assert "The unsent request is discarded." in text_of(response.content.decode())
        assert drafts(oro) == []

    def test_a_form_that_came_back_with_mistakes_is_kept_too(self, oro: Desk, alice: Client) -> None:
        alice.post(NEW, answers(oro, priority=""))
        assert [each.subject for each in drafts(oro)] == ["Checkout is down"]

    def test_nobody_reads_or_discards_anothers(self, oro: Desk, alice: Client) -> None:
        sent = answers(oro)
        alice.post(SAVE, sent)
        for colleague in (oro.bob, oro.grace):
            theirs = as_(colleague.user)
            assert "Checkout is down" not in page(theirs, NEW)
            assert "Checkout is down" not in page(theirs, f"{NEW}?draft={sent['submission']}")
            theirs.post(f"{SAVE}{sent['submission']}/removal/")
        assert len(drafts(oro)) == 1

    def test_nor_does_another_vendor(self, oro: Desk, alice: Client, mallory: Membership) -> None:
        sent = answers(oro)
        alice.post(SAVE, sent)
        stranger = as_(mallory.user)
        assert stranger.post(SAVE, sent).status_code == 404
        assert stranger.post(NEW, sent).status_code == 404
        assert stranger.post(f"{SAVE}{sent['submission']}/removal/").status_code == 404
        assert len(drafts(oro)) == 1


class TestHowLong:
    def test_the_oldest_gives_way(self, in_oro: Desk) -> None:
        for minute in range(MOST_DRAFTS + 2):
            at = MONDAY + timedelta(minutes=minute)
            content = {"subject": [f"Draft {minute}"]}
            save_draft(by=in_oro.alice, at=at, submission=uuid.uuid4(), content=content)
        kept = [each.subject for each in Draft.objects.of(in_oro.alice)]
        assert kept == [f"Draft {minute}" for minute in reversed(range(2, MOST_DRAFTS + 2))]

    def test_a_month(self, in_oro: Desk) -> None:
        mark = uuid.uuid4()
        save_draft(by=in_oro.alice, at=MONDAY, submission=mark, content={"subject": ["Old"]})
        later = MONDAY + KEPT_FOR + timedelta(seconds=1)
        save_draft(by=in_oro.alice, at=later, submission=uuid.uuid4(), content={"subject": ["New"]})
        assert [each.subject for each in Draft.objects.of(in_oro.alice)] == ["New"]
        assert not discard_draft(by=in_oro.alice, submission=mark)


class TestAnExpiredSession:
    """The form is sent after the session ended, without any script."""

    def sign_in(self, client: Client, oro: Desk, address: str) -> str:
        oro.alice.user.set_password("a lively desk 2026")
        oro.alice.user.save()
        said = {"login": oro.alice.user.email, "password": "a lively desk 2026", "next": address.split("next=")[1]}
        response = client.post("/accounts/login/", said, follow=True)
        assert response.status_code == 200
        return response.content.decode()

    def test_returns_to_the_filled_form_after_sign_in(self, oro: Desk) -> None:
        client = Client()
        sent = answers(oro, is_shared="true", files=[SimpleUploadedFile("error.log", b"502")])
        response = client.post(NEW, sent)
        assert response.status_code == 302
        assert response.headers["Location"] == f"/accounts/login/?next={NEW}"
        html = self.sign_in(client, oro, response.headers["Location"])
        words = text_of(html)
        assert "You had been signed out. What you wrote is here; nothing is filed yet" in words
        assert "Please choose your files again: error.log" in words
        assert "It answers **502**." in html
        assert f'value="{sent["submission"]}"' in html
        assert 'value="LIC-1"' in html
        with vendor_scope(oro.vendor):
            assert Ticket.objects.count() == 0
        assert client.post(NEW, sent | {"files": []}).status_code == 302
        with vendor_scope(oro.vendor):
            assert Ticket.objects.get().requester == oro.alice

    def test_shows_it_once(self, oro: Desk) -> None:
        client = Client()
        response = client.post(NEW, answers(oro))
        self.sign_in(client, oro, response.headers["Location"])
        assert "unsent" not in client.session
        assert "You had been signed out" not in page(client, NEW)

    def test_a_vendor_never_sees_what_was_written_to_another(self, oro: Desk) -> None:
        client = Client()
        client.post(NEW, answers(oro))
        kept = client.session["unsent"]
        assert (kept["page"], kept["content"]["subject"]) == (NEW, ["Checkout is down"])

    def test_is_kept_for_an_hour_and_no_longer_than_a_text_may_be(self, oro: Desk) -> None:
        client = Client()
        client.post(NEW, answers(oro, body="x" * 900_000))
        assert client.session.get_expiry_age() == 3600
        assert len(client.session["unsent"]["content"]["body"][0]) == 400_000

    def test_reading_the_form_leaves_no_session(self, oro: Desk) -> None:
        before = Session.objects.count()
        assert Client().get(NEW).headers["Location"] == f"/accounts/login/?next={NEW}"
        assert Session.objects.count() == before
