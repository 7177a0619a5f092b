"""One page leads to all that can be set up, and only to what this person may open."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from supportdesk.accounts.models import Membership
from tests.cast import Desk

pytestmark = pytest.mark.django_db

PAGE = "/orocloud/desk/settings/"


def _offered(client: Client, who: Membership) -> list[str]:
    client.force_login(who.user)
    page = client.get(PAGE).content.decode()
    return re.findall(r'class="settings__place" href="([^"]+)"', page)


@pytest.mark.parametrize("name", ["carol", "dan", "erin"])
def test_everything_offered_can_be_opened(name: str, client: Client, oro: Desk) -> None:
    offered = _offered(client, getattr(oro, name))
    assert len(offered) >= 11
    assert {client.get(address).status_code for address in offered} == {200}


def test_only_admins_are_led_to_what_leaves_the_desk(client: Client, oro: Desk) -> None:
    assert "/orocloud/desk/integrations/" not in _offered(client, oro.dan)
    assert "/orocloud/desk/integrations/" in _offered(client, oro.erin)


def test_only_leads_decide_who_gets_tickets(client: Client, oro: Desk) -> None:
    assert "/orocloud/desk/assignment/" not in _offered(client, oro.carol)
    assert "/orocloud/desk/assignment/" in _offered(client, oro.dan)


def test_customers_have_nothing_to_set_up_here(client: Client, oro: Desk) -> None:
    client.force_login(oro.alice.user)
    assert client.get(PAGE).status_code == 403
