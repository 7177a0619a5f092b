from __future__ import annotations

import smtplib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from anymail.exceptions import AnymailAPIError, AnymailRecipientsRefused, AnymailRequestsAPIError
from django.core.mail import EmailMultiAlternatives

from supportdesk.accounts.models import Vendor
from supportdesk.notifications.channels import email
from supportdesk.notifications.channels.base import Refused, Result, Sent, TryLater
from supportdesk.notifications.models import Delivery

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


def a_delivery(**changes: Any) -> Delivery:
    return Delivery(
        **{
            "vendor": Vendor(pk=3, slug="oro", name="Oro & Sons", accent="#f7941d"),
            "channel": "email",
            "address": "alice@northwind.example",
            "key": "message-7/member-1",
            "kind": "replied",
            "ticket_number": 12,
            "subject": "Checkout is down — new reply",
            "body": "Hello **Alice**,\n\nit was the <cache> & the disk.",
            "path": "/oro/tickets/12/",
            "headers": {"References": "<ticket-12.3@desk.example>"},
            "queued_at": NOON,
            **changes,
        }
    )


@pytest.fixture(autouse=True)
def base_url(settings: Any) -> None:
    settings.BASE_URL = "https://desk.example"
    settings.DEFAULT_FROM_EMAIL = "Desk <support@desk.example>"


def html_of(message: EmailMultiAlternatives) -> str:
    content, kind = message.alternatives[0]
    assert kind == "text/html"
    return str(content)


def test_the_subject_says_whose_which_and_what() -> None:
    assert email.compose(a_delivery()).subject == "[Oro & Sons] #12 Checkout is down — new reply"
    assert email.compose(a_delivery(ticket_number=None)).subject == "[Oro & Sons] Checkout is down — new reply"


def test_plain_text_is_plain_and_html_is_escaped() -> None:
    message = email.compose(a_delivery())
    assert "it was the <cache> & the disk." in message.body
    assert "https://desk.example/oro/tickets/12/" in message.body
    assert "Oro & Sons's support desk" in message.body
    html = html_of(message)
    assert "<strong>Alice</strong>" in html
    assert "&lt;cache&gt; &amp; the disk" in html
    assert 'href="https://desk.example/oro/tickets/12/"' in html


def test_it_comes_from_the_vendor_by_our_address() -> None:
    message = email.compose(a_delivery())
    assert message.from_email == "Oro & Sons <support@desk.example>"
    assert message.to == ["alice@northwind.example"]


def test_headers_for_threads_filters_and_loop_protection() -> None:
    wire = email.compose(a_delivery()).message()
    assert wire["References"] == "<ticket-12.3@desk.example>"
    assert wire["Auto-Submitted"] == "auto-generated"
    assert "<oro.desk.example>" in wire["List-Id"]
    assert wire["X-Supportdesk-Vendor"] == "oro"
    assert wire["Date"] == "Fri, 13 Mar 2026 12:00:00 +0000"


def test_a_repeat_has_the_same_message_id_and_another_message_has_another() -> None:
    first = email.message_id(a_delivery())
    assert first == email.message_id(a_delivery(attempts=5))
    assert first != email.message_id(a_delivery(key="message-7/member-2"))
    assert first != email.message_id(a_delivery(vendor=Vendor(pk=4, slug="drud", name="Drud")))


def api_error(status: int, **headers: str) -> AnymailAPIError:
    response = requests.Response()
    response.status_code, response.reason = status, "said the provider"
    response.headers.update(headers)
    return AnymailRequestsAPIError(response=response)


@pytest.mark.parametrize(
    ("raised", "result"),
    [
        (None, Sent),
        (smtplib.SMTPRecipientsRefused({"alice@northwind.example": (550, b"no such mailbox")}), Refused),
        (smtplib.SMTPRecipientsRefused({"alice@northwind.example": (451, b"greylisted")}), TryLater),
        (smtplib.SMTPDataError(554, b"spam"), Refused),
        (smtplib.SMTPDataError(452, b"full"), TryLater),
        (smtplib.SMTPAuthenticationError(535, b"password"), TryLater),
        (smtplib.SMTPConnectError(554, b"not now"), TryLater),
        (AnymailRecipientsRefused(), Refused),
        (api_error(422), Refused),
        (api_error(500), TryLater),
        (api_error(401), TryLater),
    ],
)
def test_an_answer_is_for_good_or_for_now(
    monkeypatch: pytest.MonkeyPatch, raised: Exception | None, result: type[Result]
) -> None:
    def send(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        if raised is not None:
            raise raised
        return 1

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    assert isinstance(email.send(a_delivery()), result)


def test_a_provider_says_when_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    def send(self: EmailMultiAlternatives, fail_silently: bool = False) -> int:
        raise api_error(429, **{"Retry-After": "120"})

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    result = email.send(a_delivery())
    assert isinstance(result, TryLater)
    assert result.retry_after == timedelta(seconds=120)
    assert "429" in result.reason
