"""The pages on which scope is decided, and what customers read of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk, make_desk
from tests.tickets.pages import as_, page, text_of
from tickets import actions
from tickets.models import ExternalIssue, ScopeDecision, Ticket

pytestmark = pytest.mark.django_db
DESK = "/drud/desk/tickets/1/"
PORTAL = "/drud/tickets/1/"


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def drud(db: None) -> Desk:
    desk = make_desk("drud")
    with vendor_scope(desk.vendor):
        actions.open_ticket(
            by=desk.alice,
            at=MONDAY,
            project=desk.project,
            priority=desk.priority("Medium"),
            subject="Which design is faster?",
            body="Please have a look at our theme.",
        )
    return desk


@pytest.fixture
def carol(client: Client, drud: Desk) -> Client:
    client.force_login(drud.carol.user)
    return client


def test_the_contracts_exclusions_are_offered_with_what_they_mean(carol: Client) -> None:
    offered = page(carol, DESK + "scope/")
    assert "Consultative support, including design or performance tuning, is outside of the scope" in offered
    assert "The customer is asked to agree to a fee before any work." in offered
    assert carol.get(DESK + "scope/?exclusion=nonsense").status_code == 404


def test_forwarding_begins_with_the_contracts_words(carol: Client, drud: Desk) -> None:
    address = DESK + "scope/?exclusion=consultative"
    asked = carol.get(address).content.decode()
    assert "our sales colleagues take this over" in asked
    assert "sales@drud.example" in asked
    missing = carol.post(address, {"body": "Sales will write to you."})
    assert missing.status_code == 422
    sent = {"reason": "Wants advice.", "body": "Sales will write to you.", "then_state": "resolved"}
    assert carol.post(address, sent)["Location"] == DESK
    side = page(carol, DESK)
    assert "Consultative support" in side
    assert "Wants advice." in side
    told = page(as_(drud.alice.user), PORTAL)
    assert "Sales will write to you." in told
    assert "Wants advice." not in told


def test_a_fee_is_agreed_to_on_the_customers_page(carol: Client, drud: Desk) -> None:
    address = DESK + "scope/?exclusion=legacy-versions"
    sent = {"reason": "Version 6.", "fee": "4 h at 150 USD", "body": "Please agree.", "then_state": "waiting"}
    carol.post(address, sent)
    assert "No work yet: the customer has not agreed to the fee" in page(carol, DESK)
    alice, grace = as_(drud.alice.user), as_(drud.grace.user)
    assert "We need your agreement to a fee before we go on : 4 h at 150 USD" in page(alice, PORTAL)
    assert "4 h at 150 USD" in page(grace, PORTAL + "fee/")
    alice.post(PORTAL + "fee/", {"answer": "agree"})
    assert "Additional fee agreed" in page(alice, PORTAL)
    assert "Fee agreed by Alice" in page(carol, DESK)
    assert alice.get(PORTAL + "fee/").status_code == 302
    with vendor_scope(drud.vendor):
        assert ScopeDecision.objects.get().is_agreed


def test_limits_are_read_by_both(carol: Client, drud: Desk) -> None:
    carol.post(DESK + "scope/?exclusion=unsupported-platforms", {"reason": "Windows 7."})
    for reader, address in ((carol, DESK), (as_(drud.alice.user), PORTAL)):
        assert "Support may be limited to problems that can be reproduced" in page(reader, address)


def test_an_issue_is_added_and_the_customer_reads_the_warning_but_not_the_address(carol: Client, drud: Desk) -> None:
    asked = page(carol, DESK + "issues/")
    assert "may not receive the full QA" in asked
    sent = {"kind": "hotfix", "title": "Cache never cleared", "url": "tracker.example/7", "hands_over": "on"}
    carol.post(DESK + "issues/", sent)
    with vendor_scope(drud.vendor):
        assert Ticket.objects.get().team.slug == "product-engineering"
        issue = ExternalIssue.objects.get()
    assert 'href="https://tracker.example/7"' in carol.get(DESK).content.decode()
    alice = as_(drud.alice.user)
    html = alice.get(PORTAL).content.decode()
    assert "tracker.example" not in html
    assert "Cache never cleared" not in html
    assert "Hotfix : Open" in text_of(html)
    assert "may not receive the full QA" in html
    carol.post(f"{DESK}issues/{issue.pk}/", {"state": "done"})
    assert "Hotfix : Done" in page(alice, PORTAL)
    carol.post(f"{DESK}issues/{issue.pk}/removal/")
    assert "Hotfix : Done A hotfix" not in page(alice, PORTAL)
    assert alice.post(DESK + "issues/", sent).status_code == 403
