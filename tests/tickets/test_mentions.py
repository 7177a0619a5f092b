"""Who is named in a note, and what follows from it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from supportdesk.notifications.models import Delivery, Notice
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions
from tickets.mentions import named_in
from tickets.models import Mention, Ticket

NAMES = {1: "Carol Bernard", 2: "Dan Whitfield", 3: "Dan Moore", 4: "Erin", 5: "Jean-Luc Brand"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("@Carol Bernard, please look", {1}),
        ("@carol bernard: please", {1}),
        ("Ask @Carol.", {1}),
        ("@Erin @Carol Bernard", {1, 4}),
        ("(@Erin)", {4}),
        ("@Dan knows", set()),
        ("@Dan Whitfield knows, not the other", {2}),
        ("@Jean-Luc wrote it", {5}),
        ("@Erinna is somebody else", set()),
        ("write to carol@Erin.example", set()),
        ("`@Erin` is a decorator", set()),
        ("```\n@Erin\n```", set()),
        ("```\n@Erin", set()),
        ("Carol Bernard without the sign", set()),
        ("@", set()),
    ],
)
def test_whose_names_stand_in_a_text(text: str, named: set[int]) -> None:
    assert named_in(text, NAMES) == named


def test_nobody_is_named_where_nobody_is() -> None:
    assert named_in("@Erin", {}) == set()


@pytest.mark.django_db
class TestInANote:
    def test_those_named_are_told_and_find_it_unread(self, in_oro: Desk, ticket: Ticket) -> None:
        note = actions.note(ticket, by=in_oro.carol, at=MONDAY, body="@Dan have you seen this?")
        mention = Mention.objects.of(in_oro.dan).unread().get()
        assert (mention.message, mention.ticket, mention.at) == (note, ticket, MONDAY)
        notice = Notice.objects.get(membership=in_oro.dan, kind="noted")
        assert notice.title == "Carol mentioned you: Checkout is down"
        assert notice.path == f"/orocloud/desk/tickets/{ticket.number}/"
        assert Delivery.objects.filter(membership=in_oro.dan, kind="noted").count() == 1

    def test_naming_oneself_or_a_customer_tells_nobody(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.note(ticket, by=in_oro.carol, at=MONDAY, body="@Carol to herself, about @Alice")
        assert not Mention.objects.exists()
        assert not Notice.objects.filter(kind="noted").exists()

    def test_somebody_who_has_left_is_not_named(self, in_oro: Desk, ticket: Ticket) -> None:
        in_oro.dan.is_active = False
        in_oro.dan.save()
        actions.note(ticket, by=in_oro.carol, at=MONDAY, body="@Dan?")
        assert not Mention.objects.exists()

    def test_a_reply_mentions_nobody(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.reply(ticket, by=in_oro.carol, at=MONDAY, body="@Dan wrote this feature.")
        assert not Mention.objects.exists()

    def test_who_has_the_ticket_and_who_watches_it_hear_of_the_note_once(self, in_oro: Desk, file: File) -> None:
        ticket = file()
        actions.assign(ticket, to=in_oro.dan, by=in_oro.dan, at=MONDAY)
        for who in (in_oro.dan, in_oro.erin, in_oro.bob):
            actions.follow(ticket, who=who, by=in_oro.carol, at=MONDAY)
        actions.note(ticket, by=in_oro.carol, at=MONDAY + timedelta(hours=1), body="For @Erin.")
        told = dict(Notice.objects.filter(kind="noted").values_list("membership", "title"))
        assert told == {
            in_oro.erin.pk: "Carol mentioned you: Checkout is down",
            in_oro.dan.pk: "Carol added a note: Checkout is down",
        }, "and Bob, a customer who follows, hears nothing"
