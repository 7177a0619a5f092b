"""Escalating: the keyword in the customer's own words, the button, who is told, and how often."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from supportdesk.notifications.models import Delivery, Notice
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk, make_desk
from tickets import actions
from tickets.errors import Refused
from tickets.escalating import AT_MOST_EVERY, again_from, mentions
from tickets.models import Event, Ticket
from tickets.models.event import Kind

MINUTE = timedelta(minutes=1)


class TestTheKeyword:
    @pytest.mark.parametrize(
        "text",
        [
            "REDPHONE",
            "Please help: redphone!",
            "**REDPHONE**, we lose orders",
            "_REDPHONE_",
            "(REDPHONE)",
            "> we look into it\nREDPHONE. Nobody looks into it.",
            "```\nTraceback\n```\nREDPHONE",
            "Because:\n    REDPHONE",
            "We ran `cache-clear`. REDPHONE. Then `status`.",
        ],
    )
    def test_is_heard_in_ones_own_words(self, text: str) -> None:
        assert mentions(text, "REDPHONE")

    @pytest.mark.parametrize(
        "text",
        [
            "Everything is fine.",
            "REDPHONES are sold here",
            "MY_REDPHONE_NUMBER",
            "> REDPHONE",
            "  > > REDPHONE",
            "`REDPHONE`",
            "``say `REDPHONE` to escalate``",
            "```\nREDPHONE\n```",
            "~~~\n```\nREDPHONE",
            "The log:\n\n    REDPHONE",
            "\tREDPHONE",
            "https://docs.example/REDPHONE",
            "Thank you\n-----Original Message-----\nREDPHONE",
        ],
    )
    def test_is_not_heard_in_quotes_code_addresses_and_other_words(self, text: str) -> None:
        assert not mentions(text, "REDPHONE")

    def test_of_two_words_may_be_broken_over_lines(self) -> None:
        assert mentions("Please, red\nphone!", "Red Phone")
        assert not mentions("redphone", "Red Phone")

    def test_that_is_empty_is_never_heard(self) -> None:
        assert not mentions("anything", " ")


@pytest.mark.parametrize(
    ("last", "is_free"), [(None, True), (MONDAY - AT_MOST_EVERY, True), (MONDAY - AT_MOST_EVERY + MINUTE, False)]
)
def test_a_ticket_escalates_once_an_hour(last: object, is_free: bool) -> None:
    assert (again_from(last, MONDAY) is None) is is_free  # type: ignore[arg-type]


@pytest.fixture
def apps(db: None) -> Iterator[Desk]:
    """Platform.sh application support, whose contract has a keyword and a director, in its scope."""
    desk = make_desk("platformsh-apps")
    with vendor_scope(desk.vendor):
        yield desk


def filed(desk: Desk, **said: object) -> Ticket:
    facts: dict[str, object] = {
        "by": desk.alice,
        "at": MONDAY,
        "project": desk.project,
        "priority": desk.priority("P1"),
        "subject": "Checkout is down",
        "body": "It answers 502.",
    }
    return actions.open_ticket(**(facts | said))  # type: ignore[arg-type]


def escalations(ticket: Ticket) -> list[Event]:
    return list(Event.objects.filter(ticket=ticket, kind=Kind.ESCALATED).order_by("id"))


@pytest.mark.django_db
class TestByTheKeyword:
    def test_in_a_reply_it_tells_the_leads_the_director_and_the_customer(self, apps: Desk) -> None:
        ticket = filed(apps)
        actions.reply(ticket, by=apps.alice, at=MONDAY + MINUTE, body="REDPHONE please, we lose orders.")
        event = escalations(ticket)[0]
        assert (event.by, event.at, event.data["how"]) == (apps.alice, MONDAY + MINUTE, "keyword")
        assert event.message is not None
        told = Notice.objects.filter(kind="escalated")
        assert {notice.membership_id for notice in told} == {apps.dan.pk, apps.erin.pk, apps.alice.pk}
        mails = Delivery.objects.filter(kind="escalated")
        assert {mail.address for mail in mails} == {
            "dan@platformsh-apps.example",
            "erin@platformsh-apps.example",
            "director@platformsh-apps.example",
            "alice@platformsh-apps.example",
        }
        to_alice = mails.get(address="alice@platformsh-apps.example")
        assert "have just been told" in to_alice.body
        assert to_alice.path == f"/platformsh-apps/tickets/{ticket.number}/"
        assert mails.get(address="director@platformsh-apps.example").body == "REDPHONE please, we lose orders."

    @pytest.mark.parametrize("said", [{"subject": "REDPHONE: all down"}, {"body": "All down. Redphone."}])
    def test_in_what_is_filed(self, apps: Desk, said: dict[str, str]) -> None:
        assert len(escalations(filed(apps, **said))) == 1

    def test_once_an_hour(self, apps: Desk) -> None:
        ticket = filed(apps, body="REDPHONE")
        for minutes in (5, 59, 60, 61):
            actions.reply(ticket, by=apps.bob, at=MONDAY + minutes * MINUTE, body="REDPHONE again")
        assert [event.at for event in escalations(ticket)] == [MONDAY, MONDAY + 60 * MINUTE]

    def test_the_teams_own_words_do_not_escalate(self, apps: Desk) -> None:
        ticket = filed(apps)
        actions.reply(ticket, by=apps.carol, at=MONDAY, body="In an emergency write REDPHONE.")
        assert escalations(ticket) == []

    def test_without_a_keyword_in_the_contract_nothing_happens(self, in_oro: Desk) -> None:
        ticket = filed(in_oro, body="REDPHONE")
        assert escalations(ticket) == []


@pytest.mark.django_db
class TestByTheButton:
    def test_says_why(self, apps: Desk) -> None:
        event = actions.escalate(filed(apps), by=apps.alice, at=MONDAY, reason="Our sale starts at noon.")
        assert event.data == {"how": "button", "reason": "Our sale starts at noon.", "priority": "P1"}
        assert Delivery.objects.get(address="dan@platformsh-apps.example", kind="escalated").body == (
            "Our sale starts at noon."
        )

    def test_again_within_the_hour_is_refused(self, apps: Desk) -> None:
        ticket = filed(apps)
        actions.escalate(ticket, by=apps.alice, at=MONDAY)
        with pytest.raises(Refused, match="within the hour"):
            actions.escalate(ticket, by=apps.alice, at=MONDAY + 59 * MINUTE)
        actions.escalate(ticket, by=apps.alice, at=MONDAY + 60 * MINUTE)
        assert len(escalations(ticket)) == 2

    def test_on_a_resolved_ticket_it_is_refused(self, apps: Desk) -> None:
        ticket = actions.resolve(filed(apps), by=apps.alice, at=MONDAY)
        with pytest.raises(Refused, match="reopen it first"):
            actions.escalate(ticket, by=apps.alice, at=MONDAY)

    def test_where_the_contract_has_no_path_it_is_refused(self, in_oro: Desk) -> None:
        with pytest.raises(Refused, match="no escalation path"):
            actions.escalate(filed(in_oro), by=in_oro.alice, at=MONDAY)

    def test_only_by_those_who_can_read_the_ticket(self, apps: Desk) -> None:
        with pytest.raises(PermissionDenied):
            actions.escalate(filed(apps), by=apps.bob, at=MONDAY)

    def test_a_lead_who_is_the_director_is_told_once(self, apps: Desk) -> None:
        user = factories.UserFactory.create(name="Dora", email="director@platformsh-apps.example")
        factories.StaffFactory.create(user=user, role="lead")
        actions.escalate(filed(apps), by=apps.alice, at=MONDAY)
        assert Delivery.objects.filter(address=user.email, kind="escalated").count() == 1
