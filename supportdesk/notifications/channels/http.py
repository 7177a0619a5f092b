"""What the channels over HTTP have in common: one request, and what its answer means for the delivery."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from supportdesk.notifications import outgoing, sealing
from supportdesk.notifications.channels.base import Refused, Result, Sent, TryLater, asked_to_wait
from supportdesk.notifications.models import Delivery
from supportdesk.notifications.outgoing import Answer, NotAllowed, Unreachable

BUSY = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.LOCKED}


def base_url(service: str, usual: str) -> str:
    """Where a service is: its own address, unless the operator has put something in its place."""
    return str(settings.PROVIDER_URLS.get(service) or usual).rstrip("/")


def exchange(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, data: Any = None, form: Any = None
) -> Answer | Result:
    """Speaks to the other side once, in JSON or as a form; its answer, or why there is none."""
    sent = dict(headers or {})
    body = b""
    if data is not None:
        sent["Content-Type"], body = "application/json", json.dumps(data, ensure_ascii=False).encode()
    elif form is not None:
        sent["Content-Type"], body = "application/x-www-form-urlencoded", urlencode(form, doseq=True).encode()
    return exchange_bytes(method, url, headers=sent, body=body)


def exchange_bytes(method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer | Result:
    """``exchange`` of a body that was written already."""
    try:
        return outgoing.request(method, url, headers=headers, body=body)
    except NotAllowed as error:
        return Refused(str(error))
    except Unreachable as error:
        return TryLater(str(error))


def judge(answer: Answer | Result, reference: str = "") -> Result:
    """Only 2xx is success. Too many, too early and broken servers are tried again; a redirect is never followed, and
    like every other 4xx it is for good."""
    if not isinstance(answer, Answer):
        return answer
    if HTTPStatus(200) <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return Sent(reference, str(answer))
    wait = asked_to_wait({"Retry-After": answer.headers.get("retry-after", ""), "Date": answer.headers.get("date", "")})
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return TryLater(str(answer), wait, fault="throttle")
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or answer.status in BUSY:
        return TryLater(str(answer), wait)
    if answer.status < HTTPStatus.BAD_REQUEST:
        return Refused(_("{answer}: redirects are not followed").format(answer=answer.status))
    return Refused(str(answer), is_gone=answer.status == HTTPStatus.GONE)


def secrets_of(delivery: Delivery) -> dict[str, str] | Refused:
    """What the integration keeps; or that it is gone, or cannot be read."""
    if delivery.integration is None:
        return Refused(_("The integration was removed."))
    try:
        secrets: dict[str, str] = delivery.integration.secrets
    except sealing.Unreadable as error:
        return Refused(str(error))
    return secrets


def link_of(delivery: Delivery) -> str:
    """The page to go to, as a full address; empty when there is none."""
    return settings.BASE_URL.rstrip("/") + delivery.path if delivery.path else ""


def cut(text: str, most: int) -> str:
    """``text``, at most so many characters of it."""
    return text if len(text) <= most else text[: most - 1] + "…"
