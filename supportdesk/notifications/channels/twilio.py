"""Twilio's HTTP API, which carries texts and calls. It knows no idempotency keys: before something is sent a second
time, it is asked whether the first had arrived. When it does not say, the message is sent again: better paged twice
than not at all.

It reports what became of them to an address of the delivery's own, signed with the account's token. It is asked to only
where the desk has an https address and that token is known; otherwise it would refuse the message or not be believed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from supportdesk.notifications.channels.base import NotSigned, Refused, Result, Sent, Setting
from supportdesk.notifications.channels.http import base_url, exchange, judge, secrets_of
from supportdesk.notifications.inbound import Receipt
from supportdesk.notifications.models import Delivery, Integration
from supportdesk.notifications.outgoing import Answer

HOST = "https://api.twilio.com"
SETTINGS = (
    Setting(
        "account",
        _("Account SID"),
        _("Begins with AC; on the first page of the Twilio console."),
        pattern=r"AC[0-9a-f]{32}",
        wrong=_("AC and 32 digits and letters a to f."),
    ),
    Setting(
        "key",
        _("API key SID"),
        _("Begins with SK. Left empty, the token is the account's own."),
        is_required=False,
        pattern=r"SK[0-9a-f]{32}",
        wrong=_("SK and 32 digits and letters a to f."),
    ),
    Setting("token", _("API key secret or auth token"), is_secret=True),
    Setting(
        "auth_token",
        _("Auth token of the account"),
        _("Only beside an API key: reports of what was delivered or answered are signed with it."),
        is_secret=True,
        is_required=False,
        pattern=r"[0-9a-f]{32}",
        wrong=_("32 digits and letters a to f."),
    ),
    Setting(
        "sender",
        _("Sending number"),
        _("A Twilio number that may send texts and make calls, as +380441234567."),
        pattern=r"\+[1-9][0-9]{6,14}",
        wrong=_("A number with its country code: + and digits."),
    ),
)
LOOKED_AT = 50
LOST = frozenset({"failed", "undelivered", "canceled"})
MISSED = frozenset({"busy", "no-answer"})
TAKEN = frozenset({"read", "in-progress", "completed"})
"""A text was read, where the carrier tells; a call was answered, and is over."""


@dataclass(frozen=True, slots=True)
class Account:
    """``collection`` below is ``Messages`` or ``Calls``."""

    sid: str
    sender: str
    headers: Mapping[str, str]

    @classmethod
    def of(cls, delivery: Delivery) -> Account | Refused:
        secrets = secrets_of(delivery)
        if isinstance(secrets, Refused):
            return secrets
        assert delivery.integration is not None
        config = delivery.integration.config
        sid = config.get("account", "")
        user = f"{config.get('key') or sid}:{secrets.get('token', '')}"
        basic = base64.b64encode(user.encode()).decode()
        return cls(sid, config.get("sender", ""), {"Authorization": f"Basic {basic}"})

    def create(self, collection: str, form: Mapping[str, str | list[str]]) -> Result:
        answer = exchange("POST", self._url(collection), headers=self.headers, form=form)
        said = answer.json() if isinstance(answer, Answer) else None
        return judge(answer, reference=str(said.get("sid") or "") if isinstance(said, dict) else "")

    def find(self, collection: str, to: str, *, since: datetime) -> list[dict[str, Any]]:
        """What was sent to this number since then, as far as the service tells."""
        day = {"Messages": "DateSent>", "Calls": "StartTime>"}[collection]
        asked = urlencode({"To": to, day: since.date().isoformat(), "PageSize": str(LOOKED_AT)})
        answer = exchange("GET", f"{self._url(collection)}?{asked}", headers=self.headers)
        if not isinstance(answer, Answer) or answer.status != HTTPStatus.OK:
            return []
        said = answer.json()
        rows = said.get(collection.lower()) if isinstance(said, dict) else None
        return [row for row in rows or () if _is_alive(row, since)]

    def _url(self, collection: str) -> str:
        return f"{base_url('twilio', HOST)}/2010-04-01/Accounts/{quote(self.sid, safe='')}/{collection}.json"


def signing_token(integration: Integration) -> str:
    """The account's own token; empty when only an API key is known, which signs nothing."""
    secrets = integration.secrets
    return secrets.get("auth_token") or ("" if integration.config.get("key") else secrets.get("token", ""))


def has_reports(integration: Integration) -> bool:
    """Whether it is asked to report what becomes of messages."""
    return str(settings.BASE_URL).startswith("https://") and bool(signing_token(integration))


def reports_to(delivery: Delivery) -> str:
    """Where it is asked to report what becomes of this delivery; empty when it is not."""
    if delivery.integration is None or not has_reports(delivery.integration):
        return ""
    return address_of(delivery.integration, delivery.pk)


def address_of(integration: Integration, delivery_id: int) -> str:
    path = {"vendor": integration.vendor.slug, "token": integration.token, "delivery_id": delivery_id}
    return str(settings.BASE_URL).rstrip("/") + reverse("receipt", kwargs=path)


def read(integration: Integration, delivery_id: int, headers: Mapping[str, str], body: bytes) -> Receipt | None:
    """What a report says; None when it is on its way still. Raises NotSigned.

    Signed is the address as it was given, and every parameter with its value, in their order.
    """
    token = signing_token(integration)
    said = sorted(set(parse_qsl(body.decode(errors="replace"), keep_blank_values=True)))
    signed = address_of(integration, delivery_id) + "".join(f"{name}{value}" for name, value in said)
    expected = base64.b64encode(hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest())
    if not token or not hmac.compare_digest(expected, headers.get("x-twilio-signature", "").encode()):
        raise NotSigned
    facts = dict(said)
    status = facts.get("MessageStatus") or facts.get("CallStatus") or ""
    reference = facts.get("MessageSid") or facts.get("CallSid") or ""
    if status in TAKEN:
        return Receipt(reference, "seen")
    if status == "delivered":
        return Receipt(reference, "delivered")
    if status in LOST | MISSED:
        code = facts.get("ErrorCode", "")
        return Receipt(reference, "lost", f"{status} ({code})" if code else status)
    return None


def already(rows: Iterable[Mapping[str, Any]]) -> Sent | None:
    """That one of these is what we were about to send."""
    return next((Sent(str(row.get("sid") or ""), "Found at the service: it had arrived.") for row in rows), None)


def _is_alive(row: Any, since: datetime) -> bool:
    if not isinstance(row, dict) or row.get("status") in LOST:
        return False
    try:
        made_at = parsedate_to_datetime(str(row.get("date_created") or ""))
    except (ValueError, TypeError):
        return False
    return made_at >= since.replace(microsecond=0)
