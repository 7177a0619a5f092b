"""Canned responses and macros: who keeps them, what they say on a ticket, and that a macro does all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plans.states import State
from supportdesk.accounts.models import AuditEntry, Team, TeamMember
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk
from tests.tickets.pages import as_, text_of
from tickets import actions
from tickets.actions.applying import apply_macro
from tickets.actions.preparing import keep_macro, keep_response, may_change, remove_prepared
from tickets.errors import HeldBack, Refused
from tickets.macros import steps_of
from tickets.models import CannedResponse, Event, Macro, Message, Ticket, TicketTag
from tickets.models.event import Kind
from tickets.models.message import MessageKind
from tickets.prepared_values import values_of

pytestmark = pytest.mark.django_db
LABELS = {state.value: state.value for state in State}
RESPONSES = "/orocloud/desk/responses/"
MACROS = "/orocloud/desk/macros/"


@pytest.fixture
def group(in_oro: Desk) -> Team:
    team = factories.TeamFactory.create(slug="second-line", name="Second line")
    TeamMember.objects.create(team=team, membership=in_oro.carol)
    return team


@pytest.fixture
def macro(in_oro: Desk) -> Callable[..., Macro]:
    def make(**said: Any) -> Macro:
        return keep_macro(None, by=in_oro.dan, at=MONDAY, **({"title": "Done"} | said))

    return make


def texts(ticket: Ticket, kind: MessageKind) -> list[str]:
    return list(Message.objects.filter(ticket=ticket, kind=kind).order_by("pk").values_list("body", flat=True))


def applied(desk: Desk, ticket: Ticket, macro: Macro, *, at: datetime = MONDAY, **said: Any) -> Ticket:
    values = values_of(ticket, by=desk.carol, vendor=desk.vendor)
    return apply_macro(ticket, macro, by=desk.carol, at=at, values=values, **said)


class TestKeeping:
    def test_an_agent_keeps_their_own_a_group_its_own_and_leads_what_is_everybodys(
        self, in_oro: Desk, group: Team
    ) -> None:
        said: dict[str, Any] = {"at": MONDAY, "body": "Hello."}
        own = keep_response(None, by=in_oro.carol, title="Mine", owner=in_oro.carol, **said)
        ours = keep_response(None, by=in_oro.carol, title="Ours", team=group, **said)
        with pytest.raises(PermissionDenied):
            keep_response(None, by=in_oro.carol, title="All", **said)
        everybodys = keep_response(None, by=in_oro.dan, title="All", **said)
        assert list(CannedResponse.objects.usable_by(in_oro.carol)) == [everybodys, own, ours]
        assert list(CannedResponse.objects.usable_by(in_oro.erin)) == [everybodys]
        assert list(CannedResponse.objects.shown_to(in_oro.erin)) == [everybodys, ours]
        assert [may_change(each, in_oro.carol) for each in (own, ours, everybodys)] == [True, True, False]
        assert [may_change(each, in_oro.dan) for each in (own, ours, everybodys)] == [False, True, True]

    def test_an_unknown_variable_is_named_beside_its_field(self, in_oro: Desk) -> None:
        with pytest.raises(Refused, match=r"no variable called {{customer\.nmae}}") as refused:
            keep_response(None, by=in_oro.carol, at=MONDAY, title="Hi", body="{{customer.nmae}}", owner=in_oro.carol)
        assert refused.value.field == "body"

    def test_titles_are_taken_once_in_each_place(self, in_oro: Desk) -> None:
        said: dict[str, Any] = {"by": in_oro.dan, "at": MONDAY, "body": "Hello."}
        first = keep_response(None, title="Hello", **said)
        keep_response(None, title="Hello", owner=in_oro.dan, **said)
        with pytest.raises(Refused, match="this title already"):
            keep_response(None, title="hello ", **said)
        keep_response(first, title="HELLO", **said)

    def test_every_change_is_on_record(self, in_oro: Desk) -> None:
        said: dict[str, Any] = {"by": in_oro.dan, "at": MONDAY}
        kept = keep_response(None, title="Hello", body="Hello.", **said)
        keep_response(kept, title="Hello", body="Hello!", **said)
        remove_prepared(kept, **said)
        log = AuditEntry.objects.filter(action__startswith="canned_response").order_by("id")
        assert [each.action.rpartition(".")[2] for each in log] == ["added", "changed", "removed"]

    def test_customers_keep_nothing(self, in_oro: Desk) -> None:
        with pytest.raises(PermissionDenied):
            keep_response(None, by=in_oro.alice, at=MONDAY, title="Mine", body="x", owner=in_oro.alice)

    def test_a_macro_does_something(self, macro: Callable[..., Macro]) -> None:
        with pytest.raises(Refused, match="would do nothing"):
            macro()

    @pytest.mark.parametrize(
        ("name", "said"),
        [
            ("macro_does_something", {}),
            ("macro_person_named", {"assign": "person"}),
            ("macro_choices_known", {"then_state": "lost"}),
            ("macro_next_update_within_a_week", {"next_update_minutes": 0}),
            ("macro_named", {"title": "", "note": "x"}),
        ],
    )
    def test_the_database_holds_what_a_macro_is(self, in_oro: Desk, name: str, said: dict[str, Any]) -> None:
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Macro.objects.create(**({"title": "x", "changed_at": MONDAY} | said))


class TestAMacro:
    def test_does_everything_in_one_step(
        self, in_oro: Desk, ticket: Ticket, group: Team, macro: Callable[..., Macro]
    ) -> None:
        everything = macro(
            reply="Hello {{customer.first_name}}, #{{ticket.number}} is with us.",
            note="By macro, {{agent.name}}.",
            then_state=State.WAITING.value,
            assign="me",
            group=group,
            severity=in_oro.priority("P1"),
            next_update_minutes=60,
            tags=["outage", "checkout"],
        )
        applied(in_oro, ticket, everything)
        ticket.refresh_from_db()
        assert (ticket.state, ticket.assignee, ticket.team) == (State.WAITING, in_oro.carol, group)
        assert set(TicketTag.objects.filter(ticket=ticket).values_list("tag__name", flat=True)) == {
            "outage",
            "checkout",
        }
        assert ticket.severity == in_oro.priority("P1")
        assert texts(ticket, MessageKind.PUBLIC)[-1] == f"Hello Alice, #{ticket.number} is with us."
        assert texts(ticket, MessageKind.NOTE) == ["By macro, Carol."]
        promised = Event.objects.get(ticket=ticket, kind=Kind.UPDATE_PROMISED).data["next_update_at"]
        assert datetime.fromisoformat(promised) == MONDAY + timedelta(hours=1)

    def test_that_lets_go_and_sets_a_group_hands_over(
        self, in_oro: Desk, ticket: Ticket, group: Team, macro: Callable[..., Macro]
    ) -> None:
        actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY)
        applied(in_oro, ticket, macro(assign="nobody", group=group))
        assert Event.objects.get(ticket=ticket, kind=Kind.TEAM_CHANGED).data["is_handed_over"] is True

    def test_is_refused_as_a_whole(self, in_oro: Desk, ticket: Ticket, macro: Callable[..., Macro]) -> None:
        impossible = macro(assign="me", note="Noted.", then_state=State.REOPENED.value)
        with pytest.raises(Refused, match="moved on"):
            applied(in_oro, ticket, impossible)
        ticket.refresh_from_db()
        assert ticket.assignee is None
        assert texts(ticket, MessageKind.NOTE) == []

    def test_is_held_back_as_a_whole_when_its_reply_would_cross(
        self, in_oro: Desk, ticket: Ticket, macro: Callable[..., Macro]
    ) -> None:
        seen = Message.objects.get(ticket=ticket).pk
        actions.reply(ticket, by=in_oro.alice, at=MONDAY, body="It works again.")
        with pytest.raises(HeldBack):
            applied(in_oro, ticket, macro(reply="Looking.", assign="me"), seen=seen)
        ticket.refresh_from_db()
        assert ticket.assignee is None

    def test_sends_the_reply_as_the_agent_changed_it(
        self, in_oro: Desk, ticket: Ticket, macro: Callable[..., Macro]
    ) -> None:
        applied(in_oro, ticket, macro(reply="Hello."), text="Hello, and good morning.")
        assert texts(ticket, MessageKind.PUBLIC)[-1] == "Hello, and good morning."

    def test_sends_nothing_that_leaves_something_open(
        self, in_oro: Desk, ticket: Ticket, macro: Callable[..., Macro]
    ) -> None:
        actions.resolve(ticket, by=in_oro.carol, at=MONDAY)
        ticket.refresh_from_db()
        with pytest.raises(Refused, match=r"\[\?next_due\]"):
            applied(in_oro, ticket, macro(reply="By {{next_due}}."))

    def test_of_somebody_else_cannot_be_used(self, in_oro: Desk, ticket: Ticket, macro: Callable[..., Macro]) -> None:
        with pytest.raises(PermissionDenied):
            applied(in_oro, ticket, macro(note="x", owner=in_oro.dan))

    def test_what_is_so_already_is_no_step_backwards(
        self, in_oro: Desk, ticket: Ticket, macro: Callable[..., Macro]
    ) -> None:
        actions.set_state(ticket, State.WAITING, by=in_oro.carol, at=MONDAY)
        applied(in_oro, ticket, macro(then_state=State.WAITING.value, note="Still."))
        assert texts(ticket, MessageKind.NOTE) == ["Still."]


class TestItsPreview:
    def test_says_each_step_and_what_is_so_already(
        self, in_oro: Desk, ticket: Ticket, group: Team, macro: Callable[..., Macro]
    ) -> None:
        chosen = macro(reply="x", note="y", assign="me", group=group, then_state="new", next_update_minutes=90)
        steps = steps_of(chosen, ticket, by=in_oro.carol, labels=LABELS, deciders="")
        assert [(each.text, each.is_needed) for each in steps] == [
            ("Group: Second line", True),
            ("Assign to Carol", True),
            ("Add an internal note", True),
            ("Reply to Alice", True),
            ("Promise the next update within 90 min", True),
            ("Status: new", False),
        ]

    def test_says_what_cannot_be(self, in_oro: Desk, ticket: Ticket, macro: Callable[..., Macro]) -> None:
        chosen = macro(severity=in_oro.priority("P1"), then_state="reopened")
        steps = steps_of(chosen, ticket, by=in_oro.carol, labels=LABELS, deciders="Tier Two")
        assert [each.problem for each in steps] == [
            "Tier Two alone decides the severity.",
            "It cannot follow new.",
        ]


class TestPages:
    @pytest.fixture
    def carol(self, client: Client, oro: Desk) -> Client:
        client.force_login(oro.carol.user)
        return client

    def test_empty_ones_say_what_they_are_for(self, carol: Client) -> None:
        assert "No canned responses yet" in text_of(carol.get(RESPONSES).content.decode())
        assert "No macros yet" in text_of(carol.get(MACROS).content.decode())

    def test_a_response_is_written_changed_and_deleted(self, carol: Client, oro: Desk) -> None:
        said = {"title": "Hello", "body": "Hello {{customer.first_name}}.", "place": "own"}
        assert carol.post(f"{RESPONSES}new/", said)["Location"] == RESPONSES
        with vendor_scope(oro.vendor):
            kept = CannedResponse.objects.get()
            assert kept.owner == oro.carol
        page = text_of(carol.get(f"{RESPONSES}{kept.pk}/").content.decode())
        assert "Hello Alice." in page
        carol.post(f"{RESPONSES}{kept.pk}/", said | {"title": "Good day"})
        assert "“Good day” is saved." in text_of(carol.get(RESPONSES).content.decode())
        assert "Delete “Good day”?" in text_of(carol.get(f"{RESPONSES}{kept.pk}/removal/").content.decode())
        carol.post(f"{RESPONSES}{kept.pk}/removal/")
        with vendor_scope(oro.vendor):
            assert not CannedResponse.objects.exists()

    def test_an_unknown_variable_keeps_what_was_written(self, carol: Client) -> None:
        answer = carol.post(f"{RESPONSES}new/", {"title": "Hello", "body": "Hello {{you}}", "place": "own"})
        assert answer.status_code == 422
        assert "There is no variable called {{you}}." in text_of(answer.content.decode())
        assert "Hello {{you}}</textarea>" in answer.content.decode()

    def test_an_agent_is_not_offered_what_only_leads_may(self, carol: Client) -> None:
        assert "Everybody at the desk" not in carol.get(f"{RESPONSES}new/").content.decode()
        answer = carol.post(f"{RESPONSES}new/", {"title": "Hello", "body": "Hello", "place": "everybody"})
        assert answer.status_code == 422

    def test_other_peoples_are_not_there(self, carol: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            kept = keep_response(None, by=oro.dan, at=MONDAY, title="His", body="x", owner=oro.dan)
        assert carol.get(f"{RESPONSES}{kept.pk}/").status_code == 404
        assert carol.get(f"{RESPONSES}{kept.pk}/removal/").status_code == 404

    def test_everybodys_are_read_but_not_changed(self, carol: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            kept = keep_response(None, by=oro.dan, at=MONDAY, title="All", body="x")
        assert "All" in text_of(carol.get(RESPONSES).content.decode())
        assert carol.get(f"{RESPONSES}{kept.pk}/").status_code == 403
        assert carol.post(f"{RESPONSES}{kept.pk}/removal/").status_code == 403

    def test_the_picker_fills_in_the_tickets_names(self, carol: Client, oro: Desk) -> None:
        with vendor_scope(oro.vendor):
            ticket = _filed(oro)
            keep_response(None, by=oro.dan, at=MONDAY, title="Hello", body="Hello {{customer.first_name}}.")
            keep_response(None, by=oro.dan, at=MONDAY, title="Bye", body="Farewell.")
        address = f"/orocloud/desk/tickets/{ticket.number}/responses/"
        assert 'data-insert="Hello Alice."' in carol.get(address).content.decode()
        assert "Hello" not in text_of(carol.get(address, {"q": "farewell"}).content.decode())

    def test_a_macro_is_made_looked_at_and_used(self, oro: Desk) -> None:
        dan, said = as_(oro.dan.user), {"title": "Take it", "assign": "me", "reply": "On it.", "place": "everybody"}
        assert dan.post(f"{MACROS}new/", said | {"then_state": "in_progress"})["Location"] == MACROS
        with vendor_scope(oro.vendor):
            ticket, made = _filed(oro), Macro.objects.get()
        address = f"/orocloud/desk/tickets/{ticket.number}/macros/"
        assert "Take it" in text_of(dan.get(address).content.decode())
        shown = text_of(dan.get(f"{address}{made.pk}/").content.decode())
        for step in ("Assign to Dan", "Reply to Alice", "Status: In progress", "On it."):
            assert step in shown
        assert dan.post(f"{address}{made.pk}/", {"body": "On it!"}).status_code == 302
        with vendor_scope(oro.vendor):
            ticket.refresh_from_db()
            assert (ticket.assignee, ticket.state) == (oro.dan, State.IN_PROGRESS)

    def test_a_macro_that_would_cross_shows_what_came_in(self, oro: Desk) -> None:
        dan = as_(oro.dan.user)
        with vendor_scope(oro.vendor):
            ticket = _filed(oro)
            made = keep_macro(None, by=oro.dan, at=MONDAY, title="Take it", reply="On it.")
            seen = Message.objects.get(ticket=ticket).pk
            actions.reply(ticket, by=oro.alice, at=MONDAY, body="It works again.")
        address = f"/orocloud/desk/tickets/{ticket.number}/macros/{made.pk}/"
        answer = dan.post(address, {"body": "On it.", "seen": seen})
        assert answer.status_code == 409
        assert "It works again." in text_of(answer.content.decode())

    @pytest.mark.parametrize(
        ("address", "keep", "text"), [(RESPONSES, keep_response, "body"), (MACROS, keep_macro, "note")]
    )
    def test_costs_the_same_for_1_row_and_50(
        self, oro: Desk, address: str, keep: Callable[..., object], text: str
    ) -> None:
        dan = as_(oro.dan.user)

        def kept(numbers: range) -> int:
            with vendor_scope(oro.vendor):
                for number in numbers:
                    keep(None, by=oro.dan, at=MONDAY, title=str(number), **{text: "x"})
            return _cost(dan, address)

        kept(range(1))
        assert kept(range(1, 2)) == kept(range(2, 50))


def _cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def _filed(desk: Desk) -> Ticket:
    return actions.open_ticket(
        by=desk.alice,
        at=MONDAY,
        project=desk.project,
        priority=desk.priority("P2"),
        subject="Checkout is down",
        body="It answers 502.",
    )
