"""What each service is told, and what its answers mean."""

from __future__ import annotations

import json
from datetime import timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from pytest_django import Settings
from standardwebhooks.webhooks import Webhook

from supportdesk.notifications.channels.base import Refused, Sent, TryLater
from supportdesk.notifications.channels.registry import CHANNELS
from supportdesk.notifications.channels.sms import text
from supportdesk.notifications.channels.twilio import address_of
from supportdesk.notifications.channels.voice import twiml
from supportdesk.notifications.models import Delivery
from tests.faults.sink import Heard, Say, Sink
from tests.notifications.channels.conftest import NOON, SECRETS, Make

KEY = "desk.example/oro/page-7"
INCIDENTS = ["pagerduty", "victorops", "opsgenie", "slack", "webhook"]
FINE = {
    "pagerduty": Say(202, '{"status":"success","dedup_key":"k"}'),
    "victorops": Say(200, '{"result":"success","entity_id":"desk.example/oro/page-7"}'),
    "opsgenie": Say(202, '{"result":"Request will be processed","requestId":"r-1"}'),
    "slack": Say(200, "ok"),
    "webhook": Say(204, ""),
}


def send(delivery: Delivery) -> Any:
    return CHANNELS[delivery.channel](delivery)


def processed(heard: Heard) -> Say:
    """Opsgenie: taken at once, done by the second time it is asked."""
    if heard.method == "POST":
        return FINE["opsgenie"]
    return Say(200, '{"data":{"success":true,"isSuccess":true,"alertId":"a-1"}}')


@pytest.mark.parametrize("kind", INCIDENTS)
def test_a_trigger_arrives(kind: str, deliver: Make, provider: Sink) -> None:
    provider.script = processed if kind == "opsgenie" else lambda heard: FINE[kind]
    result = send(deliver(kind))
    assert isinstance(result, Sent), result
    assert provider.heard[0].method == "POST"


@pytest.mark.parametrize("kind", INCIDENTS)
@pytest.mark.parametrize(
    ("say", "outcome", "fault"),
    [
        (Say(500), TryLater, "destination"),
        (Say(503, headers={"Retry-After": "120"}), TryLater, "destination"),
        (Say(429, headers={"Retry-After": "120"}), TryLater, "throttle"),
        (Say(reset=True), TryLater, "destination"),
        (Say(400, "invalid"), Refused, ""),
        (Say(404), Refused, ""),
        (Say(410), Refused, ""),
        (Say(302, headers={"Location": "http://127.0.0.1:1/"}), Refused, ""),
    ],
)
def test_what_an_answer_means(kind: str, say: Say, outcome: type, fault: str, deliver: Make, provider: Sink) -> None:
    provider.script = lambda heard: say
    result = send(deliver(kind))
    assert isinstance(result, outcome), result
    if isinstance(result, TryLater):
        assert result.fault == fault
        wanted = timedelta(seconds=120) if "Retry-After" in say.headers else None
        assert result.retry_after == wanted
    if isinstance(result, Refused):
        assert result.is_gone == (say.status == 410)
    assert len(provider.heard) == 1


@pytest.mark.parametrize("kind", INCIDENTS)
def test_nothing_that_is_secret_stands_in_a_reason(kind: str, deliver: Make, provider: Sink) -> None:
    provider.script = lambda heard: Say(reset=True)
    result = send(deliver(kind))
    assert isinstance(result, TryLater)
    for secret in SECRETS[kind].values():
        assert secret.removeprefix("SINK") not in result.reason


class TestPagerDuty:
    def test_a_trigger_says_what_when_how_bad_and_where(self, deliver: Make, provider: Sink) -> None:
        send(deliver("pagerduty"))
        [heard] = provider.heard
        assert heard.path == "/v2/enqueue"
        said = heard.json
        assert (said["event_action"], said["dedup_key"], said["routing_key"]) == ("trigger", KEY, "R" * 32)
        assert said["payload"]["summary"] == "#12 Checkout <is> down"
        assert (said["payload"]["severity"], said["payload"]["source"]) == ("critical", "Oro & Sons")
        assert said["payload"]["timestamp"] == NOON.isoformat()
        assert said["client_url"] == "https://desk.example/oro/desk/tickets/12/"
        assert said["links"] == [{"href": "https://meet.example/oro", "text": "Bridge"}]

    @pytest.mark.parametrize("action", ["acknowledge", "resolve"])
    def test_what_follows_has_the_same_key_and_no_more(self, action: str, deliver: Make, provider: Sink) -> None:
        send(deliver("pagerduty", action))
        assert provider.heard[0].json == {"routing_key": "R" * 32, "event_action": action, "dedup_key": KEY}

    def test_a_long_title_is_cut(self, deliver: Make, provider: Sink) -> None:
        send(deliver("pagerduty", subject="x" * 3000))
        assert len(provider.heard[0].json["payload"]["summary"]) == 1024


