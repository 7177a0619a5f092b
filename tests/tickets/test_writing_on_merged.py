"""Writing on a ticket that was merged: it is said where the text goes, and it goes there; nothing typed is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cast import MONDAY, Desk
from tickets import actions
from tickets.actions.preparing import keep_response
from tickets.models import Attachment, Message, Ticket, TimeEntry
from tickets.models.message import MessageKind

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TEXT = "It was the cache; it answers again."
File = Callable[..., Ticket]


@pytest.fixture(autouse=True)
def later() -> Iterator[None]:
    with time_machine.travel(MONDAY + 2 * HOUR, tick=False):
        yield


@pytest.fixture
def into(file: File, in_oro: Desk) -> Ticket:
    """Where #1 goes on: filed by Bob."""
    return file(by=in_oro.bob, subject="Everything is down", is_shared=True)


@pytest.fixture
def merged(file: File, in_oro: Desk, into: Ticket) -> Ticket:
    return actions.merge(file(), into=into, by=in_oro.dan, at=MONDAY + HOUR)


@pytest.fixture
def carol(oro: Desk, client: Client) -> Client:
    client.force_login(oro.carol.user)
    return client


def at(ticket: Ticket, place: str = "") -> str:
    return f"/orocloud/desk/tickets/{ticket.number}/{place}"


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def last_of(ticket: Ticket) -> int:
    last = Message.objects.filter(ticket=ticket).order_by("pk").last()
    return last.pk if last is not None else 0


def test_the_page_says_where_it_goes_and_to_whom(carol: Client, merged: Ticket, into: Ticket) -> None:
    page = carol.get(at(merged)).content.decode()
    assert f"Merged. What you send goes to #{into.number} Everything is down" in text_of(page)
    assert f'name="goes_to" value="{into.number}"' in page
    assert "Reply to Bob…" in page
    assert 'name="goes_to"' not in carol.get(at(into)).content.decode()


@pytest.mark.parametrize("kind", ["reply", "note", "call"])
def test_it_goes_there_once_the_writer_was_shown(carol: Client, merged: Ticket, into: Ticket, kind: str) -> None:
    sent = {"kind": kind, "body": TEXT, "seen": last_of(merged), "goes_to": into.number, "minutes": 7}
    answer = carol.post(at(merged, "replies/"), sent)
    assert answer["Location"] == f"{at(into)}#latest"
    message = Message.objects.get(body=TEXT)
    assert message.ticket == into
    assert message.kind == (MessageKind.NOTE if kind == "note" else MessageKind.PUBLIC)
    assert TimeEntry.objects.get().ticket == into


def test_the_status_that_follows_is_that_tickets(carol: Client, merged: Ticket, into: Ticket) -> None:
    page = carol.get(at(merged)).content.decode()
    assert 'value="reply:waiting"' in page
    assert 'name="state"' not in page, "the merged one has no status to set"
    sent = {"body": TEXT, "send": "reply:waiting", "seen": last_of(into), "goes_to": into.number}
    carol.post(at(merged, "replies/"), sent)
    into.refresh_from_db()
    merged.refresh_from_db()
    assert (into.state, merged.state) == ("waiting", "resolved")


@pytest.mark.parametrize("kind", ["reply", "note", "call"])
@pytest.mark.parametrize("goes_to", ["", "99", "x"])
def test_who_was_not_shown_is_and_nothing_is_lost(
    carol: Client, merged: Ticket, into: Ticket, kind: str, goes_to: str
) -> None:
    sent = {"kind": kind, "body": TEXT, "seen": last_of(merged), "minutes": 7, "goes_to": goes_to}
    answer = carol.post(at(merged, "replies/"), sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Not sent yet: this ticket was merged into another while you were writing" in text_of(page)
    assert f"Send it to #{into.number}" in page
    assert TEXT in page
    assert f'value="{kind}" checked' in page
    assert not Message.objects.filter(body=TEXT).exists()


def test_files_go_along(carol: Client, merged: Ticket, into: Ticket) -> None:
    file = SimpleUploadedFile("trace.log", b"boom")
    sent = {"kind": "note", "body": TEXT, "goes_to": into.number, "files": [file]}
    carol.post(at(merged, "notes/"), sent)
    assert Attachment.objects.get().ticket == into


def test_asked_before_it_is_sent_the_page_hears_of_it_and_can_stay(
    carol: Client, oro: Desk, merged: Ticket, into: Ticket
) -> None:
    crossing = at(merged, "crossing/")
    for kind in ("reply", "note"):
        answer = carol.get(crossing, {"seen": last_of(merged), "kind": kind})
        assert answer.status_code == 200
        assert f'name="goes_to" value="{into.number}"' in answer.content.decode()
        shown = carol.get(crossing, {"seen": last_of(merged), "kind": kind, "goes_to": into.number})
        assert shown.status_code == 204, kind


def test_what_came_in_there_holds_a_reply_back(carol: Client, oro: Desk, merged: Ticket, into: Ticket) -> None:
    seen = str(last_of(into))
    actions.reply(into, by=oro.bob, at=MONDAY + HOUR, body="It works again, thanks!")
    asked = {"seen": seen, "kind": "reply", "goes_to": str(into.number)}
    assert "It works again, thanks!" in carol.get(at(merged, "crossing/"), asked).content.decode()
    answer = carol.post(at(merged, "replies/"), {"body": TEXT, "seen": seen, "goes_to": into.number})
    assert answer.status_code == 409
    assert "It works again, thanks!" in answer.content.decode()
    assert f'name="goes_to" value="{into.number}"' in answer.content.decode()
    assert not Message.objects.filter(body=TEXT).exists()


def test_a_note_on_a_ticket_of_its_own_is_not_asked_about(carol: Client, into: Ticket) -> None:
    assert carol.get(at(into, "crossing/?seen=0&kind=note")).status_code == 204
    assert carol.get(at(into, "crossing/?seen=0&kind=reply")).status_code == 200


def test_a_prepared_text_speaks_of_where_it_goes(carol: Client, in_oro: Desk, merged: Ticket, into: Ticket) -> None:
    body = "Hello {{customer.first_name}}, about #{{ticket.number}}:"
    keep_response(None, by=in_oro.carol, at=MONDAY, title="Hello", body=body, owner=in_oro.carol)
    offered = carol.get(at(merged, "responses/")).content.decode()
    assert f"Hello {in_oro.bob.user.get_short_name()}, about #{into.number}:" in offered
