"""Two people at one ticket: claims, replies that cross, and handing over."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from plans.states import State
from supportdesk.accounts.models import Membership, Team, TeamMember
from supportdesk.notifications.models import Delivery, Notice
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk
from tickets import actions
from tickets.errors import HeldBack, Refused
from tickets.models import Event, Message, Ticket
from tickets.models.event import Kind

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(minutes=10)


def last_message(ticket: Ticket) -> int:
    found = Message.objects.filter(ticket=ticket).order_by("-pk").values_list("pk", flat=True).first()
    assert found is not None
    return int(found)


class TestAReplyThatCrosses:
    def test_a_customers_message_is_held_back_and_shown(self, in_oro: Desk, ticket: Ticket) -> None:
        seen = last_message(ticket)
        came = actions.reply(ticket, by=in_oro.alice, at=MONDAY, body="It works again!")
        with pytest.raises(HeldBack) as held:
            actions.reply(ticket, by=in_oro.carol, at=LATER, body="We are looking into it.", seen=seen)
        assert held.value.came_in == [came]
        assert last_message(ticket) == came.pk

    def test_another_agents_reply_or_call_too(self, in_oro: Desk, ticket: Ticket) -> None:
        seen = last_message(ticket)
        replied = actions.reply(ticket, by=in_oro.dan, at=MONDAY, body="Fixed.")
        called = actions.log_call(ticket, by=in_oro.dan, at=MONDAY, body="Rang her.", minutes=3)
        with pytest.raises(HeldBack) as held:
            actions.reply(ticket, by=in_oro.carol, at=LATER, body="Looking.", seen=seen)
        assert held.value.came_in == [replied, called]

    def test_and_ones_own_so_that_nothing_is_sent_twice(self, in_oro: Desk, ticket: Ticket) -> None:
        seen = last_message(ticket)
        actions.reply(ticket, by=in_oro.carol, at=MONDAY, body="Looking.", seen=seen)
        with pytest.raises(HeldBack):
            actions.reply(ticket, by=in_oro.carol, at=MONDAY, body="Looking.", seen=seen)

    def test_notes_and_reminders_hold_nothing_back(self, in_oro: Desk, ticket: Ticket) -> None:
        seen = last_message(ticket)
        actions.note(ticket, by=in_oro.dan, at=MONDAY, body="Careful.")
        actions.reply(ticket, by=None, at=MONDAY, body="A reminder.")
        sent = actions.reply(ticket, by=in_oro.carol, at=LATER, body="Looking.", seen=seen)
        assert last_message(ticket) == sent.pk

    def test_who_has_seen_it_sends(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.reply(ticket, by=in_oro.alice, at=MONDAY, body="It works again!")
        sent = actions.reply(ticket, by=in_oro.carol, at=LATER, body="Glad.", seen=last_message(ticket))
        assert last_message(ticket) == sent.pk

    def test_nothing_of_what_was_to_follow_happens(self, in_oro: Desk, ticket: Ticket) -> None:
        seen = last_message(ticket)
        actions.reply(ticket, by=in_oro.alice, at=MONDAY, body="More.")
        with pytest.raises(HeldBack):
            actions.reply(ticket, by=in_oro.carol, at=LATER, body="Done.", seen=seen, then_state=State.RESOLVED)
        ticket.refresh_from_db()
        assert ticket.state == State.NEW


class TestHandingOver:
    @pytest.fixture
    def group(self, in_oro: Desk) -> Team:
        """The second line: Dan and Carol."""
        team = factories.TeamFactory.create(slug="second-line", name="Second line")
        for each in (in_oro.dan, in_oro.carol):
            TeamMember.objects.create(team=team, membership=each)
        return team

    def test_lets_go_and_sets_the_group_in_one_step(self, in_oro: Desk, ticket: Ticket, group: Team) -> None:
        actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY)
        actions.hand_over(ticket, team=group, by=in_oro.carol, at=LATER, reason="It is in the kernel.")
        ticket.refresh_from_db()
        assert (ticket.assignee, ticket.team) == (None, group)
        told = Event.objects.filter(ticket=ticket, at=LATER).order_by("id").values_list("kind", "data")
        assert list(told) == [
            (Kind.ASSIGNED, {"to": None, "to_name": "", "is_handed_over": True}),
            (
                Kind.TEAM_CHANGED,
                {"to": group.pk, "to_name": "Second line", "is_handed_over": True, "reason": "It is in the kernel."},
            ),
        ]

    def test_tells_the_groups_agents_and_not_who_did_it(self, in_oro: Desk, ticket: Ticket, group: Team) -> None:
        actions.hand_over(ticket, team=group, by=in_oro.carol, at=LATER, reason="It is in the kernel.")
        notice = Notice.objects.get(kind="team_changed")
        assert (notice.membership, notice.body) == (in_oro.dan, "It is in the kernel.")
        assert notice.title == "P2 for Second line, nobody has it: Checkout is down"
        assert Delivery.objects.get(kind="team_changed").membership == in_oro.dan

    def test_tells_them_although_it_was_theirs_before(self, in_oro: Desk, ticket: Ticket, group: Team) -> None:
        actions.set_team(ticket, team=group, by=in_oro.erin, at=MONDAY)
        actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY)
        actions.hand_over(ticket, team=group, by=in_oro.carol, at=LATER)
        assert Notice.objects.filter(kind="team_changed", membership=in_oro.dan, at=LATER).count() == 1

    def test_a_resolved_ticket_is_not_handed_over(self, in_oro: Desk, ticket: Ticket, group: Team) -> None:
        actions.resolve(ticket, by=in_oro.carol, at=MONDAY)
        with pytest.raises(Refused, match="reopen it first"):
            actions.hand_over(ticket, team=group, by=in_oro.carol, at=LATER)

    def test_customers_cannot(self, in_oro: Desk, ticket: Ticket, group: Team) -> None:
        with pytest.raises(PermissionDenied):
            actions.hand_over(ticket, team=group, by=in_oro.alice, at=LATER)

    def test_moving_a_ticket_that_somebody_has_tells_nobody(self, in_oro: Desk, ticket: Ticket, group: Team) -> None:
        actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY)
        actions.set_team(ticket, team=group, by=in_oro.erin, at=MONDAY)
        assert not Notice.objects.filter(kind="team_changed").exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_claim_at_the_same_moment_one_has_it_and_the_other_is_told(oro: Desk) -> None:
    with vendor_scope(oro.vendor):
        ticket = actions.open_ticket(
            by=oro.alice,
            at=MONDAY,
            project=oro.project,
            priority=oro.priority("P2"),
            subject="Checkout is down",
            body="It answers 502.",
        )
    together, outcomes = threading.Barrier(2, timeout=20), {}

    def claims(who: Membership) -> None:
        try:
            with vendor_scope(oro.vendor):
                together.wait()
                actions.assign(ticket, to=who, by=who, at=MONDAY, expected=None)
                outcomes[who.name] = "has it"
        except Refused as refused:
            outcomes[who.name] = refused.text
        finally:
            connection.close()

    both = [threading.Thread(target=claims, args=(who,)) for who in (oro.carol, oro.dan)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    with vendor_scope(oro.vendor):
        ticket.refresh_from_db()
        holder = ticket.assignee
        assert holder is not None
        assert Event.objects.filter(ticket=ticket, kind=Kind.ASSIGNED).count() == 1
    other = {"Carol": "Dan", "Dan": "Carol"}[holder.name]
    assert outcomes == {
        holder.name: "has it",
        other: f"Somebody was quicker: this ticket is now with {holder.name}.",
    }
