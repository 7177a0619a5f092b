"""What can be done to a ticket, by whom, and what is refused."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from plans.models import Subscription
from plans.states import State
from supportdesk.accounts.models import Membership, Organization, Role, Team, User
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk, make_desk
from tickets import actions
from tickets.errors import Refused
from tickets.models import Event, Message, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageChannel, MessageKind

File = Callable[..., Ticket]
HOUR = timedelta(hours=1)


def kinds(ticket: Ticket) -> list[str]:
    """What happened to the ticket, in order, the clocks' own events left out."""
    return [
        event.kind
        for event in Event.objects.filter(ticket=ticket).order_by("id")
        if event.kind not in (Kind.SLA_WARNING, Kind.SLA_BREACHED)
    ]


class TestOpening:
    def test_files_a_new_ticket_under_the_projects_plan(self, in_oro: Desk, ticket: Ticket) -> None:
        assert (ticket.number, ticket.state, ticket.received_at) == (1, State.NEW, MONDAY)
        assert ticket.plan_version is not None
        assert ticket.plan_version.plan.slug == "enterprise"
        assert (ticket.requester, ticket.organization) == (in_oro.alice, in_oro.organization)

    def test_says_on_the_timeline_what_the_clocks_need(self, ticket: Ticket) -> None:
        opened = Event.objects.get(ticket=ticket, kind=Kind.OPENED)
        assert opened.data["priority"] == "P2"
        assert opened.data["state"] == "new"
        assert opened.data["plan_version"] == ticket.plan_version_id
        assert opened.message is not None
        assert opened.message.body == "It answers 502."

    def test_numbers_tickets_without_holes(self, file: File) -> None:
        assert [file().number, file().number, file().number] == [1, 2, 3]

    def test_numbers_each_vendors_tickets_for_themselves(self, file: File) -> None:
        file()
        desk = make_desk("drud")
        with vendor_scope(desk.vendor):
            ticket = actions.open_ticket(
                by=desk.alice,
                at=MONDAY,
                project=desk.project,
                priority=desk.priority("Urgent"),
                subject="Down",
                body="Down.",
            )
        assert ticket.number == 1

    def test_a_double_submission_makes_one_ticket(self, file: File) -> None:
        submission = uuid.uuid4()
        first = file(submission=submission)
        second = file(submission=submission, at=MONDAY + timedelta(seconds=1))
        assert first.pk == second.pk
        assert Ticket.objects.count() == 1
        assert Message.objects.count() == 1

    def test_refuses_another_organizations_project(self, file: File) -> None:
        theirs = factories.ProjectFactory(
            organization=factories.OrganizationFactory(slug="southwind"), slug="their-shop", name="Their shop"
        )
        with pytest.raises(Refused, match="another organization") as refused:
            file(project=theirs)
        assert refused.value.field == "project"
        assert Ticket.objects.count() == 0

    def test_refuses_a_project_without_a_subscription(self, in_oro: Desk, file: File) -> None:
        intranet = factories.ProjectFactory(organization=in_oro.organization, slug="intranet", name="Intranet")
        with pytest.raises(Refused, match="Intranet has no active support subscription") as refused:
            file(project=intranet)
        assert refused.value.field == "project"

    def test_refuses_a_project_whose_subscription_is_over(self, file: File) -> None:
        Subscription.objects.update(ends_on=MONDAY.date())
        with pytest.raises(Refused, match="no active support subscription"):
            file()

    def test_still_files_on_the_last_day_of_the_subscription(self, file: File) -> None:
        Subscription.objects.update(ends_on=MONDAY.date() + timedelta(days=1))
        assert file().state == State.NEW

    @pytest.mark.parametrize(("field", "text"), [("subject", " \n"), ("body", "\t ")])
    def test_refuses_empty_text(self, file: File, field: str, text: str) -> None:
        with pytest.raises(Refused) as refused:
            file(**{field: text})
        assert refused.value.field == field

    def test_makes_one_line_of_the_subject(self, file: File) -> None:
        assert file(subject="  Down \r\n again\t now ").subject == "Down again now"

    def test_keeps_a_subject_of_emoji(self, file: File) -> None:
        assert file(subject="🔥🔥🔥").subject == "🔥🔥🔥"

    def test_an_agent_files_for_a_customer_from_the_instant_of_contact(self, in_oro: Desk, file: File) -> None:
        ticket = file(by=in_oro.carol, requester=in_oro.bob, at=MONDAY + HOUR, contact_at=MONDAY)
        assert (ticket.requester, ticket.received_at, ticket.created_at) == (in_oro.bob, MONDAY, MONDAY + HOUR)
        opened = Event.objects.get(ticket=ticket, kind=Kind.OPENED)
        assert (opened.at, opened.by) == (MONDAY, in_oro.carol)

    def test_a_contact_in_the_future_is_refused(self, in_oro: Desk, file: File) -> None:
        with pytest.raises(Refused) as refused:
            file(by=in_oro.carol, requester=in_oro.bob, contact_at=MONDAY + HOUR)
        assert refused.value.field == "contact_at"


