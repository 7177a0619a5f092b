"""The desk's pages that put tickets together and take them apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk
from tests.tickets.pages import as_, filed, page, queries, text_of
from tickets import actions
from tickets.models import Link, Message, Ticket
from tickets.models.link import LinkKind

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
DESK = "/orocloud/desk/tickets/"
SENT = {"submission": str(UUID(int=7)), "subject": "Logo", "body": "The logo is blurred."}


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def carol(client: Client, oro: Desk) -> Client:
    client.force_login(oro.carol.user)
    return client


def number_of(ticket: Ticket) -> str:
    return f"{DESK}{ticket.number}/"


class TestLinks:
    def test_are_added_by_number_and_read_from_both_ends(self, oro: Desk, carol: Client) -> None:
        one, two = filed(oro), filed(oro, subject="Payment provider is down")
        answer = carol.post(number_of(one) + "links/", {"link-kind": "caused_by", "link-to": f"#{two.number}"})
        assert answer["Location"] == f"{number_of(one)}#ticket-links"
        assert f"Caused by #{two.number} Payment provider is down" in page(carol, number_of(one))
        assert f"Causes #{one.number} Checkout is down" in page(carol, number_of(two))

    def test_are_added_from_the_other_end(self, oro: Desk, carol: Client) -> None:
        one, two = filed(oro), filed(oro)
        carol.post(number_of(one) + "links/", {"link-kind": "blocked_by", "link-to": two.number})
        with vendor_scope(oro.vendor):
            made = Link.objects.get()
            assert (made.source_id, made.target_id, made.kind) == (two.pk, one.pk, LinkKind.BLOCKS)

    def test_are_added_by_words_that_fit_one_ticket(self, oro: Desk, carol: Client) -> None:
        one, two = filed(oro), filed(oro, subject="Payment provider is down")
        carol.post(number_of(one) + "links/", {"link-kind": "related", "link-to": "payment provider"})
        with vendor_scope(oro.vendor):
            assert Link.objects.get().target_id == two.pk

    @pytest.mark.parametrize(
        ("typed", "said"), [("checkout", "Several tickets fit"), ("no such words", "No ticket here fits"), ("", "")]
    )
    def test_what_is_not_one_ticket_is_said_beside_the_field(
        self, oro: Desk, carol: Client, typed: str, said: str
    ) -> None:
        one = filed(oro)
        filed(oro), filed(oro)
        answer = carol.post(number_of(one) + "links/", {"link-kind": "related", "link-to": typed})
        assert answer.status_code == 422
        assert said in text_of(answer.content.decode())

    def test_are_removed_with_a_way_back(self, oro: Desk, carol: Client) -> None:
        one, two = filed(oro), filed(oro)
        with vendor_scope(oro.vendor):
            made = actions.link(one, to=two, kind=LinkKind.BLOCKS, by=oro.carol, at=MONDAY)
        answer = carol.post(f"{number_of(two)}links/{made.pk}/removal/", follow=True)
        undo = f"{number_of(one)}links/blocks/{two.number}/"
        assert undo in answer.content.decode()
        carol.post(undo)
        with vendor_scope(oro.vendor):
            assert Link.objects.get().kind == LinkKind.BLOCKS
        assert carol.post(f"{number_of(one)}links/nonsense/{two.number}/").status_code == 404

    def test_are_unknown_to_customers(self, oro: Desk, carol: Client) -> None:
        one, two = filed(oro), filed(oro, subject="Payment provider is down", by=oro.bob)
        with vendor_scope(oro.vendor):
            actions.link(one, to=two, kind=LinkKind.CAUSED, by=oro.carol, at=MONDAY)
        alice = as_(oro.alice.user)
        assert "Payment provider" not in page(alice, f"/orocloud/tickets/{one.number}/")
        assert alice.post(number_of(one) + "links/", {}).status_code == 403

    def test_cost_one_query_however_many(self, oro: Desk, carol: Client) -> None:
        one = filed(oro)
        with vendor_scope(oro.vendor):
            actions.link(one, to=filed(oro), kind=LinkKind.RELATED, by=oro.carol, at=MONDAY)
        page(carol, number_of(one))
        few = queries(carol, number_of(one))
        for _each in range(10):
            with vendor_scope(oro.vendor):
                actions.link(one, to=filed(oro), kind=LinkKind.RELATED, by=oro.carol, at=MONDAY)
        assert queries(carol, number_of(one)) == few

    def test_suggestions_follow_the_typing(self, oro: Desk, carol: Client) -> None:
        one, two = filed(oro), filed(oro, subject="Payment provider is down")
        offered = carol.get(number_of(one) + "suggestions/", {"link-to": "paym"}).content.decode()
        assert f'<option value="{two.number}">#{two.number} Payment provider is down · Northwind' in offered


class TestMerging:
    def test_shows_what_happens_and_does_it_with_a_way_back(self, oro: Desk, carol: Client) -> None:
        early = filed(oro, at=MONDAY - 2 * HOUR, priority="P1")
        late = filed(oro, subject="Still down", at=MONDAY - HOUR, priority="P1")
        address = number_of(early) + "merging/"
        asked = page(carol, f"{address}?into={late.number}")
        assert f"#{late.number} Still down goes on; #{early.number} is closed" in asked
        assert "The earlier receipt counts: 08:00" in asked
        assert f"First response #{late.number}: due" in asked
        answer = carol.post(address, {"into": late.number}, follow=True)
        assert f"{number_of(early)}merging/undo/" in answer.content.decode()
        assert f"From #{early.number}" in text_of(answer.content.decode())
        assert f"Merged into #{late.number} Still down" in page(carol, number_of(early))
        carol.post(f"{number_of(early)}merging/undo/")
        with vendor_scope(oro.vendor):
            early.refresh_from_db()
            assert early.is_open

    def test_asks_before_a_private_ticket_is_opened_to_others(self, oro: Desk, carol: Client) -> None:
        alices, bobs = filed(oro), filed(oro, by=oro.bob)
        address = number_of(bobs) + "merging/"
        assert "After merging, Bob can read it" in page(carol, f"{address}?into={alices.number}")
        assert carol.post(address, {"into": alices.number}).status_code == 422
        assert carol.post(address, {"into": alices.number, "opens_to_new_readers": "true"}).status_code == 302

    def test_offers_and_takes_no_other_organizations_ticket(self, oro: Desk, carol: Client) -> None:
        own, foreign = filed(oro), filed(oro, subject="Foreign matter")
        with vendor_scope(oro.vendor):
            foreign.organization = factories.OrganizationFactory.create(slug="southwind")
            foreign.save(update_fields=["organization"])
        address = number_of(own)
        assert (
            "Foreign" not in carol.get(address + "suggestions/", {"into": "Foreign", "mergeable": ""}).content.decode()
        )
        answer = carol.post(address + "merging/", {"into": foreign.number})
        assert answer.status_code == 422
        assert "No ticket here fits" in text_of(answer.content.decode())

    def test_the_customer_is_led_to_where_it_goes_on(self, oro: Desk, carol: Client) -> None:
        early, late = filed(oro), filed(oro, subject="Still down")
        carol.post(number_of(early) + "merging/", {"into": late.number})
        alice = as_(oro.alice.user)
        closed = page(alice, f"/orocloud/tickets/{early.number}/")
        assert f"Go on in #{late.number}" in closed
        assert "Write to the support team" not in closed
        assert "Reopen" not in closed
        assert f"From #{early.number}" in page(alice, f"/orocloud/tickets/{late.number}/")


class TestSplitting:
    def test_files_a_ticket_from_a_message(self, oro: Desk, carol: Client) -> None:
        ticket = filed(oro)
        with vendor_scope(oro.vendor):
            message = actions.reply(ticket, by=oro.alice, at=MONDAY, body="The logo is blurred.\n\nAnd slow.")
            other = oro.priority("P3").pk
        address = f"{number_of(ticket)}messages/{message.pk}/split/"
        assert address in carol.get(number_of(ticket)).content.decode()
        asked = page(carol, address)
        assert "Its clocks start when Alice wrote this" in asked
        answer = carol.post(address, SENT | {"priority": other})
        with vendor_scope(oro.vendor):
            apart = Ticket.objects.get(subject="Logo")
            assert apart.messages.get().body == "The logo is blurred."
        assert answer["Location"] == number_of(apart)

    def test_is_not_offered_for_answers_and_notes(self, oro: Desk, carol: Client) -> None:
        ticket = filed(oro)
        with vendor_scope(oro.vendor):
            note = actions.note(ticket, by=oro.carol, at=MONDAY, body="Odd.")
        address = f"{number_of(ticket)}messages/{note.pk}/split/"
        assert address not in carol.get(number_of(ticket)).content.decode()
        assert carol.post(address, SENT | {"priority": ticket.priority_id}).status_code == 422


class TestAnsweringTogether:
    def test_reports_each_refusal_and_keeps_the_words(self, oro: Desk, carol: Client) -> None:
        incident, one, gone = filed(oro), filed(oro), filed(oro)
        with vendor_scope(oro.vendor):
            for part in (one, gone):
                actions.link(part, to=incident, kind=LinkKind.PART, by=oro.carol, at=MONDAY)
            actions.merge(gone, into=incident, by=oro.carol, at=MONDAY)
        assert "Answer 2 tickets together" in page(carol, number_of(incident))
        sent = {"children": [one.pk, gone.pk], "body": "It is mended.", "then_state": "resolved"}
        answer = carol.post(number_of(incident) + "incident/", sent)
        said = text_of(answer.content.decode())
        assert f"This ticket was merged into #{incident.number}" in said
        assert "1 ticket answered." in said
        with vendor_scope(oro.vendor):
            assert Message.objects.filter(body="It is mended.").get().ticket.state == "resolved"

    def test_teaches_where_there_is_nothing_to_answer(self, oro: Desk, carol: Client) -> None:
        assert "No ticket is part of this one yet" in page(carol, number_of(filed(oro)) + "incident/")
