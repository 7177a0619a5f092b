from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django import Settings

from supportdesk.accounts.models import Vendor
from supportdesk.notifications import sealing
from supportdesk.notifications.models import Delivery, Integration, IntegrationKind
from tests.faults.sink import Sink, listening

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
SERVICES = ("pagerduty", "victorops", "opsgenie", "twilio")
SECRETS: dict[str, dict[str, str]] = {
    "pagerduty": {"routing_key": "R" * 32, "signing_secret": "pd-secret"},
    "victorops": {"api_key": "rest-key", "shared_secret": "shared-secret-of-16"},
    "opsgenie": {"api_key": "genie-key"},
    "slack": {"url": "SINK/services/T/B/X", "signing_secret": "ab" * 16},
    "webhook": {"secret": "whsec_" + "A" * 43 + "="},
    "twilio": {"token": "auth-token"},
}
CONFIG: dict[str, dict[str, str]] = {
    "pagerduty": {"region": "eu"},
    "victorops": {"routing_key": "urgent"},
    "opsgenie": {"region": "us"},
    "slack": {},
    "webhook": {"url": "SINK/hook"},
    "twilio": {"account": "AC" + "a" * 32, "key": "", "sender": "+380441112233"},
}
Make = Callable[..., Delivery]


@pytest.fixture
def provider(settings: Settings) -> Iterator[Sink]:
    """Every service at once, on the loopback."""
    with listening() as sink:
        settings.OUTGOING_ALLOW = ["127.0.0.0/8"]
        settings.PROVIDER_URLS = dict.fromkeys(SERVICES, sink.url)
        settings.BASE_URL = "https://desk.example"
        yield sink


@pytest.fixture
def deliver(provider: Sink) -> Make:
    """A delivery that is being tried, without a database."""

    def make(kind: str, action: str = "trigger", *, attempts: int = 1, channel: str = "", **more: Any) -> Delivery:
        def here(values: dict[str, str]) -> dict[str, str]:
            return {name: value.replace("SINK", provider.url) for name, value in values.items()}

        vendor = Vendor(pk=3, slug="oro", name="Oro & Sons")
        integration = Integration(
            pk=5,
            vendor=vendor,
            kind=IntegrationKind(kind),
            name=kind,
            config=here(CONFIG[kind]),
            sealed=sealing.seal(here(SECRETS[kind])),
        )
        payload = {
            "action": action,
            "incident": "page-7",
            "severity": "critical",
            "links": [["https://meet.example/oro", "Bridge"]],
            "author": "Dan",
        }
        values: dict[str, Any] = {
            "address": "+380447654321",
            "payload": payload,
            "body": "The shop does not answer.",
            "subject": "Checkout <is> down",
        }
        delivery = Delivery(
            pk=9,
            vendor=vendor,
            integration=integration,
            channel=channel or kind,
            key=f"page-7/{action}/integration-5",
            kind="page.incident",
            ticket_number=12,
            path="/oro/desk/tickets/12/",
            destination=integration.destination,
            attempts=attempts,
            queued_at=NOON,
            **(values | more),
        )
        delivery.tried_at = NOON
        return delivery

    return make
