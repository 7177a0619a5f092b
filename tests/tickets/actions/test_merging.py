"""One matter, two tickets: one is closed with a link, the other goes on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from plans.states import State
from sla import ledger
from sla.clocks import replay
from sla.mergers import consequences
from sla.models import Clock
from sla.pages import explained
from sla.timeline import facts_of
from supportdesk.accounts.models import Membership
from supportdesk.notifications.models import Delivery
from supportdesk.timers.models import Timer
from tests import factories
from tests.cast import MONDAY, Desk
from tests.sla.test_reactions import HOUR, filed
from tickets import actions
from tickets.errors import Refused
from tickets.models import Event, Follower, Ticket
from tickets.models.event import Kind
from tickets.queries import conversation


def merged_events(ticket: Ticket) -> list[dict[str, object]]:
    return list(Event.objects.filter(ticket=ticket, kind=Kind.MERGED).values_list("data", flat=True))


def test_the_merged_ticket_is_closed_with_a_link_and_owes_nothing(in_oro: Desk) -> None:
    first, second = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
    closed = actions.merge(second, into=first, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    closed.refresh_from_db()
    assert (closed.state, closed.resolved_at, closed.merged_into) == ("resolved", MONDAY + 2 * HOUR, first)
    assert (closed.next_due_at, closed.unanswered_since) == (None, None)
    assert Clock.objects.get(ticket=second).outcome == "cancelled"
    assert not Timer.objects.filter(kind="sla.alarm", subject_id=second.pk).exists()
    assert Clock.objects.get(ticket=first).settled_at is None


def test_both_timelines_say_which_and_when_the_customer_first_asked(in_oro: Desk) -> None:
    early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
    actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    received = MONDAY.isoformat()
    assert merged_events(early) == [{"into": late.number, "received_at": received}]
    assert merged_events(late) == [
        {
            "from": early.number,
            "received_at": received,
            "state": "new",
            "since": received,
            "asked_at": received,
            "unanswered_at": received,
            "followers": [],
            "earlier": [],
        }
    ]


def test_the_one_that_goes_on_waits_for_an_answer_since_the_earlier_question(in_oro: Desk) -> None:
    early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
    actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    late.refresh_from_db()
    assert late.unanswered_since == MONDAY


def test_a_resolved_ticket_keeps_when_it_was_resolved(in_oro: Desk) -> None:
    first, second = filed(in_oro), filed(in_oro)
    actions.resolve(second, by=in_oro.carol, at=MONDAY + HOUR)
    closed = actions.merge(second, into=first, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    assert closed.resolved_at == MONDAY + HOUR


def test_nothing_can_be_done_to_a_merged_ticket(in_oro: Desk) -> None:
    first, second = filed(in_oro), filed(in_oro)
    actions.merge(second, into=first, by=in_oro.carol, at=MONDAY + HOUR)
    with pytest.raises(Refused, match=f"#{first.number}"):
        actions.reply(second, by=in_oro.alice, at=MONDAY + 2 * HOUR, body="Hello?")
    with pytest.raises(Refused, match=f"#{first.number}"):
        actions.reopen(second, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    with pytest.raises(Refused, match=f"#{first.number}"):
        actions.merge(filed(in_oro), into=second, by=in_oro.carol, at=MONDAY + 2 * HOUR)


def test_only_an_open_ticket_of_the_same_organization_takes_another_in(in_oro: Desk) -> None:
    ticket, resolved, foreign = filed(in_oro), filed(in_oro), filed(in_oro)
    actions.resolve(resolved, by=in_oro.carol, at=MONDAY + HOUR)
    foreign.organization = factories.OrganizationFactory.create(slug="southwind")
    foreign.save(update_fields=["organization"])
    for into in (ticket, resolved, foreign):
        with pytest.raises(Refused) as refusal:
            actions.merge(ticket, into=into, by=in_oro.carol, at=MONDAY + 2 * HOUR)
        assert refusal.value.field == "into"


def test_customers_merge_nothing(in_oro: Desk) -> None:
    with pytest.raises(PermissionDenied):
        actions.merge(filed(in_oro), into=filed(in_oro), by=in_oro.alice, at=MONDAY + timedelta(minutes=5))


def test_the_database_refuses_a_merged_ticket_that_is_open_or_its_own(in_oro: Desk) -> None:
    ticket, other = filed(in_oro), filed(in_oro)
    with pytest.raises(IntegrityError, match="ticket_merged_is_closed"), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(merged_into=other)
    actions.resolve(ticket, by=in_oro.carol, at=MONDAY + HOUR)
    with pytest.raises(IntegrityError, match="ticket_merged_is_closed"), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(merged_into=ticket)


def shared_by(desk: Desk, name: str, at: datetime, **said: object) -> Ticket:
    who = getattr(desk, name)
    facts: dict[str, object] = {"project": desk.project, "priority": desk.priority("P1"), "body": f"{name} writes."}
    return actions.open_ticket(by=who, at=at, subject=f"Of {name}", **(facts | said))  # type: ignore[arg-type]


class TestTheEarlierReceipt:
    def test_moves_the_first_response_that_is_still_owed(self, in_oro: Desk) -> None:
        early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
        actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 2 * HOUR)
        clock = Clock.objects.get(ticket=late)
        assert (clock.started_at, clock.due_at) == (MONDAY, MONDAY + 4 * HOUR)
        late.refresh_from_db()
        assert late.next_due_at == MONDAY + 4 * HOUR

    def test_does_not_ask_again_for_an_answer_that_was_given(self, in_oro: Desk) -> None:
        early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
        actions.reply(early, by=in_oro.carol, at=MONDAY + HOUR / 2, body="We look into it.")
        actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 2 * HOUR)
        clock = Clock.objects.get(ticket=late)
        assert (clock.started_at, clock.due_at) == (MONDAY + HOUR, MONDAY + 5 * HOUR)

    def test_may_be_overdue_at_once_and_says_so_at_the_due_instant(self, in_oro: Desk) -> None:
        early, late = filed(in_oro), filed(in_oro, at=MONDAY + 3 * HOUR)
        actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 5 * HOUR)
        breaches = Event.objects.filter(kind=Kind.SLA_BREACHED)
        assert {(each.ticket_id, each.at) for each in breaches} == {
            (early.pk, MONDAY + 4 * HOUR),
            (late.pk, MONDAY + 4 * HOUR),
        }

    def test_is_what_the_preview_says(self, in_oro: Desk) -> None:
        early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
        ending, moving = consequences(early, late, at=MONDAY + 2 * HOUR)
        assert [(each.change, each.old_due_at) for each in ending] == [("ends", MONDAY + 4 * HOUR)]
        assert [(each.change, each.old_due_at, each.new_due_at) for each in moving] == [
            ("moves", MONDAY + 5 * HOUR, MONDAY + 4 * HOUR)
        ]
        assert Clock.objects.get(ticket=late).due_at == MONDAY + 5 * HOUR

    def test_live_clocks_equal_a_replay(self, in_oro: Desk) -> None:
        early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
        actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 2 * HOUR)
        actions.unmerge(early, by=in_oro.carol, at=MONDAY + 2 * HOUR + HOUR / 2)
        for ticket in (early, late):
            told = facts_of(Event.objects.filter(ticket=ticket).order_by("pk"))
            assert ledger.load([ticket.pk])[ticket.pk].book.open_runs() == replay(f for _, f in told).open_runs()

    def test_takes_a_waiting_ticket_back_to_work(self, in_oro: Desk) -> None:
        early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
        actions.set_state(early, State.WAITING, by=in_oro.carol, at=MONDAY + HOUR)
        actions.merge(late, into=early, by=in_oro.carol, at=MONDAY + 2 * HOUR)
        early.refresh_from_db()
        assert early.state == State.IN_PROGRESS


class TestWhoSeesWhat:
    def test_messages_are_read_in_the_other_ticket_by_whoever_could_read_them(self, in_oro: Desk) -> None:
        alices, bobs = shared_by(in_oro, "alice", MONDAY), shared_by(in_oro, "bob", MONDAY + HOUR)
        actions.merge(bobs, into=alices, by=in_oro.carol, at=MONDAY + 2 * HOUR, opens_to_new_readers=True)

        def read(who: Membership) -> list[str]:
            said = [each for each in conversation(alices, who) if each.message]
            return [each.message.body + f" #{each.origin}" * bool(each.origin) for each in said if each.message]

        assert read(in_oro.carol) == ["alice writes.", f"bob writes. #{bobs.number}"]
        assert read(in_oro.bob) == ["alice writes.", f"bob writes. #{bobs.number}"]
        assert read(in_oro.alice) == ["alice writes."]

    def test_a_private_ticket_is_not_opened_to_others_unasked(self, in_oro: Desk) -> None:
        alices, bobs = shared_by(in_oro, "alice", MONDAY), shared_by(in_oro, "bob", MONDAY)
        with pytest.raises(Refused, match="Bob read it") as refusal:
            actions.merge(bobs, into=alices, by=in_oro.carol, at=MONDAY + HOUR)
        assert refusal.value.field == "opens_to_new_readers"
        assert not Ticket.objects.visible_to(in_oro.bob).filter(pk=alices.pk).exists()

    def test_followers_come_along_and_the_customer_is_told_once(self, in_oro: Desk) -> None:
        alices = shared_by(in_oro, "alice", MONDAY, is_shared=True)
        bobs = shared_by(in_oro, "bob", MONDAY, is_shared=True)
        actions.follow(bobs, who=in_oro.dan, by=in_oro.dan, at=MONDAY)
        Delivery.objects.all().delete()
        actions.merge(bobs, into=alices, by=in_oro.carol, at=MONDAY + HOUR)
        assert set(Follower.objects.filter(ticket=alices).values_list("person_id", flat=True)) == {
            in_oro.bob.pk,
            in_oro.dan.pk,
        }
        told = Delivery.objects.get(kind=Kind.MERGED)
        assert (told.membership_id, f"#{alices.number}" in told.body) == (in_oro.bob.pk, True)
        assert told.path == f"/orocloud/tickets/{alices.number}/"


class TestUndoing:
    def test_puts_both_back_as_they_were(self, in_oro: Desk) -> None:
        early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
        actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 2 * HOUR)
        actions.unmerge(early, by=in_oro.carol, at=MONDAY + 2 * HOUR + HOUR / 2)
        for ticket, received in ((early, MONDAY), (late, MONDAY + HOUR)):
            ticket.refresh_from_db()
            assert (ticket.state, ticket.merged_into, ticket.resolved_at) == ("new", None, None)
            assert (ticket.unanswered_since, ticket.next_due_at) == (received, received + 4 * HOUR)
            open_clock = Clock.objects.open().get(ticket=ticket)
            assert (open_clock.started_at, open_clock.due_at) == (received, received + 4 * HOUR)

    def test_an_overdue_promise_is_broken_once_and_told_of_once(self, in_oro: Desk) -> None:
        early, late = filed(in_oro), filed(in_oro, at=MONDAY + 4 * HOUR)
        actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 5 * HOUR)
        actions.unmerge(early, by=in_oro.carol, at=MONDAY + 5 * HOUR + HOUR / 2)
        clock = Clock.objects.get(ticket=early)
        assert (clock.due_at, clock.breached_at, clock.settled_at) == (MONDAY + 4 * HOUR, MONDAY + 4 * HOUR, None)
        assert Event.objects.filter(ticket=early, kind=Kind.SLA_BREACHED).count() == 1
        assert Clock.objects.get(ticket=late).breached_at is None
        actions.reply(early, by=in_oro.carol, at=MONDAY + 6 * HOUR, body="We look into it.")
        assert list(Clock.objects.filter(breached_at__isnull=False).values_list("ticket", "outcome")) == [
            (early.pk, "late")
        ]

    def test_takes_back_the_look_it_gave(self, in_oro: Desk) -> None:
        alices, bobs = shared_by(in_oro, "alice", MONDAY), shared_by(in_oro, "bob", MONDAY)
        actions.merge(bobs, into=alices, by=in_oro.carol, at=MONDAY + HOUR, opens_to_new_readers=True)
        assert Ticket.objects.visible_to(in_oro.bob).filter(pk=alices.pk).exists()
        actions.unmerge(bobs, by=in_oro.carol, at=MONDAY + HOUR)
        assert not Ticket.objects.visible_to(in_oro.bob).filter(pk=alices.pk).exists()

    def test_gives_back_what_was_merged_before(self, in_oro: Desk) -> None:
        one, two, three = filed(in_oro), filed(in_oro), filed(in_oro)
        actions.merge(one, into=two, by=in_oro.carol, at=MONDAY)
        actions.merge(two, into=three, by=in_oro.carol, at=MONDAY + HOUR)
        one.refresh_from_db()
        assert one.merged_into == three
        actions.unmerge(two, by=in_oro.carol, at=MONDAY + HOUR)
        one.refresh_from_db()
        assert one.merged_into == two

    def test_ends_after_an_hour(self, in_oro: Desk) -> None:
        first, second = filed(in_oro), filed(in_oro)
        actions.merge(second, into=first, by=in_oro.carol, at=MONDAY)
        with pytest.raises(Refused, match="more than an hour"):
            actions.unmerge(second, by=in_oro.carol, at=MONDAY + HOUR + timedelta(seconds=1))
        actions.unmerge(second, by=in_oro.carol, at=MONDAY + HOUR)
        with pytest.raises(Refused, match="not merged"):
            actions.unmerge(second, by=in_oro.carol, at=MONDAY + HOUR)


def test_the_explanation_says_that_the_earlier_receipt_counts(in_oro: Desk) -> None:
    early, late = filed(in_oro), filed(in_oro, at=MONDAY + HOUR)
    actions.merge(early, into=late, by=in_oro.carol, at=MONDAY + 2 * HOUR)
    clock = Clock.objects.get(ticket=late)
    told = explained(late, clock.pk, at=MONDAY + 2 * HOUR, for_customer=True).sentences
    assert any(
        "another request was merged into this one, and the earlier receipt counts: due at" in line for line in told
    )
