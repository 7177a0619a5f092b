"""What tickets have to do with each other, and one answer for all that an incident has caused."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from plans.states import State
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions, links
from tickets.errors import Refused
from tickets.models import Event, Link, Message, Ticket
from tickets.models.event import Kind
from tickets.models.link import LinkKind


def read_from(ticket: Ticket) -> list[tuple[str, int]]:
    return [(each.label, each.other.number) for each in links.linked_with(ticket, Link.objects.of(ticket))]


class TestALink:
    def test_is_read_from_both_ends(self, in_oro: Desk, file: File) -> None:
        one, two, three = file(), file(), file()
        actions.link(one, to=two, kind=LinkKind.BLOCKS, by=in_oro.carol, at=MONDAY)
        actions.link(three, to=one, kind=LinkKind.CAUSED, by=in_oro.carol, at=MONDAY)
        actions.link(one, to=three, kind=LinkKind.RELATED, by=in_oro.carol, at=MONDAY)
        assert read_from(one) == [("Related to", 3), ("Causes", 3), ("Blocks", 2)]
        assert read_from(two) == [("Blocked by", 1)]
        assert read_from(three) == [("Related to", 1), ("Caused by", 1)]

    def test_stands_on_both_timelines_and_not_on_the_customers(self, in_oro: Desk, file: File) -> None:
        one, two = file(), file()
        made = actions.link(one, to=two, kind=LinkKind.DUPLICATE, by=in_oro.carol, at=MONDAY)
        actions.unlink(two, link=made, by=in_oro.carol, at=MONDAY)
        told = Event.objects.filter(kind__in=(Kind.LINKED, Kind.UNLINKED))
        assert {(each.ticket_id, each.data["number"], each.data["is_inverse"]) for each in told} == {
            (one.pk, two.number, False),
            (two.pk, one.number, True),
        }
        assert not told.visible_to(in_oro.alice).exists()
        assert not Link.objects.exists()

    def test_twice_is_once_and_never_both_ways(self, in_oro: Desk, file: File) -> None:
        one, two = file(), file()
        made = actions.link(one, to=two, kind=LinkKind.BLOCKS, by=in_oro.carol, at=MONDAY)
        assert actions.link(one, to=two, kind=LinkKind.BLOCKS, by=in_oro.carol, at=MONDAY) == made
        with pytest.raises(Refused) as refusal:
            actions.link(two, to=one, kind=LinkKind.BLOCKS, by=in_oro.carol, at=MONDAY)
        assert refusal.value.field == "to"
        related = actions.link(one, to=two, kind=LinkKind.RELATED, by=in_oro.carol, at=MONDAY)
        assert actions.link(two, to=one, kind=LinkKind.RELATED, by=in_oro.carol, at=MONDAY) == related
        with pytest.raises(IntegrityError, match="link_once"), transaction.atomic():
            Link.objects.create(source=two, target=one, kind=LinkKind.BLOCKS, by=in_oro.carol, at=MONDAY)
        with pytest.raises(IntegrityError, match="link_to_another"), transaction.atomic():
            Link.objects.create(source=one, target=one, kind=LinkKind.BLOCKS, by=in_oro.carol, at=MONDAY)

    def test_with_itself_or_by_a_customer_is_refused(self, in_oro: Desk, file: File) -> None:
        one, two = file(), file()
        with pytest.raises(Refused):
            actions.link(one, to=one, kind=LinkKind.RELATED, by=in_oro.carol, at=MONDAY)
        with pytest.raises(PermissionDenied):
            actions.link(one, to=two, kind=LinkKind.RELATED, by=in_oro.alice, at=MONDAY)


class TestAnIncident:
    def test_has_parts_and_is_none(self, in_oro: Desk, file: File) -> None:
        incident, part, other = file(), file(), file()
        actions.link(part, to=incident, kind=LinkKind.PART, by=in_oro.carol, at=MONDAY)
        for child, parent in ((part, other), (incident, other), (other, part)):
            with pytest.raises(Refused):
                actions.link(child, to=parent, kind=LinkKind.PART, by=in_oro.carol, at=MONDAY)
        with pytest.raises(IntegrityError, match="link_one_incident"), transaction.atomic():
            Link.objects.create(source=part, target=other, kind=LinkKind.PART, by=in_oro.carol, at=MONDAY)

    def test_answers_its_tickets_together(self, in_oro: Desk, file: File) -> None:
        incident, one, two, gone = file(), file(), file(), file()
        for part in (one, two, gone):
            actions.link(part, to=incident, kind=LinkKind.PART, by=in_oro.carol, at=MONDAY)
        actions.merge(gone, into=incident, by=in_oro.carol, at=MONDAY)
        done = actions.answer_together(
            incident,
            children=[two, gone, one, file()],
            by=in_oro.carol,
            at=MONDAY,
            body="It is mended.",
            then_state=State.RESOLVED,
        )
        said = Message.objects.filter(body="It is mended.").select_related("ticket").order_by("ticket")
        assert [(each.ticket.number, each.ticket.state, each.author) for each in said] == [
            (one.number, "resolved", in_oro.carol),
            (two.number, "resolved", in_oro.carol),
        ]
        assert [bool(each.refused) for each in done] == [False, False, True, True]
        assert f"#{incident.number}" in done[2].refused

    def test_wants_words_and_somebody_to_say_them_to(self, in_oro: Desk, file: File) -> None:
        incident = file()
        for body, children, field in (("", [incident], "body"), ("Mended.", [], "children")):
            with pytest.raises(Refused) as refusal:
                actions.answer_together(incident, children=children, by=in_oro.carol, at=MONDAY, body=body)
            assert refusal.value.field == field
