"""A second matter in one ticket becomes a ticket of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile

from sla.models import Clock
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions
from tickets.errors import Refused
from tickets.models import Event, Follower, Link, Message, Ticket
from tickets.models.event import Kind
from tickets.models.link import LinkKind

HOUR = timedelta(hours=1)


@pytest.fixture
def second(in_oro: Desk, file: File, settings: LazySettings, tmp_path: object) -> Message:
    """On Alice's private ticket, answered meanwhile, Grace asks for something else, with a file."""
    settings.MEDIA_ROOT = tmp_path
    ticket = file()
    actions.reply(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="We look into it.")
    actions.follow(ticket, who=in_oro.bob, by=in_oro.alice, at=MONDAY + HOUR)
    shot = SimpleUploadedFile("logo.txt", b"logo")
    return actions.reply(
        ticket, by=in_oro.grace, at=MONDAY + 2 * HOUR, body="By the way, the logo is blurred.", files=[shot]
    )


def split(desk: Desk, message: Message, **said: object) -> Ticket:
    facts: dict[str, object] = {"subject": "Blurred logo", "priority": desk.priority("P1"), "by": desk.carol}
    return actions.split(message, at=MONDAY + 3 * HOUR, **(facts | said))  # type: ignore[arg-type]


def test_it_begins_with_the_message_and_its_files_in_the_name_of_who_wrote_it(in_oro: Desk, second: Message) -> None:
    apart = split(in_oro, second)
    first = apart.messages.get()
    assert (apart.requester, first.author, first.body) == (in_oro.grace, in_oro.grace, second.body)
    copied, original = first.attachments.get(), second.attachments.get()
    assert (copied.name, copied.file.name) == ("logo.txt", original.file.name)
    assert second.ticket.messages.filter(pk=second.pk).exists()


def test_its_clocks_start_when_the_message_was_written(in_oro: Desk, second: Message) -> None:
    apart = split(in_oro, second)
    assert (apart.received_at, apart.unanswered_since) == (second.created_at, second.created_at)
    assert Clock.objects.get(ticket=apart).started_at == MONDAY + 2 * HOUR


def test_both_say_so_and_are_linked(in_oro: Desk, second: Message) -> None:
    apart = split(in_oro, second)
    told = {each.ticket_id: each.data for each in Event.objects.filter(kind=Kind.SPLIT)}
    asked_at = second.created_at.isoformat()
    assert told == {
        second.ticket_id: {"into": apart.number, "message": second.pk, "asked_at": asked_at},
        apart.pk: {"from": second.ticket.number, "message": second.pk, "asked_at": asked_at},
    }
    assert Link.objects.get().kind == LinkKind.RELATED


def test_who_read_the_original_reads_it_and_nobody_else(in_oro: Desk, second: Message) -> None:
    apart = split(in_oro, second)
    assert set(Follower.objects.filter(ticket=apart).values_list("person_id", flat=True)) == {
        in_oro.alice.pk,
        in_oro.bob.pk,
    }
    assert not apart.is_shared


def test_the_original_may_wait_no_longer(in_oro: Desk, second: Message) -> None:
    split(in_oro, second, original_waits=False)
    second.ticket.refresh_from_db()
    assert second.ticket.unanswered_since is None


def test_only_what_a_customer_wrote_publicly_and_only_by_the_team(in_oro: Desk, second: Message) -> None:
    note = actions.note(second.ticket, by=in_oro.carol, at=MONDAY + 2 * HOUR, body="Odd.")
    answer = second.ticket.messages.filter(author=in_oro.carol).first()
    for message in (note, answer):
        assert message is not None
        with pytest.raises(Refused):
            split(in_oro, message)
    with pytest.raises(PermissionDenied):
        split(in_oro, second, by=in_oro.alice)