class TestVictorOps:
    def test_a_trigger(self, deliver: Make, provider: Sink) -> None:
        send(deliver("victorops"))
        [heard] = provider.heard
        assert heard.path == "/integrations/generic/20131114/alert/rest-key/urgent"
        said = heard.json
        assert (said["message_type"], said["entity_id"]) == ("CRITICAL", KEY)
        assert said["state_start_time"] == int(NOON.timestamp())
        assert said["vo_annotate.u.Bridge"] == "https://meet.example/oro"

    @pytest.mark.parametrize(
        ("action", "kind"), [("acknowledge", "ACKNOWLEDGEMENT"), ("resolve", "RECOVERY"), ("annotate", "INFO")]
    )
    def test_what_follows(self, action: str, kind: str, deliver: Make, provider: Sink) -> None:
        send(deliver("victorops", action))
        said = provider.heard[0].json
        assert (said["message_type"], said["entity_id"]) == (kind, KEY)
        if action == "acknowledge":
            assert said["ack_author"] == "Dan"

    def test_its_limits_are_kept(self, deliver: Make, provider: Sink) -> None:
        send(deliver("victorops", body="y" * 30_000))
        send(deliver("victorops", "annotate", body="y" * 30_000))
        assert len(provider.heard[0].json["state_message"]) == 20_480
        assert len(provider.heard[1].json["vo_annotate.s.Note"]) == 1124

    @pytest.mark.parametrize("body", ['{"result":"failure","message":"Unable to find"}', "<html>", "[]"])
    def test_a_200_that_says_failure_is_none(self, body: str, deliver: Make, provider: Sink) -> None:
        provider.script = lambda heard: Say(200, body)
        assert isinstance(send(deliver("victorops")), TryLater)


