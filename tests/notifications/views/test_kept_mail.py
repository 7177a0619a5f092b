"""The demo's mailbox, and the backend that fills it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import BadHeaderError, EmailMessage, EmailMultiAlternatives, get_connection
from django.test import Client

from supportdesk.notifications.models import KeptMail
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demo(settings: Any) -> None:
    settings.DEMO = True
    settings.EMAIL_BACKEND = "supportdesk.notifications.kept_mail.KeptMailBackend"


def keep(subject: str, to: str = "alice@northwind.example", html: str = "", **headers: str) -> KeptMail:
    message = EmailMultiAlternatives(
        subject, "Plain <text>\nof two lines", "support@oro.example", [to], headers=headers
    )
    message.connection = get_connection(timeout=10)
    if html:
        message.attach_alternative(html, "text/html")
    assert message.send() == 1
    return KeptMail.objects.latest("id")


def test_a_message_is_kept_with_all_that_would_have_been_sent() -> None:
    mail = keep("Hello", html="<p>Hello", **{"X-Supportdesk-Vendor": "oro", "Message-ID": "<7@oro.example>"})
    assert (mail.vendor_slug, mail.message_id, mail.recipients) == ("oro", "<7@oro.example>", "alice@northwind.example")
    assert (mail.text, mail.html) == ("Plain <text>\nof two lines", "<p>Hello")


def test_a_password_reset_belongs_to_no_vendor() -> None:
    message = EmailMessage("Reset", "Follow the link", None, ["alice@northwind.example"], connection=get_connection())
    message.send()
    assert KeptMail.objects.get().vendor_slug == ""


def test_what_a_mail_server_would_refuse_is_refused() -> None:
    with pytest.raises(BadHeaderError):
        keep("Hello\nBcc: mallory@elsewhere.example")
    assert not KeptMail.objects.exists()


def test_the_list_shows_the_newest_first_and_can_be_narrowed(client: Client) -> None:
    factories.VendorFactory.create(slug="oro")
    keep("First", **{"X-Supportdesk-Vendor": "oro"})
    keep("Second", to="bob@elsewhere.example")
    page = client.get("/demo/mail/").text
    assert page.index("Second") < page.index("First")
    assert "Second" not in client.get("/demo/mail/?vendor=oro").text
    assert "First" not in client.get("/demo/mail/?to=bob").text
    assert "No e-mail matches" in client.get("/demo/mail/?to=nobody").text


def test_many_come_page_by_page(client: Client) -> None:
    for number in range(60):
        keep(f"Number {number}.", Date=f"Fri, 13 Mar 2026 12:{number:02}:00 +0000")
    assert "Number 9." not in client.get("/demo/mail/").text
    second = client.get("/demo/mail/?page=2").text
    assert "Number 9." in second
    assert "Number 10." not in second
    assert client.get("/demo/mail/?page=nonsense").status_code == 200


def test_one_message_is_readable_and_escaped(client: Client) -> None:
    mail = keep("Hello", html="<p style='color:red'>Hello")
    page = client.get(f"/demo/mail/{mail.pk}/").text
    assert "Plain &lt;text&gt;" in page
    assert f"/demo/mail/{mail.pk}/html/" in page


def test_its_html_is_shown_apart_with_everything_but_styles_shut_out(client: Client) -> None:
    mail = keep("Hello", html="<p style='color:red'>Hello<script>alert(1)</script>")
    response = client.get(f"/demo/mail/{mail.pk}/html/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert client.get(f"/demo/mail/{keep('Plain').pk}/html/").status_code == 404


def test_outside_the_demo_there_is_no_such_page(client: Client, settings: Any) -> None:
    mail = keep("Hello")
    settings.DEMO = False
    for path in ("/demo/mail/", f"/demo/mail/{mail.pk}/", f"/demo/mail/{mail.pk}/html/"):
        assert client.get(path).status_code == 404
