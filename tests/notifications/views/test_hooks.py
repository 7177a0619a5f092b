"""Reports from outside: signed ones reach the listeners in the vendor's scope, others nobody."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from supportdesk.notifications import inbound, sealing
from supportdesk.notifications.incidents import outside_key
from supportdesk.notifications.models import Delivery, Integration, IntegrationKind
from supportdesk.tenancy.scope import current_vendor_id, vendor_scope
from tests.notifications.conftest import People

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Iterator[list[tuple[Any, ...]]]:
    heard: list[tuple[Any, ...]] = []

    def listen(*, incident_key: str, action: str, author: str, at: datetime) -> None:
        heard.append((current_vendor_id(), incident_key, action, author))

    inbound.listeners.append(listen)
    yield heard
    inbound.listeners.remove(listen)


@pytest.fixture
def pager(people: People) -> Integration:
    with vendor_scope(people.vendor):
        made: Integration = Integration.objects.create(
            kind=IntegrationKind.PAGERDUTY,
            name="Pager",
            sealed=sealing.seal({"signing_secret": "s3cret"}),
            created_at=timezone.now(),
        )
        return made


def report(client: Client, pager: Integration, *, secret: str = "s3cret", vendor: str = "oro") -> int:
    said = {
        "event": {
            "event_type": "incident.acknowledged",
            "agent": {"summary": "Dan"},
            "data": {"incident_key": outside_key("oro", "page-7")},
        }
    }
    body = json.dumps(said).encode()
    signature = "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {"X-PagerDuty-Signature": signature}
    path = f"/{vendor}/hooks/{pager.token}/"
    return client.post(path, body, content_type="application/json", headers=headers).status_code


def test_a_signed_report_is_heard_in_the_vendors_scope(people: People, pager: Integration, heard: list[Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    assert report(client, pager) == 204
    assert heard == [(people.vendor.pk, "page-7", "acknowledge", "Dan")]


def test_an_unsigned_one_is_not(client: Client, pager: Integration, heard: list[Any]) -> None:
    assert report(client, pager, secret="guessed") == 401
    assert heard == []


def test_nor_one_at_another_vendors_address_or_a_disabled_integrations(
    client: Client, people: People, pager: Integration, heard: list[Any]
) -> None:
    assert report(client, pager, vendor="elsewhere") == 404
    with vendor_scope(people.vendor):
        Integration.objects.update(disabled_at=timezone.now())
    assert report(client, pager) == 404
    assert heard == []


def test_one_that_is_too_long_is_not_read(client: Client, pager: Integration) -> None:
    path = f"/oro/hooks/{pager.token}/"
    assert client.post(path, b"x" * 300_000, content_type="application/json").status_code == 413
    assert client.get(path).status_code == 405


class TestReceipts:
    @pytest.fixture
    def twilio(self, people: People) -> Integration:
        with vendor_scope(people.vendor):
            made: Integration = Integration.objects.create(
                kind=IntegrationKind.TWILIO,
                name="Twilio",
                config={"account": "AC" + "a" * 32},
                sealed=sealing.seal({"token": "auth-token"}),
                created_at=timezone.now(),
            )
            return made

    @pytest.fixture
    def text(self, people: People, twilio: Integration) -> int:
        with vendor_scope(people.vendor):
            made: Delivery = Delivery.objects.create(
                channel="sms",
                address="+380447654321",
                key="k",
                kind="page",
                subject="P1",
                state="sent",
                reference="SM1",
                integration=twilio,
                queued_at=timezone.now(),
                sent_at=timezone.now(),
            )
            return made.pk

    def report(self, twilio: Integration, text: int, *, secret: str = "auth-token", vendor: str = "oro") -> int:
        path = reverse("receipt", kwargs={"vendor": vendor, "token": twilio.token, "delivery_id": text})
        said = {"MessageSid": "SM1", "MessageStatus": "delivered"}
        signed = settings.BASE_URL + path + "MessageSidSM1MessageStatusdelivered"
        digest = hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()
        headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
        body, form = urlencode(said), "application/x-www-form-urlencoded"
        return Client(enforce_csrf_checks=True).post(path, body, content_type=form, headers=headers).status_code

    def test_a_signed_one_is_written_beside_its_message(self, people: People, twilio: Integration, text: int) -> None:
        assert self.report(twilio, text) == 204
        with vendor_scope(people.vendor):
            assert Delivery.objects.get(pk=text).delivered_at is not None

    def test_others_are_not(self, people: People, twilio: Integration, pager: Integration, text: int) -> None:
        assert self.report(twilio, text, secret="guessed") == 401
        assert self.report(twilio, text, vendor="elsewhere") == 404
        assert self.report(pager, text) == 404
        with vendor_scope(people.vendor):
            assert Delivery.objects.get(pk=text).delivered_at is None

    def test_of_a_message_that_left_before_it_was_disabled(
        self, people: People, twilio: Integration, text: int
    ) -> None:
        with vendor_scope(people.vendor):
            Integration.objects.update(disabled_at=timezone.now())
        assert self.report(twilio, text) == 204
