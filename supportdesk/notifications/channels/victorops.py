"""Splunk On-Call, once VictorOps: the REST endpoint out, an outgoing webhook in."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs, quote

from django.utils.translation import gettext_lazy as _

from supportdesk.notifications.channels.base import NotSigned, Refused, Result, Setting, TryLater
from supportdesk.notifications.channels.http import base_url, cut, exchange, judge, secrets_of
from supportdesk.notifications.channels.incident import Incident
from supportdesk.notifications.inbound import Report, ReportedAction
from supportdesk.notifications.incidents import inside_key
from supportdesk.notifications.models import Delivery, Integration
from supportdesk.notifications.outgoing import Answer

HOST = "https://alert.victorops.com"
PATH = "/integrations/generic/20131114/alert"
SETTINGS = (
    Setting(
        "api_key",
        _("REST endpoint key"),
        _("In Splunk On-Call under Integrations › REST – Generic: the part of the address before the routing key."),
        is_secret=True,
        pattern=r"[0-9A-Za-z-]{8,80}",
        wrong=_("Only the key itself: letters, digits and hyphens."),
    ),
    Setting(
        "routing_key",
        _("Routing key"),
        _("Decides which team and escalation policy is paged there."),
        pattern=r"[\w.-]{1,80}",
        wrong=_("Letters, digits, hyphens, dots and underscores."),
    ),
    Setting(
        "shared_secret",
        _("Shared secret of the outgoing webhook"),
        _("So that acknowledging there acknowledges here: make one up, to be sent in the header X-Webhook-Secret."),
        is_secret=True,
        is_required=False,
        pattern=r"[\x21-\x7e]{16,200}",
        wrong=_("At least 16 characters, without spaces."),
    ),
)
MOST_MESSAGE = 20_480
MOST_ANNOTATION = 1124
TYPES = {"critical": "CRITICAL", "error": "CRITICAL", "warning": "WARNING", "info": "INFO"}
PHASES: dict[str, ReportedAction] = {
    "ACKED": "acknowledge",
    "ACKNOWLEDGEMENT": "acknowledge",
    "RESOLVED": "resolve",
    "RECOVERY": "resolve",
    "UNACKED": "reopen",
}


def send(delivery: Delivery) -> Result:
    """The service says 200 also when it did not take the message: its body is read."""
    secrets = secrets_of(delivery)
    if isinstance(secrets, Refused):
        return secrets
    assert delivery.integration is not None
    routing_key = quote(delivery.integration.config.get("routing_key", ""), safe="")
    address = f"{base_url('victorops', HOST)}{PATH}/{quote(secrets.get('api_key', ''), safe='')}/{routing_key}"
    answer = exchange("POST", address, data=alert(delivery))
    if isinstance(answer, Answer) and answer.status == 200:
        said = answer.json()
        if not isinstance(said, dict) or said.get("result") != "success":
            return TryLater(str(answer), fault="message")
        return judge(answer, reference=str(said.get("entity_id") or ""))
    return judge(answer)


def alert(delivery: Delivery) -> dict[str, object]:
    incident = Incident.of(delivery)
    said: dict[str, object] = {
        "message_type": _type(incident),
        "entity_id": incident.key,
        "entity_display_name": incident.title,
        "state_message": cut("\n\n".join(filter(None, (incident.title, incident.body, incident.link))), MOST_MESSAGE),
        "state_start_time": int(delivery.queued_at.timestamp()),
        "monitoring_tool": "supportdesk",
    }
    if incident.action == "acknowledge":
        said |= {"ack_author": incident.author, "ack_message": incident.title}
    named = [*([(incident.link, "Ticket")] if incident.link else []), *incident.links]
    for href, text in named:
        said[f"vo_annotate.u.{text}"] = cut(href, MOST_ANNOTATION)
    if incident.action == "annotate" and incident.body:
        said["vo_annotate.s.Note"] = cut(incident.body, MOST_ANNOTATION)
    return said


def _type(incident: Incident) -> str:
    return {"acknowledge": "ACKNOWLEDGEMENT", "resolve": "RECOVERY", "annotate": "INFO"}.get(
        incident.action, TYPES[incident.severity]
    )


def hear(integration: Integration, headers: Mapping[str, str], body: bytes, *, at: datetime) -> list[Report]:
    """Raises NotSigned. The service signs nothing; it sends a secret that only it and we know. The payload is what the
    integration's page says to paste there."""
    secret = integration.secrets.get("shared_secret", "")
    if not secret or not hmac.compare_digest(secret.encode(), headers.get("x-webhook-secret", "").encode()):
        raise NotSigned
    try:
        said = json.loads(body)
    except ValueError:
        said = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    if not isinstance(said, dict):
        return []
    action = PHASES.get(str(said.get("phase") or said.get("message_type") or "").upper())
    key = inside_key(integration.vendor.slug, str(said.get("entity_id") or ""))
    return [Report(key, action, str(said.get("author") or ""))] if action and key else []
