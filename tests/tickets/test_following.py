"""Followers: who may be added, what they see, and what they are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from plans.states import State
from supportdesk.accounts.models import Membership
from supportdesk.notifications.models import Delivery, Notice
from tests import factories
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions
from tickets.errors import Refused
from tickets.models import Attachment, Event, Follower, Message, Ticket
from tickets.models.event import Kind

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture
def stranger(in_oro: Desk) -> Membership:
    """Somebody of another organization of the same vendor."""
    user = factories.UserFactory.create(name="Sybil", email="sybil@fabrikam.example")
    return factories.MembershipFactory.create(
        user=user, organization=factories.OrganizationFactory.create(slug="fabrikam")
    )


def told(who: Membership, kind: str) -> tuple[int, int]:
    """How many notices and e-mails of this kind somebody got."""
    mine = {"membership": who, "kind": kind}
    return Notice.objects.filter(**mine).count(), Delivery.objects.filter(**mine).count()


class TestAFollower:
    def test_reads_a_private_ticket_and_what_belongs_to_it(self, in_oro: Desk, ticket: Ticket) -> None:
        assert ticket not in Ticket.objects.visible_to(in_oro.bob)
        actions.follow(ticket, who=in_oro.bob, by=in_oro.alice, at=MONDAY)
        assert list(Ticket.objects.visible_to(in_oro.bob)) == [ticket]
        assert list(Ticket.objects.told_to(in_oro.bob)) == [ticket]

    def test_does_not_read_internal_notes(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.follow(ticket, who=in_oro.bob, by=in_oro.alice, at=MONDAY)
        actions.note(ticket, by=in_oro.carol, at=MONDAY, body="Careful.")
        assert Message.objects.filter(ticket=ticket).visible_to(in_oro.bob).count() == 1
        assert not Attachment.objects.visible_to(in_oro.bob).exists()

    def test_no_longer_reads_it_after_leaving(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.follow(ticket, who=in_oro.bob, by=in_oro.alice, at=MONDAY)
        actions.unfollow(ticket, who=in_oro.bob, by=in_oro.bob, at=LATER)
        assert not Ticket.objects.visible_to(in_oro.bob).exists()
        kinds = Event.objects.filter(ticket=ticket, kind__startswith="follower").order_by("id")
        assert [(event.kind, event.by, event.data["name"]) for event in kinds] == [
            (Kind.FOLLOWER_ADDED, in_oro.alice, "Bob"),
            (Kind.FOLLOWER_REMOVED, in_oro.bob, "Bob"),
        ]

    def test_who_has_moved_to_another_organization_or_is_gone_reads_nothing(
        self, in_oro: Desk, ticket: Ticket, stranger: Membership
    ) -> None:
        Follower.objects.create(ticket=ticket, person=stranger, since=MONDAY)
        assert not Ticket.objects.visible_to(stranger).exists()
        actions.reply(ticket, by=in_oro.carol, at=LATER, body="We look.")
        assert told(stranger, "replied") == (0, 0)
        actions.follow(ticket, who=in_oro.bob, by=in_oro.alice, at=MONDAY)
        in_oro.bob.is_active = False
        in_oro.bob.save()
        assert not Ticket.objects.visible_to(in_oro.bob).exists()

    def test_sees_no_other_ticket_twice_or_at_all(self, in_oro: Desk, file: File) -> None:
        private, shared, followed = file(), file(is_shared=True), file()
        for ticket in (shared, followed):
            for who in (in_oro.bob, in_oro.grace, in_oro.carol):
                actions.follow(ticket, who=who, by=in_oro.carol, at=MONDAY)
        assert sorted(ticket.pk for ticket in Ticket.objects.visible_to(in_oro.bob)) == [shared.pk, followed.pk]
        assert private not in Ticket.objects.visible_to(in_oro.bob)

    def test_follows_once(self, in_oro: Desk, ticket: Ticket) -> None:
        first = actions.follow(ticket, who=in_oro.bob, by=in_oro.alice, at=MONDAY)
        assert actions.follow(ticket, who=in_oro.bob, by=in_oro.carol, at=LATER) == first
        with pytest.raises(IntegrityError, match="follower_once"), transaction.atomic():
            Follower.objects.create(ticket=ticket, person=in_oro.bob, since=MONDAY)


class TestWhoMayBeAdded:
    def test_colleagues_and_for_staff_anybody_of_the_desk(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.follow(ticket, who=in_oro.bob, by=in_oro.alice, at=MONDAY)
        actions.follow(ticket, who=in_oro.dan, by=in_oro.carol, at=MONDAY)
        assert {each.person for each in Follower.objects.all()} == {in_oro.bob, in_oro.dan}

    def test_nobody_of_another_organization(self, in_oro: Desk, ticket: Ticket, stranger: Membership) -> None:
        for by in (in_oro.alice, in_oro.carol):
            with pytest.raises(Refused) as refused:
                actions.follow(ticket, who=stranger, by=by, at=MONDAY)
            assert refused.value.field == "person"

    def test_customers_do_not_add_the_vendors_people(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(PermissionDenied):
            actions.follow(ticket, who=in_oro.dan, by=in_oro.alice, at=MONDAY)

    def test_nobody_lets_themself_in(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(PermissionDenied):
            actions.follow(ticket, who=in_oro.bob, by=in_oro.bob, at=MONDAY)

    def test_a_follower_does_not_let_others_in_to_a_private_ticket(self, in_oro: Desk, ticket: Ticket) -> None:
        user = factories.UserFactory.create(name="Ben", email="ben@orocloud.example")
        ben = factories.MembershipFactory.create(user=user, organization=in_oro.organization)
        actions.follow(ticket, who=in_oro.bob, by=in_oro.alice, at=MONDAY)
        with pytest.raises(PermissionDenied):
            actions.follow(ticket, who=ben, by=in_oro.bob, at=MONDAY)
        actions.follow(ticket, who=ben, by=in_oro.grace, at=MONDAY)

    def test_a_reader_of_a_shared_ticket_follows_it(self, in_oro: Desk, file: File) -> None:
        actions.follow(file(is_shared=True), who=in_oro.bob, by=in_oro.bob, at=MONDAY)
        assert Follower.objects.get().person == in_oro.bob

    def test_only_oneself_whoever_added_and_those_who_answer_for_it_remove(self, in_oro: Desk, file: File) -> None:
        ticket = file(is_shared=True, by=in_oro.bob)
        actions.follow(ticket, who=in_oro.grace, by=in_oro.grace, at=MONDAY)
        with pytest.raises(PermissionDenied):
            actions.unfollow(ticket, who=in_oro.grace, by=in_oro.alice, at=LATER)
        actions.unfollow(ticket, who=in_oro.grace, by=in_oro.bob, at=LATER)
        actions.unfollow(ticket, who=in_oro.grace, by=in_oro.alice, at=LATER)
        assert not Follower.objects.exists()


class TestFollowersAreTold:
    @pytest.fixture
    def followed(self, in_oro: Desk, ticket: Ticket) -> Ticket:
        actions.follow(ticket, who=in_oro.bob, by=in_oro.alice, at=MONDAY)
        actions.follow(ticket, who=in_oro.dan, by=in_oro.carol, at=MONDAY)
        return ticket

    def test_that_they_follow(self, in_oro: Desk, followed: Ticket) -> None:
        assert told(in_oro.bob, Kind.FOLLOWER_ADDED) == (1, 1)
        assert Notice.objects.get(membership=in_oro.bob).path == "/orocloud/tickets/1/"
        assert Notice.objects.get(membership=in_oro.dan, kind="follower_added").path == "/orocloud/desk/tickets/1/"

    def test_of_replies_from_both_sides(self, in_oro: Desk, followed: Ticket) -> None:
        actions.reply(followed, by=in_oro.carol, at=LATER, body="We look.")
        assert [told(who, "replied") for who in (in_oro.alice, in_oro.bob, in_oro.dan)] == [(1, 1)] * 3
        actions.reply(followed, by=in_oro.bob, at=LATER, body="Thanks.")
        assert told(in_oro.alice, "customer_replied") == (1, 1)
        assert told(in_oro.bob, "customer_replied") == (0, 0)

    def test_of_the_status_in_their_inbox(self, in_oro: Desk, followed: Ticket) -> None:
        actions.set_state(followed, State.IN_PROGRESS, by=in_oro.carol, at=LATER)
        assert told(in_oro.bob, "status_changed") == (1, 0)
        assert Notice.objects.get(membership=in_oro.bob, kind="status_changed").title == "In progress: Checkout is down"

    def test_of_the_end_and_of_a_new_beginning(self, in_oro: Desk, followed: Ticket) -> None:
        actions.resolve(followed, by=in_oro.carol, at=LATER)
        actions.reopen(followed, by=in_oro.alice, at=LATER)
        assert told(in_oro.bob, "resolved") == told(in_oro.bob, "reopened") == (1, 1)

    def test_of_no_internal_note(self, in_oro: Desk, followed: Ticket) -> None:
        actions.note(followed, by=in_oro.carol, at=LATER, body="Careful.")
        assert told(in_oro.bob, "noted") == (0, 0)
