"""What services report back, when it is really they."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime
from urllib.parse import urlencode

import pytest
from standardwebhooks.webhooks import Webhook

from supportdesk.notifications import sealing
from supportdesk.notifications.channels.base import NotSigned
from supportdesk.notifications.channels.registry import HEARERS, READERS
from supportdesk.notifications.inbound import Receipt, Report
from supportdesk.notifications.models import Integration, IntegrationKind
from tests.notifications.channels.conftest import SECRETS, Make

KEY = "desk.example/oro/page-7"


def integration(deliver: Make, kind: str) -> Integration:
    found: Integration = deliver(kind).integration
    return found


def hear(of: Integration, headers: dict[str, str], body: bytes) -> list[Report]:
    return HEARERS[IntegrationKind(of.kind)](of, headers, body, at=datetime.now(UTC))


def hexed(secret: str, said: bytes) -> str:
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def pagerduty(event: str, key: str = KEY) -> bytes:
    said = {"event": {"event_type": event, "agent": {"summary": "Dan"}, "data": {"incident_key": key}}}
    return json.dumps(said).encode()


@pytest.mark.parametrize(
    ("event", "action"),
    [("incident.acknowledged", "acknowledge"), ("incident.resolved", "resolve"), ("incident.unacknowledged", "reopen")],
)
def test_pagerduty(event: str, action: str, deliver: Make) -> None:
    body = pagerduty(event)
    signature = f"v1=0000,v1={hexed('pd-secret', body)}"
    reports = hear(integration(deliver, "pagerduty"), {"x-pagerduty-signature": signature}, body)
    assert [(each.incident_key, each.action, each.author) for each in reports] == [("page-7", action, "Dan")]


def test_pagerduty_of_other_things_and_other_peoples_incidents(deliver: Make) -> None:
    for body in (pagerduty("incident.annotated"), pagerduty("incident.resolved", "elsewhere/x"), b"{}", b"no json"):
        signed = {"x-pagerduty-signature": "v1=" + hexed("pd-secret", body)}
        assert hear(integration(deliver, "pagerduty"), signed, body) == []


def slack(deliver: Make, *, sent_at: int, secret: str) -> list[Report]:
    said = {"user": {"username": "dan"}, "actions": [{"action_id": "acknowledge", "value": KEY}, {"action_id": "open"}]}
    body = urlencode({"payload": json.dumps(said)}).encode()
    signature = "v0=" + hexed(secret, b"v0:%d:%s" % (sent_at, body))
    headers = {"x-slack-request-timestamp": str(sent_at), "x-slack-signature": signature}
    return hear(integration(deliver, "slack"), headers, body)


def test_slacks_button(deliver: Make) -> None:
    reports = slack(deliver, sent_at=int(time.time()), secret="ab" * 16)
    assert reports == [Report("page-7", "acknowledge", "dan")]


@pytest.mark.parametrize(("age", "secret"), [(0, "cd" * 16), (3600, "ab" * 16), (-3600, "ab" * 16)])
def test_slack_wrongly_signed_or_long_ago(age: int, secret: str, deliver: Make) -> None:
    with pytest.raises(NotSigned):
        slack(deliver, sent_at=int(time.time()) - age, secret=secret)


@pytest.mark.parametrize("as_form", [True, False])
def test_victorops(as_form: bool, deliver: Make) -> None:
    said = {"entity_id": KEY, "phase": "ACKED", "author": "dan"}
    body = (urlencode(said) if as_form else json.dumps(said)).encode()
    secret = {"x-webhook-secret": SECRETS["victorops"]["shared_secret"]}
    assert hear(integration(deliver, "victorops"), secret, body) == [Report("page-7", "acknowledge", "dan")]


def test_standard_webhooks(deliver: Make) -> None:
    said = {"type": "incident.resolved", "data": {"incident_key": KEY, "author": "Dan"}}
    now = datetime.now(UTC)
    body = json.dumps(said)
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRETS["webhook"]["secret"]).sign("msg_1", now, body),
    }
    assert hear(integration(deliver, "webhook"), headers, body.encode()) == [Report("page-7", "resolve", "Dan")]
    with pytest.raises(NotSigned):
        hear(integration(deliver, "webhook"), headers, body.encode() + b" ")


@pytest.mark.parametrize("kind", list(HEARERS))
def test_unsigned_reports_are_not_listened_to_with_and_without_a_secret(kind: str, deliver: Make) -> None:
    of = integration(deliver, kind)
    for headers in ({}, {"x-pagerduty-signature": "v1="}, {"x-webhook-secret": ""}, {"x-slack-signature": "v0="}):
        with pytest.raises(NotSigned):
            hear(of, headers, b"{}")
    of.sealed = ""
    for headers in ({}, {"x-webhook-secret": ""}, {"x-pagerduty-signature": "v1=" + hexed("", b"{}")}):
        with pytest.raises(NotSigned):
            hear(of, headers, b"{}")


ADDRESS = "https://desk.example/oro/hooks/{}/9/"


def twilio(of: Integration, said: dict[str, str], *, secret: str = "auth-token", number: int = 9) -> Receipt | None:
    signed = ADDRESS.format(of.token) + "".join(name + said[name] for name in sorted(said))
    signature = base64.b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()).decode()
    body = urlencode(said).encode()
    return READERS[IntegrationKind.TWILIO](of, number, {"x-twilio-signature": signature}, body)


@pytest.mark.parametrize(
    ("said", "receipt"),
    [
        ({"MessageStatus": "sent"}, None),
        ({"MessageStatus": "delivered"}, Receipt("X1", "delivered")),
        ({"MessageStatus": "read"}, Receipt("X1", "seen")),
        ({"MessageStatus": "undelivered", "ErrorCode": "30003"}, Receipt("X1", "lost", "undelivered (30003)")),
        ({"MessageStatus": "failed", "ErrorCode": ""}, Receipt("X1", "lost", "failed")),
        ({"CallStatus": "ringing"}, None),
        ({"CallStatus": "in-progress"}, Receipt("X1", "seen")),
        ({"CallStatus": "completed", "CallDuration": "31"}, Receipt("X1", "seen")),
        ({"CallStatus": "no-answer"}, Receipt("X1", "lost", "no-answer")),
        ({"CallStatus": "busy"}, Receipt("X1", "lost", "busy")),
        ({"something": "new"}, None),
    ],
)
def test_twilios_receipts(said: dict[str, str], receipt: Receipt | None, deliver: Make) -> None:
    sid = "CallSid" if "CallStatus" in said else "MessageSid"
    assert twilio(integration(deliver, "twilio"), said | {sid: "X1", "To": "+380447654321"}) == receipt


def test_twilios_receipts_by_the_accounts_token_beside_an_api_key(deliver: Make) -> None:
    of = integration(deliver, "twilio")
    of.config["key"] = "SK" + "b" * 32
    said = {"MessageSid": "X1", "MessageStatus": "delivered"}
    with pytest.raises(NotSigned):
        twilio(of, said)
    of.sealed = sealing.seal({"token": "key-secret", "auth_token": "c" * 32})
    assert twilio(of, said, secret="c" * 32) == Receipt("X1", "delivered")


def test_twilios_receipts_of_another_message_or_wrongly_signed(deliver: Make) -> None:
    of = integration(deliver, "twilio")
    said = {"MessageSid": "X1", "MessageStatus": "delivered"}
    for wrong in ({"number": 8}, {"secret": "guessed"}, {"secret": ""}):
        with pytest.raises(NotSigned):
            twilio(of, said, **wrong)
    of.sealed = ""
    with pytest.raises(NotSigned):
        twilio(of, said, secret="")
