"""A webhook of the vendor's own, signed as Standard Webhooks says; it may report back signed the same way."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets as randomness
from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from supportdesk.notifications.channels.base import NotSigned, Refused, Result, Setting
from supportdesk.notifications.channels.http import exchange_bytes, judge, secrets_of
from supportdesk.notifications.channels.incident import Incident
from supportdesk.notifications.inbound import Report, ReportedAction
from supportdesk.notifications.incidents import inside_key
from supportdesk.notifications.models import Delivery, Integration

PREFIX = "whsec_"
SECRET_BYTES = 32
SETTINGS = (
    Setting("url", _("Address"), _("Answers with 2xx within ten seconds; anything else is tried again."), is_url=True),
    Setting(
        "secret",
        _("Signing secret"),
        _("Left empty, one is made and shown to you once. A replaced one goes on signing beside the new one."),
        is_secret=True,
        is_required=False,
        pattern=r"whsec_[A-Za-z0-9+/]{32,88}={0,2}",
        wrong=_("whsec_ and 24 to 64 bytes in base64."),
    ),
)
HEARD: dict[str, ReportedAction] = {
    "incident.acknowledge": "acknowledge",
    "incident.acknowledged": "acknowledge",
    "incident.resolve": "resolve",
    "incident.resolved": "resolve",
}


def make_secret() -> str:
    """A new signing secret."""
    return PREFIX + base64.b64encode(randomness.token_bytes(SECRET_BYTES)).decode()


def send(delivery: Delivery) -> Result:
    """Under one ``webhook-id`` for every attempt; the timestamp, and so the signature, is the attempt's own."""
    secrets = secrets_of(delivery)
    if isinstance(secrets, Refused):
        return secrets
    assert delivery.integration is not None
    assert delivery.tried_at is not None
    message_id, body = identity(delivery), json.dumps(event(delivery), ensure_ascii=False)
    signing = [secrets[name] for name in ("secret", "old_secret") if secrets.get(name)]
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(delivery.tried_at.timestamp())),
        "webhook-signature": " ".join(Webhook(each).sign(message_id, delivery.tried_at, body) for each in signing),
    }
    url = delivery.integration.config.get("url", "")
    return judge(exchange_bytes("POST", url, headers=headers, body=body.encode()), reference=message_id)


def identity(delivery: Delivery) -> str:
    name = f"{delivery.vendor_id}/{delivery.channel}/{delivery.key}"
    return "msg_" + hashlib.sha256(name.encode()).hexdigest()[:32]


def event(delivery: Delivery) -> dict[str, object]:
    incident = Incident.of(delivery)
    kind = f"incident.{incident.action}" if delivery.payload else delivery.kind
    return {
        "type": kind,
        "timestamp": delivery.queued_at.isoformat(),
        "data": {
            "incident_key": incident.key,
            "severity": incident.severity,
            "title": delivery.subject,
            "body": incident.body,
            "url": incident.link,
            "links": [{"href": href, "text": text} for href, text in incident.links],
            "author": incident.author,
            "ticket": incident.ticket_number,
            "vendor": delivery.vendor.slug,
        },
    }


def hear(integration: Integration, headers: Mapping[str, str], body: bytes, *, at: datetime) -> list[Report]:
    """Raises NotSigned, also for a report that is older than five minutes."""
    secrets = integration.secrets
    if not any(_is_signed(secrets[name], headers, body) for name in ("secret", "old_secret") if secrets.get(name)):
        raise NotSigned
    try:
        said = json.loads(body)
        action, data = HEARD.get(said["type"]), said["data"]
        key = inside_key(integration.vendor.slug, str(data["incident_key"]))
        author = str(data.get("author") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    return [Report(key, action, author)] if action and key else []


def _is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    try:
        Webhook(secret).verify(body, dict(headers))
    except (WebhookVerificationError, ValueError):
        return False
    return True
