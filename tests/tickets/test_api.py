"""The REST API: the same door as the pages, by session or token."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from supportdesk.accounts import tokens
from supportdesk.accounts.models import Membership
from supportdesk.accounts.models.api_token import TokenScope
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tickets import actions
from tickets.models import Ticket

TICKETS = "/orocloud/api/v1/tickets/"
NEW = {"project": "shop", "priority": "P1", "subject": "Down", "body": "It is down."}


def bearer(who: Membership, *scopes: TokenScope, days: int = 1, ago: timedelta = timedelta(0)) -> dict[str, str]:
    with vendor_scope(who.vendor_id):
        at = timezone.now() - ago
        _token, secret = tokens.create(name="script", scopes=scopes, days=days, by=who, at=at)
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture
def ticket(oro: Desk) -> Ticket:
    with vendor_scope(oro.vendor):
        return actions.open_ticket(
            by=oro.alice,
            at=MONDAY,
            project=oro.project,
            priority=oro.priority("P1"),
            subject="Down",
            body="It is down.",
        )


@pytest.mark.django_db
class TestTokens:
    def test_read_scope_reads_and_does_not_write(self, client: Client, oro: Desk, ticket: Ticket) -> None:
        headers = bearer(oro.alice, TokenScope.READ)
        assert client.get(TICKETS, headers=headers).json()["results"][0]["number"] == ticket.number
        assert client.post(TICKETS, NEW, "application/json", headers=headers).status_code == 403

    def test_write_scope_files_and_replies(self, client: Client, oro: Desk) -> None:
        headers = bearer(oro.alice, TokenScope.READ, TokenScope.WRITE)
        made = client.post(TICKETS, NEW, "application/json", headers=headers)
        assert made.status_code == 201
        assert made.json()["clocks"][0]["metric"] == "first_response"
        reply = client.post(f"{TICKETS}{made.json()['number']}/replies/", {"body": "More."}, headers=headers)
        assert (reply.status_code, reply.json()["channel"]) == (201, "api")

    def test_expired_or_unknown_is_401(self, client: Client, oro: Desk) -> None:
        old = bearer(oro.alice, TokenScope.READ, ago=timedelta(days=2))
        assert client.get(TICKETS, headers=old).status_code == 401
        assert client.get(TICKETS, headers={"Authorization": "Bearer sd_x"}).status_code == 401
        assert client.get(TICKETS).status_code == 401

    def test_ends_with_the_membership(self, client: Client, oro: Desk) -> None:
        headers = bearer(oro.alice, TokenScope.READ)
        with vendor_scope(oro.vendor):
            Membership.objects.filter(pk=oro.alice.pk).update(is_active=False)
        assert client.get(TICKETS, headers=headers).status_code == 401

    def test_only_the_hash_is_kept(self, in_oro: Desk) -> None:
        token, secret = tokens.create(name="x", scopes=[TokenScope.READ], days=1, by=in_oro.alice, at=MONDAY)
        assert token.secret_hash == token.hash_of(secret)
        assert secret not in str(vars(token))


@pytest.mark.django_db
class TestWhatTheApiRefuses:
    def test_a_colleagues_private_ticket_is_not_there(self, client: Client, oro: Desk, ticket: Ticket) -> None:
        assert client.get(f"{TICKETS}{ticket.number}/", headers=bearer(oro.bob, TokenScope.READ)).status_code == 404

    def test_customers_get_no_notes_and_no_internal_clocks(self, client: Client, oro: Desk, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            actions.note(ticket, by=oro.carol, at=MONDAY, body="secret")
        path = f"{TICKETS}{ticket.number}/"
        assert "secret" not in client.get(path, headers=bearer(oro.alice, TokenScope.READ)).content.decode()
        assert "secret" in client.get(path, headers=bearer(oro.carol, TokenScope.READ)).content.decode()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"project": "x"}, "project"),
            ({"priority": "P9"}, "priority"),
            ({"category": "x"}, "category"),
            ({"subject": ""}, "subject"),
        ],
    )
    def test_bad_input_names_its_field(self, client: Client, oro: Desk, change: dict[str, str], field: str) -> None:
        headers = bearer(oro.alice, TokenScope.WRITE)
        answer = client.post(TICKETS, NEW | change, "application/json", headers=headers)
        assert answer.status_code == 400
        assert field in answer.json()

    def test_the_same_submission_twice_makes_one_ticket(self, client: Client, oro: Desk) -> None:
        headers = bearer(oro.alice, TokenScope.WRITE)
        data = NEW | {"submission": "6f2ff2a4-1dd2-4a6a-9a9c-2a47b2d6a9a1"}
        numbers = {client.post(TICKETS, data, "application/json", headers=headers).json()["number"] for _ in range(2)}
        assert len(numbers) == 1

    def test_a_cursor_of_nobody_is_400(self, client: Client, oro: Desk) -> None:
        assert client.get(TICKETS + "?after=x", headers=bearer(oro.alice, TokenScope.READ)).status_code == 400
