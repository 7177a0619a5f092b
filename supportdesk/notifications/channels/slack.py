"""Slack: an incoming webhook out, its buttons in."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qs

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from supportdesk.notifications.channels.base import NotSigned, Refused, Result, Setting
from supportdesk.notifications.channels.http import cut, exchange, judge, secrets_of
from supportdesk.notifications.channels.incident import Incident
from supportdesk.notifications.inbound import Report
from supportdesk.notifications.incidents import inside_key
from supportdesk.notifications.models import Delivery, Integration

SETTINGS = (
    Setting(
        "url",
        _("Webhook address"),
        _("Of an incoming webhook of your Slack app, https://hooks.slack.com/services/…"),
        is_secret=True,
        is_url=True,
    ),
    Setting(
        "signing_secret",
        _("Signing secret"),
        _("Adds an Acknowledge button. Basic Information of your Slack app has it; set the Interactivity URL, too."),
        is_secret=True,
        is_required=False,
        pattern=r"[0-9a-f]{32,64}",
        wrong=_("Digits and the letters a to f."),
    ),
)
MOST_HEADER = 150
MOST_SECTION = 2900
TOLERANCE = 300  # seconds
SIGNS = {"critical": "🔴", "error": "🔴", "warning": "🟠", "info": "🔵"}
ACKNOWLEDGE = "acknowledge"


def send(delivery: Delivery) -> Result:
    secrets = secrets_of(delivery)
    if isinstance(secrets, Refused):
        return secrets
    message = compose(Incident.of(delivery), has_buttons=bool(secrets.get("signing_secret")))
    return judge(exchange("POST", secrets.get("url", ""), data=message))


def compose(incident: Incident, *, has_buttons: bool) -> dict[str, object]:
    """Text for notices and readers without blocks; blocks for everybody else."""
    line = _line(incident)
    blocks: list[dict[str, object]] = [{"type": "section", "text": _mrkdwn(line)}]
    if incident.body and incident.action in ("trigger", "annotate"):
        blocks.append({"type": "section", "text": _mrkdwn(escape(incident.body))})
    if incident.links:
        blocks.append(
            {"type": "context", "elements": [_mrkdwn(_link(href, text)) for href, text in incident.links[:10]]}
        )
    buttons: list[dict[str, object]] = []
    if has_buttons and incident.action == "trigger":
        buttons.append(_button(gettext("Acknowledge"), action_id=ACKNOWLEDGE, value=incident.key, style="primary"))
    if incident.link and incident.action == "trigger":
        buttons.append(_button(gettext("Open"), action_id="open", url=incident.link))
    if buttons:
        blocks.append({"type": "actions", "elements": buttons})
    return {"text": cut(line, MOST_SECTION), "blocks": blocks}


def _line(incident: Incident) -> str:
    title = _link(incident.link, incident.title) if incident.link else escape(incident.title)
    who = escape(incident.author) or gettext("somebody")
    match incident.action:
        case "acknowledge":
            return "👀 " + gettext("%(who)s has acknowledged: %(what)s") % {"who": who, "what": title}
        case "resolve":
            return "✅ " + gettext("Resolved: %(what)s") % {"what": title}
        case "annotate":
            return "📝 " + title
    return f"{SIGNS[incident.severity]} *{title}*"


def escape(text: str) -> str:
    """The three characters that Slack's markup is made of."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _link(href: str, text: str) -> str:
    return f"<{href}|{escape(text).replace('|', '∣')}>"


def _mrkdwn(text: str) -> dict[str, str]:
    return {"type": "mrkdwn", "text": cut(text, MOST_SECTION)}


def _button(text: str, **more: str) -> dict[str, object]:
    return {"type": "button", "text": {"type": "plain_text", "text": text}, **more}


def hear(integration: Integration, headers: Mapping[str, str], body: bytes, *, at: datetime) -> list[Report]:
    """A press of a button. Raises NotSigned, also for a report that is older than five minutes."""
    secret = integration.secrets.get("signing_secret", "")
    sent_at = headers.get("x-slack-request-timestamp", "")
    if not secret or not sent_at.isdecimal() or abs(at.timestamp() - int(sent_at)) > TOLERANCE:
        raise NotSigned
    expected = "v0=" + hmac.new(secret.encode(), b"v0:%s:%s" % (sent_at.encode(), body), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), headers.get("x-slack-signature", "").encode()):
        raise NotSigned
    try:
        said = json.loads(parse_qs(body.decode())["payload"][0])
        pressed = [each for each in said.get("actions", ()) if each.get("action_id") == ACKNOWLEDGE]
        user = said.get("user") or {}
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return []
    author = str(user.get("name") or user.get("username") or "")
    keys = [inside_key(integration.vendor.slug, str(each.get("value") or "")) for each in pressed]
    return [Report(key, "acknowledge", author) for key in keys if key]
