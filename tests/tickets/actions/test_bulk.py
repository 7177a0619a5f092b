"""Many tickets at once: each by its own action, refusals named, and taken back where nobody has worked since."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from plans.states import State
from sla.models import Clock
from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions
from tickets.actions.bulk import MOST_AT_ONCE, UNDO_FOR
from tickets.errors import Refused
from tickets.models import BulkChange, Event, Ticket, TicketTag
from tickets.models.bulk_change import Change
from tickets.models.event import Kind

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(minutes=1)


def fresh(*tickets: Ticket) -> list[Ticket]:
    return [Ticket.objects.get(pk=ticket.pk) for ticket in tickets]


class TestChanging:
    def test_is_the_same_as_one_by_one(self, file: File, in_oro: Desk) -> None:
        tickets = [file(), file()]
        outcome = actions.change_many(tickets, change=Change.ASSIGN, to=in_oro.dan, by=in_oro.carol, at=LATER)
        assert outcome.changed == [ticket.number for ticket in tickets]
        assert outcome.refused == []
        for ticket in fresh(*tickets):
            assert ticket.assignee == in_oro.dan
            assert Event.objects.filter(ticket=ticket, kind=Kind.ASSIGNED, by=in_oro.carol, at=LATER).count() == 1

    def test_leaves_out_what_is_so_already(self, file: File, in_oro: Desk) -> None:
        mine, free = file(), file()
        actions.assign(mine, to=in_oro.carol, by=in_oro.carol, at=MONDAY)
        outcome = actions.change_many([mine, free], change=Change.ASSIGN, to=in_oro.carol, by=in_oro.carol, at=LATER)
        assert outcome.changed == [free.number]

    def test_names_those_that_refuse_and_goes_on(self, file: File, in_oro: Desk) -> None:
        new, done = file(), file()
        actions.resolve(done, by=in_oro.carol, at=MONDAY)
        outcome = actions.change_many([new, done], change=Change.STATE, to=State.WAITING, by=in_oro.carol, at=LATER)
        assert outcome.changed == [new.number]
        assert outcome.refused == [(done.number, "The ticket has moved on; that status cannot follow any more.")]

    def test_merges_into_one(self, file: File, in_oro: Desk) -> None:
        into, one, two = file(), file(), file()
        outcome = actions.change_many([into, one, two], change=Change.MERGE, to=into, by=in_oro.carol, at=LATER)
        assert outcome.changed == [one.number, two.number]
        assert outcome.refused == [(into.number, "A ticket cannot be merged into itself.")]
        assert outcome.bulk is not None
        undone = actions.undo(outcome.bulk, by=in_oro.carol, at=LATER)
        assert undone.changed == [one.number, two.number]
        assert [(ticket.merged_into, ticket.state) for ticket in fresh(one, two)] == [(None, State.NEW)] * 2

    def test_has_a_bound(self, file: File, in_oro: Desk) -> None:
        tickets = [Ticket(pk=pk) for pk in range(1, MOST_AT_ONCE + 2)]
        with pytest.raises(Refused, match="At most 500"):
            actions.change_many(tickets, change=Change.TEAM, to=None, by=in_oro.carol, at=LATER)

    def test_is_not_for_customers(self, file: File, in_oro: Desk) -> None:
        with pytest.raises(PermissionDenied):
            actions.change_many([file()], change=Change.ASSIGN, to=None, by=in_oro.alice, at=LATER)

    def test_is_kept_with_what_was_before(self, file: File, in_oro: Desk) -> None:
        outcome = actions.change_many([file()], change=Change.ASSIGN, to=in_oro.dan, by=in_oro.carol, at=LATER)
        assert outcome.bulk is not None
        (item,) = outcome.bulk.items.all()
        assert item.before is None
        assert BulkChange.objects.get().change == Change.ASSIGN


class TestUndoing:
    @pytest.fixture
    def tickets(self, file: File, in_oro: Desk) -> list[Ticket]:
        team = factories.TeamFactory.create(slug="frontline", name="Frontline")
        first, second = file(), file()
        actions.assign(first, to=in_oro.dan, by=in_oro.dan, at=MONDAY)
        actions.set_team(first, team=team, by=in_oro.dan, at=MONDAY)
        actions.triage(first, severity=in_oro.priority("P3"), by=in_oro.dan, at=MONDAY)
        actions.set_state(first, State.IN_PROGRESS, by=in_oro.dan, at=MONDAY)
        actions.tag(second, tag=actions.tag_named("slow"), by=in_oro.dan, at=MONDAY)
        return fresh(first, second)

    @pytest.mark.parametrize("change", [each for each in Change if each is not Change.MERGE])
    def test_puts_each_back_to_what_it_was(self, tickets: list[Ticket], in_oro: Desk, change: Change) -> None:
        to: Any = {
            Change.ASSIGN: in_oro.carol,
            Change.TEAM: factories.TeamFactory.create(slug="second", name="Second"),
            Change.STATE: State.RESOLVED,
            Change.SEVERITY: in_oro.priority("P1"),
            Change.TAG: actions.tag_named("slow"),
            Change.UNTAG: actions.tag_named("slow"),
        }[change]
        before = [_looks(ticket) for ticket in tickets]
        outcome = actions.change_many(tickets, change=change, to=to, by=in_oro.carol, at=LATER)
        assert [_looks(ticket) for ticket in fresh(*tickets)] != before
        assert outcome.bulk is not None
        undone = actions.undo(outcome.bulk, by=in_oro.carol, at=LATER)
        assert undone.changed == outcome.changed
        assert [_looks(ticket) for ticket in fresh(*tickets)] == before

    def test_leaves_what_somebody_has_worked_on_since(self, tickets: list[Ticket], in_oro: Desk) -> None:
        touched, untouched = tickets
        outcome = actions.change_many(tickets, change=Change.ASSIGN, to=in_oro.carol, by=in_oro.carol, at=LATER)
        assert outcome.bulk is not None
        actions.note(touched, by=in_oro.dan, at=LATER, body="I have it.")
        undone = actions.undo(outcome.bulk, by=in_oro.carol, at=LATER)
        assert undone.changed == [untouched.number]
        assert undone.refused == [(touched.number, "somebody has worked on it since")]
        assert [ticket.assignee for ticket in fresh(touched, untouched)] == [in_oro.carol, None]

    def test_is_not_stopped_by_a_clock_that_came_due(self, tickets: list[Ticket], in_oro: Desk) -> None:
        outcome = actions.change_many(tickets, change=Change.ASSIGN, to=in_oro.carol, by=in_oro.carol, at=LATER)
        assert outcome.bulk is not None
        Event.objects.create(ticket=tickets[0], kind=Kind.SLA_WARNING, at=LATER, data={})
        assert len(actions.undo(outcome.bulk, by=in_oro.carol, at=LATER).changed) == 2

    def test_is_once_for_a_while_and_for_who_did_it(self, tickets: list[Ticket], in_oro: Desk) -> None:
        def change() -> BulkChange:
            to = in_oro.carol if fresh(tickets[1])[0].assignee is None else None
            bulk = actions.change_many(tickets[1:], change=Change.ASSIGN, to=to, by=in_oro.carol, at=LATER).bulk
            assert bulk is not None
            return bulk

        bulk = change()
        with pytest.raises(PermissionDenied):
            actions.undo(bulk, by=in_oro.dan, at=LATER)
        with pytest.raises(Refused, match="too long ago"):
            actions.undo(bulk, by=in_oro.carol, at=LATER + UNDO_FOR + timedelta(seconds=1))
        actions.undo(bulk, by=in_oro.carol, at=LATER + UNDO_FOR)
        with pytest.raises(Refused, match="already"):
            actions.undo(bulk, by=in_oro.carol, at=LATER)

    def test_of_a_resolution_lets_the_clocks_go_on(self, file: File, in_oro: Desk) -> None:
        ticket = file(priority=in_oro.priority("P1"))
        outcome = actions.change_many([ticket], change=Change.STATE, to=State.RESOLVED, by=in_oro.carol, at=LATER)
        assert outcome.bulk is not None
        actions.undo(outcome.bulk, by=in_oro.carol, at=LATER)
        (again,) = fresh(ticket)
        assert (again.state, again.resolved_at) == (State.NEW, None)
        assert again.unanswered_since == ticket.unanswered_since
        assert Clock.objects.filter(ticket=ticket).exists()


def _looks(ticket: Ticket) -> tuple[object, ...]:
    tags = sorted(TicketTag.objects.filter(ticket=ticket).values_list("tag__slug", flat=True))
    return (
        ticket.assignee_id,
        ticket.team_id,
        ticket.severity_id,
        ticket.state,
        ticket.resolved_at,
        ticket.unanswered_since,
        tags,
    )


class TestThePages:
    BULK = "/orocloud/desk/bulk/"

    @pytest.fixture
    def numbers(self, oro: Desk, client: Client) -> str:
        client.force_login(oro.carol.user)
        with vendor_scope(oro.vendor):
            tickets = [
                actions.open_ticket(
                    by=oro.alice,
                    at=MONDAY,
                    project=oro.project,
                    priority=oro.priority("P2"),
                    subject=f"Ticket {number}",
                    body="It is.",
                )
                for number in range(3)
            ]
        return " ".join(str(ticket.number) for ticket in tickets)

    def said(self, client: Client, **data: object) -> str:
        return client.post(self.BULK, data, follow=True).content.decode()

    def test_say_what_was_done_and_undo_it(self, oro: Desk, client: Client, numbers: str) -> None:
        page = self.said(client, numbers=numbers, do="assign:me", back="view=mine&priority=P2")
        assert "3 tickets assigned to Carol." in page
        with vendor_scope(oro.vendor):
            bulk = BulkChange.objects.get()
        assert f'action="{self.BULK}{bulk.pk}/undo/"' in page
        after = client.post(f"{self.BULK}{bulk.pk}/undo/", follow=True)
        assert "3 tickets are as they were." in after.content.decode()
        with vendor_scope(oro.vendor):
            assert not Ticket.objects.exclude(assignee=None).exists()

    def test_lead_back_to_the_list(self, client: Client, numbers: str) -> None:
        answer = client.post(self.BULK, {"numbers": numbers, "do": "tag", "tag": "Slow", "back": "view=all&tag=slow"})
        assert answer["Location"] == "/orocloud/desk/?view=all&tag=slow"
        answer = client.post(self.BULK, {"numbers": numbers, "do": "tag", "tag": "Slow", "back": "//evil.example"})
        assert answer["Location"] == "/orocloud/desk/"

    def test_name_those_that_refused_by_number_and_reason(self, oro: Desk, client: Client, numbers: str) -> None:
        with vendor_scope(oro.vendor):
            done = Ticket.objects.earliest("pk")
            actions.resolve(done, by=oro.carol, at=MONDAY)
        page = self.said(client, numbers=numbers, do="state:waiting")
        assert "2 tickets set to Waiting for customer." in page
        assert f"Not changed: #{done.number}: The ticket has moved on" in page

    @pytest.mark.parametrize(
        "do", ["assign:alice", "assign:99999", "team:99999", "state:everything", "severity:99999", "untag:99999"]
    )
    def test_refuse_what_is_not_there(self, oro: Desk, client: Client, numbers: str, do: str) -> None:
        page = self.said(client, numbers=numbers, do=do)
        assert "flash--error" in page
        with vendor_scope(oro.vendor):
            assert not BulkChange.objects.exists()

    @pytest.mark.parametrize(
        "data", [{"numbers": "1; DROP", "do": "assign:me"}, {"numbers": "1"}, {"do": "assign:me"}, {}]
    )
    def test_refuse_a_malformed_request(self, oro: Desk, client: Client, data: dict[str, str]) -> None:
        client.force_login(oro.carol.user)
        assert client.post(self.BULK, data).status_code == 400

    def test_never_give_a_ticket_to_a_customer(self, oro: Desk, client: Client, numbers: str) -> None:
        assert "flash--error" in self.said(client, numbers=numbers, do=f"assign:{oro.alice.pk}")

    def test_are_not_for_customers(self, oro: Desk, client: Client) -> None:
        client.force_login(oro.alice.user)
        assert client.get(self.BULK).status_code == 403
        assert client.post(self.BULK, {"numbers": "1", "do": "assign:me"}).status_code == 403

    def test_of_another_vendor_touch_nothing(
        self, oro: Desk, client: Client, numbers: str, mallory: Membership
    ) -> None:
        client.force_login(mallory.user)
        client.post("/elsewhere/desk/bulk/", {"numbers": numbers, "do": "assign:me"})
        with vendor_scope(oro.vendor):
            assert not Ticket.objects.exclude(assignee=None).exists()

    def test_offer_every_change(self, oro: Desk, client: Client) -> None:
        client.force_login(oro.carol.user)
        page = client.get(self.BULK).content.decode()
        for what in ("assign:", "state:resolved", "severity:", "team:", 'value="tag"', 'value="merge"'):
            assert what in page

    def test_select_all_names_every_ticket_of_the_list(self, client: Client, numbers: str) -> None:
        found = client.get("/orocloud/desk/selection/", {"view": "open"}).json()
        assert sorted(found["numbers"]) == sorted(int(number) for number in numbers.split())
        assert found["is_cut"] is False
