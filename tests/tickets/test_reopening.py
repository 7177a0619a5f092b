"""Reopening within the vendor's window, and going on in a linked follow-up ticket after it."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from plans.models import Subscription
from plans.states import State
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions
from tickets.errors import Refused
from tickets.models import Event, Follower, Ticket
from tickets.models.event import Kind

pytestmark = pytest.mark.django_db
WINDOW = timedelta(days=14)
SECOND = timedelta(seconds=1)
OVER = MONDAY + WINDOW + SECOND


@pytest.fixture
def resolved(in_oro: Desk, ticket: Ticket) -> Ticket:
    return actions.resolve(ticket, by=in_oro.carol, at=MONDAY)


class TestWithinTheWindow:
    def test_the_customer_reopens(self, in_oro: Desk, resolved: Ticket) -> None:
        assert actions.reopen(resolved, by=in_oro.alice, at=MONDAY + WINDOW).state == State.REOPENED

    def test_a_reply_reopens(self, in_oro: Desk, resolved: Ticket) -> None:
        message = actions.reply(resolved, by=in_oro.alice, at=MONDAY + WINDOW, body="It is back.")
        assert (message.ticket, message.ticket.state) == (resolved, State.REOPENED)


class TestAfterTheWindow:
    def test_the_customer_cannot_reopen(self, in_oro: Desk, resolved: Ticket) -> None:
        with pytest.raises(Refused, match="file a follow-up ticket"):
            actions.reopen(resolved, by=in_oro.alice, at=OVER)

    def test_the_team_still_can(self, in_oro: Desk, resolved: Ticket) -> None:
        assert actions.reopen(resolved, by=in_oro.carol, at=OVER).state == State.REOPENED

    def test_a_reply_makes_a_follow_up_that_carries_it(self, in_oro: Desk, resolved: Ticket) -> None:
        log = SimpleUploadedFile("shop.log", b"502 again")
        message = actions.reply(resolved, by=in_oro.alice, at=OVER, body="It is back.", files=[log])
        later = message.ticket
        assert (message.body, message.attachments.get().name) == ("It is back.", "shop.log")
        assert later != resolved
        assert (later.state, later.subject, later.priority, later.project, later.requester, later.follow_up_of) == (
            State.NEW,
            resolved.subject,
            resolved.priority,
            resolved.project,
            in_oro.alice,
            resolved,
        )
        resolved.refresh_from_db()
        assert resolved.state == State.RESOLVED
        links = Event.objects.filter(kind=Kind.FOLLOWED_UP).order_by("id").values_list("ticket", "data")
        assert list(links) == [(resolved.pk, {"by": later.number}), (later.pk, {"of": resolved.number})]

    def test_a_second_reply_goes_on_there(self, in_oro: Desk, resolved: Ticket) -> None:
        first = actions.reply(resolved, by=in_oro.alice, at=OVER, body="It is back.")
        second = actions.reply(resolved, by=in_oro.alice, at=OVER + SECOND, body="Since noon.")
        assert second.ticket == first.ticket
        assert Ticket.objects.count() == 2

    def test_the_teams_reply_stays_where_it_is_written(self, in_oro: Desk, resolved: Ticket) -> None:
        assert actions.reply(resolved, by=in_oro.carol, at=OVER, body="All well?").ticket == resolved

    def test_without_a_subscription_the_reply_is_refused_in_words(self, in_oro: Desk, resolved: Ticket) -> None:
        Subscription.objects.update(ends_on=MONDAY.date())
        with pytest.raises(Refused, match="no active support subscription") as refused:
            actions.reply(resolved, by=in_oro.alice, at=OVER, body="It is back.")
        assert refused.value.field is None
        assert Ticket.objects.count() == 1


class TestAFollowUp:
    def test_keeps_everybody_who_knew_informed(self, in_oro: Desk, file: File) -> None:
        ticket = file(is_shared=True)
        actions.follow(ticket, who=in_oro.grace, by=in_oro.alice, at=MONDAY)
        actions.resolve(ticket, by=in_oro.carol, at=MONDAY)
        later = actions.follow_up(ticket, by=in_oro.bob, at=OVER, body="Here too.", subject="Checkout again")
        assert (later.subject, later.requester, later.is_shared) == ("Checkout again", in_oro.bob, True)
        assert {each.person for each in Follower.objects.filter(ticket=later)} == {in_oro.alice, in_oro.grace}

    def test_of_an_open_ticket_is_refused(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused, match="is open"):
            actions.follow_up(ticket, by=in_oro.alice, at=MONDAY, body="More.")

    def test_sent_twice_is_made_once(self, in_oro: Desk, resolved: Ticket) -> None:
        made = [
            actions.follow_up(resolved, by=in_oro.alice, at=OVER, body="It is back.", submission=UUID(int=7))
            for _each in range(2)
        ]
        assert made[0] == made[1]
        assert Event.objects.filter(kind=Kind.FOLLOWED_UP).count() == 2

    def test_the_database_refuses_a_ticket_that_follows_itself(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(IntegrityError, match="ticket_follows_another"), transaction.atomic():
            Ticket.objects.filter(pk=ticket.pk).update(follow_up_of=ticket)
