"""What Drud's "Exclusions and Limitations" and "Engineering Support" ask for, from its contract file alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from plans.contract.desk import ExclusionSection
from plans.states import State
from supportdesk.notifications.models import Delivery
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk, make_desk
from tickets import actions, scope
from tickets.errors import Refused
from tickets.models import Event, ExternalIssue, ScopeDecision, Ticket
from tickets.models.event import Kind
from tickets.models.external_issue import IssueState

HOUR = timedelta(hours=1)


@pytest.fixture
def drud(db: None) -> Iterator[Desk]:
    desk = make_desk("drud")
    with vendor_scope(desk.vendor):
        yield desk


@pytest.fixture
def ticket(drud: Desk) -> Ticket:
    return actions.open_ticket(
        by=drud.alice,
        at=MONDAY,
        project=drud.project,
        priority=drud.priority("Medium"),
        subject="Which design is faster?",
        body="Please have a look at our theme.",
    )


def exclusion(slug: str) -> ExclusionSection:
    found = scope.section().exclusion(slug)
    assert found is not None
    return found


def decide(ticket: Ticket, slug: str, desk: Desk, **said: object) -> ScopeDecision:
    facts: dict[str, object] = {"by": desk.carol, "at": MONDAY + HOUR, "reason": "Asks for design.", "body": "Sorry."}
    return actions.decide_scope(ticket, exclusion=exclusion(slug), **(facts | said))  # type: ignore[arg-type]


class TestForwardingToSales:
    def test_tells_sales_why_and_the_customer_and_resolves(self, drud: Desk, ticket: Ticket) -> None:
        Delivery.objects.all().delete()
        decide(ticket, "consultative", drud, then_state=State.RESOLVED)
        ticket.refresh_from_db()
        assert ticket.state == State.RESOLVED
        assert ticket.messages.order_by("-pk").first().body == "Sorry."  # type: ignore[union-attr]
        sales = Delivery.objects.get(address="sales@drud.example")
        assert "Asks for design." in sales.body
        assert "alice@drud.example" in sales.body
        assert "Please have a look at our theme." in sales.body
        assert "Asks for design." not in "".join(Delivery.objects.exclude(pk=sales.pk).values_list("body", flat=True))

    def test_stands_on_the_timeline_for_both_sides_but_not_the_reason(self, drud: Desk, ticket: Ticket) -> None:
        decide(ticket, "consultative", drud)
        told = Event.objects.get(kind=Kind.SCOPE_DECIDED)
        assert (told.data["exclusion"], told.data["name"], told.data["told"]) == (
            "consultative",
            "Consultative support",
            True,
        )
        assert Event.objects.visible_to(drud.alice).filter(pk=told.pk).exists()

    @pytest.mark.parametrize(("said", "field"), [({"reason": " "}, "reason"), ({"body": ""}, "body")])
    def test_wants_a_reason_and_a_message(
        self, drud: Desk, ticket: Ticket, said: dict[str, object], field: str
    ) -> None:
        with pytest.raises(Refused) as refusal:
            decide(ticket, "consultative", drud, **said)
        assert refusal.value.field == field
        assert not ScopeDecision.objects.exists()


class TestAFee:
    def test_waits_for_the_customers_agreement_before_any_work(self, drud: Desk, ticket: Ticket) -> None:
        decision = decide(ticket, "legacy-versions", drud, fee="4 h at 150 USD", then_state=State.WAITING)
        assert decision.awaits_customer
        ticket.refresh_from_db()
        assert ticket.state == State.WAITING
        with pytest.raises(PermissionDenied):
            actions.answer_fee(ticket, agrees=True, by=drud.bob, at=MONDAY + 2 * HOUR)
        decision = actions.answer_fee(ticket, agrees=True, by=drud.alice, at=MONDAY + 2 * HOUR)
        assert (decision.is_agreed, decision.answered_by, decision.answered_at) == (True, drud.alice, MONDAY + 2 * HOUR)
        ticket.refresh_from_db()
        assert ticket.state == State.IN_PROGRESS
        assert Delivery.objects.filter(kind=Kind.FEE_ANSWERED, subject__startswith="Fee agreed by Northwind").exists()
        with pytest.raises(Refused):
            actions.answer_fee(ticket, agrees=False, by=drud.alice, at=MONDAY + 3 * HOUR)

    def test_may_be_declined_by_a_manager(self, drud: Desk, ticket: Ticket) -> None:
        decide(ticket, "legacy-versions", drud, fee="4 h at 150 USD")
        assert actions.answer_fee(ticket, agrees=False, by=drud.grace, at=MONDAY + HOUR).is_agreed is False
        assert Event.objects.get(kind=Kind.FEE_ANSWERED).data == {"is_agreed": False, "fee": "4 h at 150 USD"}

    def test_says_what_it_costs(self, drud: Desk, ticket: Ticket) -> None:
        with pytest.raises(Refused) as refusal:
            decide(ticket, "legacy-versions", drud)
        assert refusal.value.field == "fee"

    def test_only_a_fee_has_an_answer(self, drud: Desk, ticket: Ticket) -> None:
        decide(ticket, "unsupported-platforms", drud)
        with pytest.raises(IntegrityError, match="only_fees_are_answered"), transaction.atomic():
            ScopeDecision.objects.update(is_agreed=True, answered_by=drud.alice, answered_at=MONDAY)


def test_limited_support_needs_no_message(drud: Desk, ticket: Ticket) -> None:
    decision = decide(ticket, "unsupported-platforms", drud, body="")
    assert "limited to problems that can be reproduced" in decision.text
    assert ticket.messages.count() == 1


def test_a_later_decision_replaces_it_and_the_customer_hears_of_that(drud: Desk, ticket: Ticket) -> None:
    actions.decide_scope(ticket, exclusion=None, by=drud.carol, at=MONDAY)
    decide(ticket, "consultative", drud)
    actions.decide_scope(ticket, exclusion=None, by=drud.carol, at=MONDAY + 2 * HOUR)
    assert ScopeDecision.objects.get().exclusion == ""
    hidden = [each.data["is_staff"] for each in Event.objects.filter(kind=Kind.SCOPE_DECIDED).order_by("pk")]
    assert hidden == [True, False, False]


def test_customers_decide_nothing(drud: Desk, ticket: Ticket) -> None:
    with pytest.raises(PermissionDenied):
        decide(ticket, "consultative", drud, by=drud.alice)


class TestEngineering:
    def hotfix(self, ticket: Ticket, desk: Desk, **said: object) -> ExternalIssue:
        asked = next(each for each in scope.section().handovers() if each[1].slug == "hotfix")
        facts: dict[str, object] = {"url": "https://tracker.example/7", "title": "Cache is never cleared"}
        return actions.add_issue(
            ticket,
            asked=asked,
            by=desk.carol,
            at=MONDAY,
            **(facts | {"hands_over": True} | said),  # type: ignore[arg-type]
        )

    def test_is_handed_the_ticket_with_its_issue(self, drud: Desk, ticket: Ticket) -> None:
        issue = self.hotfix(ticket, drud)
        ticket.refresh_from_db()
        assert (issue.name, ticket.team.slug) == ("Hotfix", "product-engineering")

    def test_a_hotfix_carries_its_warning(self, drud: Desk, ticket: Ticket) -> None:
        issue = self.hotfix(ticket, drud)
        ((told, warning),) = scope.warnings([issue])
        assert told == issue
        assert "may not receive the full QA and regression testing" in warning
        actions.change_issue(issue, state=IssueState.REFUSED, by=drud.carol, at=MONDAY)
        assert scope.warnings([issue]) == []

    def test_its_states_and_removal_are_on_the_timeline(self, drud: Desk, ticket: Ticket) -> None:
        issue = self.hotfix(ticket, drud)
        actions.change_issue(issue, state=IssueState.DONE, by=drud.carol, at=MONDAY)
        actions.remove_issue(issue, by=drud.carol, at=MONDAY)
        kinds = (Kind.ISSUE_ADDED, Kind.ISSUE_CHANGED, Kind.ISSUE_REMOVED)
        told = Event.objects.filter(kind__in=kinds).order_by("pk")
        assert [(each.kind, each.data["state"], each.data.get("from")) for each in told] == [
            (Kind.ISSUE_ADDED, "open", None),
            (Kind.ISSUE_CHANGED, "done", "open"),
            (Kind.ISSUE_REMOVED, "done", None),
        ]

    @pytest.mark.parametrize("url", ["javascript:alert(1)", "tracker", "https://me:secret@tracker.example/7", ""])
    def test_takes_web_addresses_only(self, drud: Desk, ticket: Ticket, url: str) -> None:
        with pytest.raises(Refused) as refusal:
            self.hotfix(ticket, drud, url=url)
        assert refusal.value.field == "url"

    def test_takes_an_issue_once(self, drud: Desk, ticket: Ticket) -> None:
        self.hotfix(ticket, drud)
        with pytest.raises(Refused):
            self.hotfix(ticket, drud)
