from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from supportdesk.notifications.models import Destination
from supportdesk.tenancy.scope import vendor_scope
from tests.notifications.conftest import People

pytestmark = pytest.mark.django_db


def test_without_a_token_there_is_no_such_page(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_figures_of_the_machine_for_whoever_knows_the_token(client: Client, people: People, settings: Settings) -> None:
    settings.METRICS_TOKEN = "s3cret"
    with vendor_scope(people.vendor):
        Destination.objects.create(name="email", failures=3, opened_at=timezone.now(), retry_at=timezone.now())
    assert client.get("/metrics").status_code == 401
    page = client.get("/metrics", headers={"Authorization": "Bearer s3cret"}).content.decode()
    for line in ("supportdesk_up 0.0", "supportdesk_pumps 0.0", "supportdesk_destinations_down 1.0"):
        assert line in page