class TestOpsgenie:
    def test_it_is_asked_what_became_of_it(self, deliver: Make, provider: Sink) -> None:
        asked = iter([FINE["opsgenie"], Say(404), Say(200, '{"data":{"success":true,"alertId":"a-1"}}')])
        provider.script = lambda heard: next(asked)
        assert send(deliver("opsgenie", subject="x" * 300)).reference == "a-1"
        first = provider.heard[0]
        assert (first.path, first.headers["authorization"]) == ("/v2/alerts", "GenieKey genie-key")
        assert (first.json["alias"], first.json["priority"], len(first.json["message"])) == (KEY, "P1", 130)
        assert [each.path for each in provider.heard[1:]] == ["/v2/alerts/requests/r-1"] * 2

    def test_what_it_took_and_could_not_do_is_refused(self, deliver: Make, provider: Sink) -> None:
        bad = Say(200, '{"data":{"success":false,"isSuccess":false,"status":"There is no open alert"}}')
        provider.script = lambda heard: FINE["opsgenie"] if heard.method == "POST" else bad
        result = send(deliver("opsgenie", "resolve"))
        assert isinstance(result, Refused)
        assert "no open alert" in result.reason
        assert provider.heard[0].path == "/v2/alerts/desk.example%2Foro%2Fpage-7/close?identifierType=alias"

    def test_one_that_never_says_is_asked_again_later(
        self, deliver: Make, provider: Sink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("supportdesk.notifications.channels.opsgenie.BETWEEN_POLLS", 0.01)
        provider.script = lambda heard: FINE["opsgenie"] if heard.method == "POST" else Say(404)
        assert send(deliver("opsgenie")).fault == "message"


class TestSlack:
    def test_a_trigger_has_a_link_and_a_button(self, deliver: Make, provider: Sink) -> None:
        send(deliver("slack"))
        [heard] = provider.heard
        assert heard.path == "/services/T/B/X"
        said = heard.json
        assert "<https://desk.example/oro/desk/tickets/12/|#12 Checkout &lt;is&gt; down>" in said["text"]
        [buttons] = [block["elements"] for block in said["blocks"] if block["type"] == "actions"]
        assert [(each["action_id"], each.get("value")) for each in buttons] == [("acknowledge", KEY), ("open", None)]

    def test_what_follows_has_no_button(self, deliver: Make, provider: Sink) -> None:
        send(deliver("slack", "acknowledge"))
        said = provider.heard[0].json
        assert "Dan has acknowledged" in said["text"]
        assert all(block["type"] != "actions" for block in said["blocks"])

    def test_a_long_body_is_cut(self, deliver: Make, provider: Sink) -> None:
        send(deliver("slack", body="z" * 9000))
        assert max(len(block["text"]["text"]) for block in provider.heard[0].json["blocks"] if "text" in block) == 2900


class TestWebhook:
    def test_is_signed_as_the_standard_says(self, deliver: Make, provider: Sink) -> None:
        send(deliver("webhook"))
        send(deliver("webhook", attempts=2))
        first, second = provider.heard
        assert first.headers["webhook-id"] == second.headers["webhook-id"]
        assert first.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
        signed = Webhook(SECRETS["webhook"]["secret"]).sign(first.headers["webhook-id"], NOON, first.body.decode())
        assert first.headers["webhook-signature"] == signed
        said = first.json
        assert (said["type"], said["data"]["incident_key"], said["data"]["ticket"]) == ("incident.trigger", KEY, 12)


class TestTwilio:
    def test_a_text(self, deliver: Make, provider: Sink) -> None:
        provider.script = lambda heard: Say(201, '{"sid":"SM1","status":"queued"}')
        delivery = deliver("twilio", channel="sms")
        assert send(delivery).reference == "SM1"
        [heard] = provider.heard
        assert heard.path == f"/2010-04-01/Accounts/AC{'a' * 32}/Messages.json"
        form = parse_qs(heard.body.decode())
        assert (form["To"], form["From"], form["Body"]) == (["+380447654321"], ["+380441112233"], [text(delivery)])
        assert heard.headers["authorization"].startswith("Basic ")

    def test_a_call_reads_the_message_out_twice(self, deliver: Make, provider: Sink) -> None:
        provider.script = lambda heard: Say(201, '{"sid":"CA1"}')
        delivery = deliver("twilio", channel="voice")
        assert send(delivery).reference == "CA1"
        form = parse_qs(provider.heard[0].body.decode())
        assert form["Twiml"] == [twiml(delivery)]
        assert twiml(delivery).count("Checkout &lt;is&gt; down") == 2

    @pytest.mark.parametrize(("channel", "collection"), [("sms", "Messages"), ("voice", "Calls")])
    def test_before_a_second_time_it_is_asked_whether_the_first_arrived(
        self, channel: str, collection: str, deliver: Make, provider: Sink
    ) -> None:
        delivery = deliver("twilio", channel=channel, attempts=2)
        row = {
            "sid": "X1",
            "status": "queued",
            "body": text(delivery),
            "from": "+380441112233",
            "date_created": format_datetime(NOON + timedelta(seconds=3)),
        }
        provider.script = lambda heard: Say(200, json.dumps({collection.lower(): [row]}))
        assert send(delivery).reference == "X1"
        assert [each.method for each in provider.heard] == ["GET"]

    @pytest.mark.parametrize(
        "row",
        [
            {"body": "another text"},
            {"status": "undelivered"},
            {"date_created": format_datetime(NOON - timedelta(minutes=3))},
            {"date_created": "nonsense"},
        ],
    )
    def test_what_is_not_it_is_not_taken_for_it(self, row: dict[str, str], deliver: Make, provider: Sink) -> None:
        delivery = deliver("twilio", channel="sms", attempts=2)
        usual = {"sid": "X1", "status": "sent", "body": text(delivery), "date_created": format_datetime(NOON)}
        listed = Say(200, json.dumps({"messages": [usual | row]}))
        provider.script = lambda heard: listed if heard.method == "GET" else Say(201, '{"sid":"SM2"}')
        assert send(delivery).reference == "SM2"

    def test_when_it_does_not_say_better_twice_than_never(self, deliver: Make, provider: Sink) -> None:
        provider.script = lambda heard: Say(500) if heard.method == "GET" else Say(201, '{"sid":"SM2"}')
        assert send(deliver("twilio", channel="sms", attempts=2)).reference == "SM2"

    def test_two_texts_that_say_the_same_differ_in_their_mark(self, deliver: Make) -> None:
        first = deliver("twilio", channel="sms")
        second = deliver("twilio", channel="sms")
        second.key = "page-7/round-2/member-1"
        assert text(first)[:-7] == text(second)[:-7]
        assert text(first) != text(second)


class TestTwiliosReports:
    def test_are_asked_for_at_an_address_of_the_deliverys_own(self, deliver: Make, provider: Sink) -> None:
        provider.script = lambda heard: Say(201, '{"sid":"X1"}')
        delivery = deliver("twilio", channel="voice")
        address = address_of(delivery.integration, delivery.pk)
        assert address == f"https://desk.example/oro/hooks/{delivery.integration.token}/9/"
        send(delivery)
        send(deliver("twilio", channel="sms"))
        call, sms = (parse_qs(each.body.decode()) for each in provider.heard)
        assert (call["StatusCallback"], call["StatusCallbackEvent"]) == ([address], ["answered", "completed"])
        assert sms["StatusCallback"][0].endswith("/9/")
        assert "StatusCallbackEvent" not in sms

    @pytest.mark.parametrize("without", ["https", "token"])
    def test_are_not_where_they_could_not_come_or_not_be_believed(
        self, without: str, deliver: Make, provider: Sink, settings: Settings
    ) -> None:
        provider.script = lambda heard: Say(201, '{"sid":"X1"}')
        delivery = deliver("twilio", channel="sms")
        if without == "https":
            settings.BASE_URL = "http://localhost:8000"
        else:
            delivery.integration.config["key"] = "SK" + "b" * 32
        send(delivery)
        assert "StatusCallback" not in parse_qs(provider.heard[0].body.decode())
