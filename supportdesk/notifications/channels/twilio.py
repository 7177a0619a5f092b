"""Twilio's HTTP API, which carries texts and calls. It knows no idempotency keys: before something is sent a second
time, it is asked whether the first had arrived. When it does not say, the message is sent again: better paged twice
than not at all.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext_lazy as _

from supportdesk.notifications.channels.base import Refused, Result, Sent, Setting
from supportdesk.notifications.channels.http import base_url, exchange, judge, secrets_of
from supportdesk.notifications.models import Delivery
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
        "sender",
        _("Sending number"),
        _("A Twilio number that may send texts and make calls, as +380441234567."),
        pattern=r"\+[1-9][0-9]{6,14}",
        wrong=_("A number with its country code: + and digits."),
    ),
)
LOOKED_AT = 50
LOST = frozenset({"failed", "undelivered", "canceled"})


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

    def create(self, collection: str, form: Mapping[str, str]) -> Result:
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
