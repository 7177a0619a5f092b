"""The desk's ticket page where several people work: what holds a reply back, who is there, who sees to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client

from onboarding.models import Absence, Launch
from plans.states import State
from supportdesk.accounts.models import Team
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.tickets.pages import as_, filed, page, text_of
from tickets import actions, presence
from tickets.models import Event, Follower, Mention, Message, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageKind

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now() -> Iterator[datetime]:
    with time_machine.travel(MONDAY, tick=False):
        yield MONDAY


@pytest.fixture
def ticket(oro: Desk) -> Ticket:
    return filed(oro)


@pytest.fixture
def carol(client: Client, oro: Desk) -> Client:
    client.force_login(oro.carol.user)
    return client


def at(ticket: Ticket, place: str = "") -> str:
    return f"/orocloud/desk/tickets/{ticket.number}/{place}"


def messages(desk: Desk, kind: MessageKind) -> list[str]:
    with vendor_scope(desk.vendor):
        return list(Message.objects.filter(kind=kind).order_by("pk").values_list("body", flat=True))


class TestAReplyThatCrosses:
    @pytest.fixture
    def seen(self, oro: Desk, ticket: Ticket) -> int:
        """What Carol had before her; then Alice wrote."""
        with vendor_scope(oro.vendor):
            seen = Message.objects.get(ticket=ticket).pk
            actions.reply(ticket, by=oro.alice, at=MONDAY, body="It works again!")
        return seen

    def test_comes_back_with_what_came_in_and_its_text(
        self, carol: Client, oro: Desk, ticket: Ticket, seen: int
    ) -> None:
        answer = carol.post(at(ticket, "replies/"), {"kind": "reply", "body": "We are looking.", "seen": seen})
        html = answer.content.decode()
        assert answer.status_code == 409
        assert "Held back: a message came in while you were writing" in text_of(html)
        assert "It works again!" in html
        assert ">We are looking.</textarea>" in html
        assert "We are looking." not in messages(oro, MessageKind.PUBLIC)

    def test_sent_again_it_goes(self, carol: Client, oro: Desk, ticket: Ticket, seen: int) -> None:
        with vendor_scope(oro.vendor):
            newest = Message.objects.filter(ticket=ticket).latest("pk").pk
        carol.post(at(ticket, "replies/"), {"kind": "reply", "body": "Glad to hear.", "seen": newest})
        assert messages(oro, MessageKind.PUBLIC)[-1] == "Glad to hear."

    def test_a_note_does_not_cross(self, carol: Client, oro: Desk, ticket: Ticket, seen: int) -> None:
        carol.post(at(ticket, "notes/"), {"kind": "note", "body": "Cache.", "seen": seen})
        assert messages(oro, MessageKind.NOTE) == ["Cache."]

    def test_the_page_can_ask_before_it_sends(self, carol: Client, oro: Desk, ticket: Ticket, seen: int) -> None:
        asked = carol.get(at(ticket, "crossing/"), {"seen": seen})
        assert "It works again!" in text_of(asked.content.decode())
        with vendor_scope(oro.vendor):
            newest = Message.objects.filter(ticket=ticket).latest("pk").pk
        assert f'name="seen" value="{newest}"' in asked.content.decode()
        assert carol.get(at(ticket, "crossing/"), {"seen": newest}).status_code == 204


class TestWhatIsWritten:
    @pytest.mark.parametrize(
        ("said", "why"),
        [
            ({"kind": "note", "send": "reply"}, "The button does not fit what you chose to write"),
            ({"kind": "reply", "send": "note"}, "The button does not fit what you chose to write"),
            ({"kind": "reply", "send": "reply", "written_as": "note"}, "This was written as an internal note"),
            ({"kind": "reply", "send": "reply:reopened"}, "that status cannot follow any more"),
            ({"kind": "reply", "next_update_in": "custom"}, "When will the customer hear from you next?"),
        ],
    )
    def test_is_not_sent_when_anything_does_not_fit(
        self, carol: Client, oro: Desk, ticket: Ticket, said: dict[str, str], why: str
    ) -> None:
        answer = carol.post(at(ticket, "replies/"), said | {"body": "For the team alone."})
        assert answer.status_code == 422
        assert why in text_of(answer.content.decode())
        assert messages(oro, MessageKind.PUBLIC) == ["It answers 502."]
        assert messages(oro, MessageKind.NOTE) == []

    def test_is_sent_with_the_status_of_the_button(self, carol: Client, oro: Desk, ticket: Ticket) -> None:
        carol.post(at(ticket, "replies/"), {"kind": "reply", "send": "reply:waiting", "body": "Which cards?"})
        with vendor_scope(oro.vendor):
            ticket.refresh_from_db()
        assert ticket.state == State.WAITING

    def test_the_buttons_name_the_status_as_the_vendor_does(self, carol: Client, ticket: Ticket) -> None:
        assert "Send and set Waiting for customer" in page(carol, at(ticket))

    def test_a_quick_pick_states_the_next_update(self, carol: Client, oro: Desk, ticket: Ticket) -> None:
        carol.post(at(ticket, "replies/"), {"kind": "reply", "body": "On it.", "next_update_in": "30"})
        with vendor_scope(oro.vendor):
            stated = Event.objects.get(ticket=ticket, kind=Kind.UPDATE_PROMISED).data["next_update_at"]
        assert datetime.fromisoformat(stated) == MONDAY + timedelta(minutes=30)


class TestWhoIsThere:
    def test_is_said_on_the_page_and_its_live_part(self, carol: Client, oro: Desk, ticket: Ticket) -> None:
        dan = as_(oro.dan.user)
        page(dan, at(ticket))
        assert "Dan is here too" in page(carol, at(ticket))
        tag = carol.get(at(ticket, "activity/"))["ETag"]
        assert carol.get(at(ticket, "activity/"), headers={"If-None-Match": tag}).status_code == 304
        dan.get(at(ticket, "activity/"), {"writing": "reply"})
        answer = carol.get(at(ticket, "activity/"), headers={"If-None-Match": tag})
        assert "Dan is replying" in text_of(answer.content.decode())
        dan.post(at(ticket, "leaving/"))
        assert "Dan" not in text_of(carol.get(at(ticket, "activity/")).content.decode())

    def test_customers_are_never_told(self, oro: Desk, ticket: Ticket) -> None:
        page(as_(oro.dan.user), at(ticket))
        assert "Dan" not in page(as_(oro.alice.user), f"/orocloud/tickets/{ticket.number}/")

    def test_what_is_new_since_the_last_visit_is_marked(self, carol: Client, oro: Desk, ticket: Ticket) -> None:
        assert "New since your last visit" not in page(carol, at(ticket))
        with vendor_scope(oro.vendor):
            actions.reply(ticket, by=oro.alice, at=MONDAY, body="Any news?")
        assert "New since your last visit" in page(carol, at(ticket))
        assert "New since your last visit" not in page(carol, at(ticket))

    def test_opening_it_reads_what_one_is_named_in(self, carol: Client, oro: Desk, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            actions.note(ticket, by=oro.dan, at=MONDAY, body="@Carol, please.")
            assert Mention.objects.of(oro.carol).unread().exists()
        page(as_(oro.dan.user), at(ticket))
        with vendor_scope(oro.vendor):
            assert Mention.objects.of(oro.carol).unread().exists(), "Dan reads for himself"
        page(carol, at(ticket))
        with vendor_scope(oro.vendor):
            assert not Mention.objects.of(oro.carol).unread().exists()


class TestWhoSeesToIt:
    def test_is_chosen_from_everybody_oneself_first(self, carol: Client, oro: Desk, ticket: Ticket) -> None:
        shown = page(carol, at(ticket, "assignment/"))
        assert shown.index("Me (Carol)") < shown.index("Dan") < shown.index("Erin")
        assert "Alice" not in shown.partition("Find a colleague")[2]
        carol.post(at(ticket, "assignment/"), {"assignee": oro.dan.pk, "seen": ""})
        with vendor_scope(oro.vendor):
            ticket.refresh_from_db()
        assert ticket.assignee_id == oro.dan.pk

    def test_the_group_can_be_set_by_itself(self, carol: Client, oro: Desk, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            team = Team.objects.order_by("-pk").first()
            assert team is not None
        carol.post(at(ticket, "group/"), {"team": team.pk})
        with vendor_scope(oro.vendor):
            ticket.refresh_from_db()
        assert ticket.team_id == team.pk

    def test_a_hand_over_names_the_group(self, carol: Client, ticket: Ticket) -> None:
        answer = carol.post(at(ticket, "hand-over/"), {"reason": "I am lost."})
        assert answer.status_code == 422
        assert ">I am lost.</textarea>" in answer.content.decode().replace("\n", "")

    def test_one_watches_and_stops(self, carol: Client, oro: Desk, ticket: Ticket) -> None:
        assert "Watch" in page(carol, at(ticket))
        carol.post(f"/orocloud/tickets/{ticket.number}/followers/me/")
        assert "Stop watching" in page(carol, at(ticket))
        with vendor_scope(oro.vendor):
            follower = Follower.objects.get(person=oro.carol)
        carol.post(f"/orocloud/tickets/{ticket.number}/followers/{follower.pk}/removal/")
        assert "Stop watching" not in page(carol, at(ticket))


class TestTheCustomer:
    def test_is_shown_with_people_tickets_absences_and_launches(self, carol: Client, oro: Desk, ticket: Ticket) -> None:
        other = filed(oro, subject="The logo is blurred")
        today = MONDAY.date()
        with vendor_scope(oro.vendor):
            absence = {"organization": oro.organization, "told_at": MONDAY, "told_by": oro.alice}
            Absence.objects.create(person=oro.alice, starts_on=today, ends_on=today + timedelta(days=2), **absence)
            far = today + timedelta(days=90)
            Absence.objects.create(person=oro.bob, starts_on=far, ends_on=far, **absence)
            launch = today + timedelta(days=4)
            Launch.objects.create(project=oro.project, planned_on=launch, announced_by=oro.alice, announced_at=MONDAY)
        known = text_of(carol.get(at(ticket, "customer/"), headers={"HX-Request": "true"}).content.decode())
        for fact in (
            f"#{other.number} {other.subject}",
            "Alice away until 4 March",
            "launches Fri 6 March",
            "Grace manager",
        ):
            assert fact in known
        assert "Bob away" not in known

    def test_is_a_page_of_its_own_without_scripts(self, carol: Client, ticket: Ticket) -> None:
        assert "<html" in carol.get(at(ticket, "customer/")).content.decode()


def test_the_category_can_be_put_right(carol: Client, oro: Desk, ticket: Ticket) -> None:
    from plans.models import Category

    with vendor_scope(oro.vendor):
        category, p2 = Category.objects.offered()[1], oro.priority("P2")
    carol.post(at(ticket, "triage/"), {"triage-priority": p2.pk, "triage-category": category.pk})
    with vendor_scope(oro.vendor):
        ticket.refresh_from_db()
    assert ticket.category_id == category.pk
    assert f"Carol set the category: {category.name}" in page(carol, at(ticket))
    assert (
        category.name not in page(as_(oro.alice.user), f"/orocloud/tickets/{ticket.number}/").partition("Carol set")[2]
    )


def test_what_a_page_says_is_kept_within_bounds(oro: Desk, ticket: Ticket) -> None:
    with vendor_scope(oro.vendor):
        company = presence.look(ticket, by=oro.dan, at=MONDAY, writing="reply" * 40)
    assert company.others == ()
