"""The page of one's own API tokens."""

from __future__ import annotations

import pytest
from django.test import Client

from supportdesk.accounts.models import ApiToken
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk

PAGE = "/orocloud/tokens/"
NEW = {"name": "nightly export", "scopes": ["tickets:read"], "days": "30"}


@pytest.mark.django_db
class TestApiTokensPage:
    @pytest.mark.parametrize("who", ["alice", "carol"])
    def test_shows_the_secret_once(self, oro: Desk, client: Client, who: str) -> None:
        client.force_login(getattr(oro, who).user)
        made = client.post(PAGE, NEW).content.decode()
        assert "sd_" in made
        secret = made.split("<code>sd_")[1].split("<")[0]
        again = client.get(PAGE).content.decode()
        assert "nightly export" in again
        assert secret not in again

    def test_asks_again_when_something_is_missing(self, oro: Desk, client: Client) -> None:
        client.force_login(oro.alice.user)
        answer = client.post(PAGE, NEW | {"scopes": []})
        assert answer.status_code == 422
        assert "nightly export" in answer.content.decode()

    def test_nobody_revokes_a_colleagues_token(self, oro: Desk, client: Client) -> None:
        client.force_login(oro.alice.user)
        client.post(PAGE, NEW)
        with vendor_scope(oro.vendor):
            token = ApiToken.objects.get()
        client.force_login(oro.bob.user)
        assert client.post(f"{PAGE}{token.pk}/revocation/").status_code == 404
        client.force_login(oro.alice.user)
        assert client.post(f"{PAGE}{token.pk}/revocation/").status_code == 302
        with vendor_scope(oro.vendor):
            assert not ApiToken.objects.exists()
