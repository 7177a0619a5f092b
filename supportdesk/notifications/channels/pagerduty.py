"""PagerDuty: Events API v2 out, webhooks v3 in."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from supportdesk.notifications.channels.base import NotSigned, Refused, Result, Setting
from supportdesk.notifications.channels.http import base_url, cut, exchange, judge, secrets_of
from supportdesk.notifications.channels.incident import Incident
from supportdesk.notifications.inbound import Report, ReportedAction
from supportdesk.notifications.incidents import inside_key
from supportdesk.notifications.models import Delivery, Integration

REGIONS = {"us": "https://events.pagerduty.com", "eu": "https://events.eu.pagerduty.com"}
SETTINGS = (
    Setting(
        "routing_key",
        _("Integration key"),
        _("Of an “Events API v2” integration of the PagerDuty service: 32 characters."),
        is_secret=True,
        pattern=r"[0-9A-Za-z]{32}",
        wrong=_("An integration key has 32 letters and digits."),
    ),
    Setting("region", _("Service region"), choices=(("us", _("United States")), ("eu", _("European Union")))),
    Setting(
        "signing_secret",
        _("Webhook signing secret"),
        _("So that acknowledging in PagerDuty acknowledges here. PagerDuty shows it when you make the webhook."),
        is_secret=True,
        is_required=False,
    ),
)
MOST_SUMMARY = 1024
MOST_BODY = 100_000
STEPS = {"trigger": "trigger", "acknowledge": "acknowledge", "resolve": "resolve"}
HEARD: dict[str, ReportedAction] = {
    "incident.acknowledged": "acknowledge",
    "incident.resolved": "resolve",
    "incident.unacknowledged": "reopen",
    "incident.reopened": "reopen",
}


def send(delivery: Delivery) -> Result:
    secrets = secrets_of(delivery)
    if isinstance(secrets, Refused):
        return secrets
    assert delivery.integration is not None
    region = REGIONS[delivery.integration.config.get("region", "us")]
    answer = exchange("POST", f"{base_url('pagerduty', region)}/v2/enqueue", data=event(delivery, secrets))
    return judge(answer, reference=Incident.of(delivery).key)


def event(delivery: Delivery, secrets: Mapping[str, str]) -> dict[str, object]:
    """The body: an acknowledgement or a resolution needs no more than the key."""
    incident = Incident.of(delivery)
    said: dict[str, object] = {
        "routing_key": secrets.get("routing_key", ""),
        "event_action": STEPS[incident.action],
        "dedup_key": incident.key,
    }
    if incident.action != "trigger":
        return said
    links = [{"href": href, "text": text} for href, text in incident.links]
    return said | {
        "payload": {
            "summary": cut(incident.title, MOST_SUMMARY),
            "source": incident.source,
            "severity": incident.severity,
            "timestamp": delivery.queued_at.isoformat(),
            "custom_details": {"details": cut(incident.body, MOST_BODY), "ticket": incident.ticket_number},
        },
        "client": "supportdesk",
        **({"client_url": incident.link} if incident.link else {}),
        **({"links": links} if links else {}),
    }


def hear(integration: Integration, headers: Mapping[str, str], body: bytes, *, at: datetime) -> list[Report]:
    """Raises NotSigned. One of the signatures must be ours: there are two while a secret is being replaced."""
    secret = integration.secrets.get("signing_secret", "")
    expected = "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    given = [each.strip() for each in headers.get("x-pagerduty-signature", "").split(",")]
    if not secret or not any(hmac.compare_digest(expected.encode(), each.encode()) for each in given):
        raise NotSigned
    try:
        said = json.loads(body)["event"]
        action = HEARD.get(said["event_type"])
        key = inside_key(integration.vendor.slug, str(said["data"].get("incident_key") or ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    agent = said.get("agent") or {}
    return [Report(key, action, str(agent.get("summary") or ""))] if action and key else []