class TestReplying:
    def test_an_answer_acknowledges_a_new_ticket(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.reply(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="We see it.")
        ticket.refresh_from_db()
        assert ticket.state == State.ACKNOWLEDGED
        assert kinds(ticket) == ["opened", "replied", "status_changed"]

    def test_an_answer_of_the_assignee_is_work_in_progress(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY)
        actions.reply(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="We see it.")
        ticket.refresh_from_db()
        assert ticket.state == State.IN_PROGRESS

    def test_a_customers_reply_takes_the_ticket_out_of_waiting(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.set_state(ticket, State.WAITING, by=in_oro.carol, at=MONDAY)
        actions.reply(ticket, by=in_oro.alice, at=MONDAY + HOUR, body="Version 5.1.")
        ticket.refresh_from_db()
        assert (ticket.state, ticket.state_since) == (State.IN_PROGRESS, MONDAY + HOUR)
        assert kinds(ticket)[-2:] == ["customer_replied", "status_changed"]

    def test_a_customers_reply_reopens_a_resolved_ticket(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.resolve(ticket, by=in_oro.carol, at=MONDAY)
        actions.reply(ticket, by=in_oro.alice, at=MONDAY + HOUR, body="It is back.")
        ticket.refresh_from_db()
        assert (ticket.state, ticket.resolved_at) == (State.REOPENED, None)
        assert kinds(ticket)[-1] == "reopened"

    def test_an_agents_reply_leaves_a_resolved_ticket_resolved(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.resolve(ticket, by=in_oro.carol, at=MONDAY)
        actions.reply(ticket, by=in_oro.carol, at=MONDAY + HOUR, body="Glad to help.")
        ticket.refresh_from_db()
        assert ticket.state == State.RESOLVED

    def test_an_automatic_message_changes_no_state(self, ticket: Ticket) -> None:
        message = actions.reply(ticket, by=None, at=MONDAY + HOUR, body="We have it.")
        ticket.refresh_from_db()
        assert ticket.state == State.NEW
        assert (message.kind, message.author, message.channel) == (MessageKind.AUTO, None, MessageChannel.SYSTEM)
        assert kinds(ticket) == ["opened", "auto_replied"]

    def test_several_things_in_one_save_settle_clocks_first(self, in_oro: Desk, ticket: Ticket) -> None:
        later = MONDAY + 3 * HOUR
        actions.reply(
            ticket, by=in_oro.carol, at=MONDAY + HOUR, body="Which one?", then_state=State.WAITING, next_update_at=later
        )
        assert kinds(ticket) == ["opened", "replied", "update_promised", "status_changed"]
        events = {event.kind: event for event in Event.objects.filter(ticket=ticket)}
        assert events["update_promised"].data == {"next_update_at": later.isoformat()}
        assert events["status_changed"].data == {"from": "new", "to": "waiting", "reason": ""}

    def test_a_status_that_cannot_follow_keeps_nothing(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused) as refused:
            actions.reply(ticket, by=in_oro.carol, at=MONDAY, body="Done.", then_state=State.REOPENED)
        assert refused.value.field == "then_state"
        assert kinds(ticket) == ["opened"]

    def test_an_update_cannot_be_promised_for_the_past(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused) as refused:
            actions.reply(ticket, by=in_oro.carol, at=MONDAY, body="Soon.", next_update_at=MONDAY)
        assert refused.value.field == "next_update_at"
        with pytest.raises(Refused):
            actions.promise_update(ticket, by=in_oro.carol, at=MONDAY, next_update_at=MONDAY - HOUR)
        assert kinds(ticket) == ["opened"]

    def test_an_empty_message_is_refused(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused) as refused:
            actions.reply(ticket, by=in_oro.alice, at=MONDAY, body=" \n ")
        assert refused.value.field == "body"

    def test_a_customers_message_comes_from_the_portal_and_an_agents_from_the_desk(
        self, in_oro: Desk, ticket: Ticket
    ) -> None:
        assert actions.reply(ticket, by=in_oro.alice, at=MONDAY, body="x").channel == MessageChannel.PORTAL
        assert actions.reply(ticket, by=in_oro.carol, at=MONDAY, body="x").channel == MessageChannel.DESK

    def test_moves_the_last_update(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.reply(ticket, by=in_oro.alice, at=MONDAY + HOUR, body="x")
        ticket.refresh_from_db()
        assert ticket.updated_at == MONDAY + HOUR


class TestNotesAndCalls:
    def test_a_note_is_for_the_team_alone_and_changes_nothing(self, in_oro: Desk, ticket: Ticket) -> None:
        note = actions.note(ticket, by=in_oro.carol, at=MONDAY, body="Looks like the cache.")
        ticket.refresh_from_db()
        assert (note.kind, ticket.state) == (MessageKind.NOTE, State.NEW)
        assert set(Message.objects.visible_to(in_oro.carol)) - set(Message.objects.visible_to(in_oro.alice)) == {note}
        assert Kind.NOTED not in Event.objects.visible_to(in_oro.alice).values_list("kind", flat=True)

    def test_a_logged_call_answers_the_customer(self, in_oro: Desk, ticket: Ticket) -> None:
        message = actions.log_call(ticket, by=in_oro.carol, at=MONDAY, body="We spoke.", minutes=7)
        ticket.refresh_from_db()
        assert (message.kind, message.channel) == (MessageKind.PUBLIC, MessageChannel.PHONE)
        assert ticket.state == State.ACKNOWLEDGED
        assert Event.objects.get(ticket=ticket, kind=Kind.CALL_LOGGED).data == {"minutes": 7}

    def test_a_call_takes_time(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused) as refused:
            actions.log_call(ticket, by=in_oro.carol, at=MONDAY, body="We spoke.", minutes=0)
        assert refused.value.field == "minutes"


class TestStates:
    def test_a_state_that_cannot_follow_is_refused(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused, match="moved on"):
            actions.set_state(ticket, State.REOPENED, by=in_oro.carol, at=MONDAY)

    def test_the_same_state_again_is_nothing(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.set_state(ticket, State.NEW, by=in_oro.carol, at=MONDAY + HOUR)
        assert kinds(ticket) == ["opened"]

    def test_the_customer_resolves_and_twice_is_once(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.resolve(ticket, by=in_oro.alice, at=MONDAY + HOUR)
        actions.resolve(ticket, by=in_oro.alice, at=MONDAY + 2 * HOUR)
        ticket.refresh_from_db()
        assert (ticket.state, ticket.resolved_at) == (State.RESOLVED, MONDAY + HOUR)
        assert kinds(ticket) == ["opened", "resolved"]

    def test_the_customer_reopens(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.resolve(ticket, by=in_oro.alice, at=MONDAY)
        actions.reopen(ticket, by=in_oro.alice, at=MONDAY + HOUR)
        ticket.refresh_from_db()
        assert (ticket.state, ticket.resolved_at) == (State.REOPENED, None)

    def test_an_open_ticket_cannot_be_reopened(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused, match="open already"):
            actions.reopen(ticket, by=in_oro.alice, at=MONDAY)

    def test_acts_on_the_ticket_as_it_is_now_not_as_it_was_read(self, in_oro: Desk, ticket: Ticket) -> None:
        stale = Ticket.objects.get(pk=ticket.pk)
        actions.resolve(ticket, by=in_oro.carol, at=MONDAY)
        with pytest.raises(Refused):
            actions.set_state(stale, State.IN_PROGRESS, by=in_oro.carol, at=MONDAY)


class TestTriage:
    def test_takes_a_ticket_that_nobody_has(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY, expected=None)
        ticket.refresh_from_db()
        assert ticket.assignee == in_oro.carol

    def test_says_who_was_quicker(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY, expected=None)
        with pytest.raises(Refused, match="quicker: this ticket is now with Carol"):
            actions.assign(ticket, to=in_oro.dan, by=in_oro.dan, at=MONDAY, expected=None)
        ticket.refresh_from_db()
        assert ticket.assignee == in_oro.carol
        assert kinds(ticket) == ["opened", "assigned"]

    def test_claiming_what_one_has_already_is_nothing(self, in_oro: Desk, ticket: Ticket) -> None:
        for _again in range(2):
            actions.assign(ticket, to=in_oro.carol, by=in_oro.carol, at=MONDAY, expected=None)
        assert kinds(ticket) == ["opened", "assigned"]

    def test_a_customer_cannot_be_the_assignee(self, in_oro: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused, match="support team"):
            actions.assign(ticket, to=in_oro.bob, by=in_oro.carol, at=MONDAY)

    def test_severity_stands_beside_the_customers_priority(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.triage(ticket, severity=in_oro.priority("P1"), by=in_oro.carol, at=MONDAY)
        ticket.refresh_from_db()
        assert ticket.severity is not None
        assert (ticket.priority.code, ticket.severity.code) == ("P2", "P1")
        event = Event.objects.get(ticket=ticket, kind=Kind.SEVERITY_CHANGED)
        assert event.data == {"from": None, "to": "P1"}
        assert event not in Event.objects.visible_to(in_oro.alice)

    def test_a_changed_priority_says_from_what_and_why(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.set_priority(
            ticket, priority=in_oro.priority("P1"), by=in_oro.carol, at=MONDAY, reason="All shops are down"
        )
        event = Event.objects.get(ticket=ticket, kind=Kind.PRIORITY_CHANGED)
        assert event.data == {"from": "P2", "to": "P1", "reason": "All shops are down"}

    def test_what_is_set_already_leaves_no_event(self, in_oro: Desk, ticket: Ticket) -> None:
        actions.set_priority(ticket, priority=in_oro.priority("P2"), by=in_oro.carol, at=MONDAY)
        actions.triage(ticket, severity=None, by=in_oro.carol, at=MONDAY)
        actions.set_team(ticket, team=ticket.team, by=in_oro.carol, at=MONDAY)
        assert kinds(ticket) == ["opened"]

    def test_moves_to_another_group(self, in_oro: Desk, ticket: Ticket) -> None:
        hosting = Team.objects.create(slug="hosting", name="Hosting")
        actions.set_team(ticket, team=hosting, by=in_oro.carol, at=MONDAY)
        assert Event.objects.get(ticket=ticket, kind=Kind.TEAM_CHANGED).data["to_name"] == "Hosting"


STAFF_ONLY: dict[str, Callable[[Desk, Ticket], object]] = {
    "a note": lambda desk, ticket: actions.note(ticket, by=desk.alice, at=MONDAY, body="x"),
    "a logged call": lambda desk, ticket: actions.log_call(ticket, by=desk.alice, at=MONDAY, body="x", minutes=1),
    "an assignment": lambda desk, ticket: actions.assign(ticket, to=desk.carol, by=desk.alice, at=MONDAY),
    "a group": lambda desk, ticket: actions.set_team(ticket, team=None, by=desk.alice, at=MONDAY),
    "a severity": lambda desk, ticket: actions.triage(ticket, severity=None, by=desk.alice, at=MONDAY),
    "a priority": lambda desk, ticket: actions.set_priority(
        ticket, priority=desk.priority("P1"), by=desk.alice, at=MONDAY
    ),
    "a status": lambda desk, ticket: actions.set_state(ticket, State.IN_PROGRESS, by=desk.alice, at=MONDAY),
    "a status with a reply": lambda desk, ticket: actions.reply(
        ticket, by=desk.alice, at=MONDAY, body="x", then_state=State.IN_PROGRESS
    ),
    "a promised update": lambda desk, ticket: actions.promise_update(
        ticket, by=desk.alice, at=MONDAY, next_update_at=MONDAY + HOUR
    ),
    "no reply needed": lambda desk, ticket: actions.no_reply_needed(ticket, by=desk.alice, at=MONDAY),
}


@pytest.mark.parametrize("act", STAFF_ONLY.values(), ids=STAFF_ONLY)
def test_customers_cannot_do_what_is_the_teams(
    in_oro: Desk, ticket: Ticket, act: Callable[[Desk, Ticket], object]
) -> None:
    with pytest.raises(PermissionDenied):
        act(in_oro, ticket)
    assert kinds(ticket) == ["opened"]


def test_an_organization_manager_is_a_customer_too(in_oro: Desk, ticket: Ticket) -> None:
    with pytest.raises(PermissionDenied):
        actions.note(ticket, by=in_oro.grace, at=MONDAY, body="x")


def test_another_organization_of_the_vendor_sees_nothing(in_oro: Desk, file: File) -> None:
    file(is_shared=True)
    stranger = Membership.objects.create(
        user=User.objects.create_user("trudy@orocloud.example", name="Trudy"),
        organization=Organization.objects.create(name="Southwind", slug="southwind"),
        role=Role.MANAGER,
    )
    assert list(Ticket.objects.visible_to(stranger)) == []
