"""Opsgenie's Alert API. It answers before it has done anything, so it is asked afterwards how it went."""

from __future__ import annotations

import time
from urllib.parse import quote

from django.utils.translation import gettext_lazy as _

from supportdesk.notifications.channels.base import Refused, Result, Sent, Setting, TryLater
from supportdesk.notifications.channels.http import base_url, cut, exchange, judge, secrets_of
from supportdesk.notifications.channels.incident import Incident
from supportdesk.notifications.models import Delivery
from supportdesk.notifications.outgoing import Answer

REGIONS = {"us": "https://api.opsgenie.com", "eu": "https://api.eu.opsgenie.com"}
SETTINGS = (
    Setting(
        "api_key",
        _("API key"),
        _("Of an API integration with the rights to create and update alerts."),
        is_secret=True,
        pattern=r"[0-9A-Za-z-]{8,80}",
        wrong=_("Letters, digits and hyphens."),
    ),
    Setting("region", _("Service region"), choices=(("us", _("United States")), ("eu", _("European Union")))),
)
PRIORITIES = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P5"}
MOST_MESSAGE = 130
MOST_DESCRIPTION = 15_000
MOST_NOTE = 25_000
POLLS = 4
BETWEEN_POLLS = 0.5  # seconds


def send(delivery: Delivery) -> Result:
    secrets = secrets_of(delivery)
    if isinstance(secrets, Refused):
        return secrets
    assert delivery.integration is not None
    base = base_url("opsgenie", REGIONS[delivery.integration.config.get("region", "us")])
    headers = {"Authorization": f"GenieKey {secrets.get('api_key', '')}"}
    path, data = asked(delivery)
    answer = exchange("POST", base + path, headers=headers, data=data)
    result = judge(answer)
    if not isinstance(result, Sent) or not isinstance(answer, Answer):
        return result
    said = answer.json()
    request_id = str(said.get("requestId") or "") if isinstance(said, dict) else ""
    return _outcome(base, headers, request_id) if request_id else result


def asked(delivery: Delivery) -> tuple[str, dict[str, object]]:
    """The path and the body of a step; the alias makes a repeat the same alert."""
    incident = Incident.of(delivery)
    alias = quote(incident.key, safe="")
    who = {"source": incident.source, "user": incident.author} if incident.author else {"source": incident.source}
    text = "\n\n".join(
        filter(None, (incident.body, incident.link, *(f"{name}: {href}" for href, name in incident.links)))
    )
    if incident.action == "trigger":
        return "/v2/alerts", {
            "message": cut(incident.title, MOST_MESSAGE),
            "alias": incident.key,
            "description": cut(text, MOST_DESCRIPTION),
            "priority": PRIORITIES[incident.severity],
            "source": incident.source,
            "tags": ["supportdesk"],
        }
    verb = {"acknowledge": "acknowledge", "resolve": "close", "annotate": "notes"}[incident.action]
    note = cut(text or incident.title, MOST_NOTE)
    return f"/v2/alerts/{alias}/{verb}?identifierType=alias", {**who, "note": note}


def _outcome(base: str, headers: dict[str, str], request_id: str) -> Result:
    for _attempt in range(POLLS):
        answer = exchange("GET", f"{base}/v2/alerts/requests/{quote(request_id, safe='')}", headers=headers)
        if isinstance(answer, Answer) and answer.status == 200:
            said = answer.json()
            data = said.get("data") if isinstance(said, dict) else None
            if isinstance(data, dict) and data.get("isSuccess", data.get("success")) is True:
                return Sent(str(data.get("alertId") or request_id), str(answer))
            if isinstance(data, dict):
                return Refused(str(answer))
        time.sleep(BETWEEN_POLLS)
    return TryLater("It took the request, and has not said what became of it.", fault="message")
