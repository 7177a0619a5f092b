"""E-mail by Django's mail interface: anymail's providers, SMTP, or the demo's kept mail, as EMAIL_BACKEND says."""

from __future__ import annotations

import hashlib
import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from email.utils import format_datetime, formataddr, parseaddr
from http import HTTPStatus
from typing import Any

from anymail.exceptions import AnymailAPIError, AnymailInvalidAddress, AnymailRecipientsRefused
from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils.translation import ngettext

from supportdesk.notifications.channels.base import Fault, Refused, Result, Sent, TryLater, asked_to_wait
from supportdesk.notifications.channels.http import link_of
from supportdesk.notifications.models import Delivery
from supportdesk.notifications.outbox import mail_domain

TIMEOUT_SECONDS = 10
GOODBYE = 421

_line: ContextVar[Line | None] = ContextVar("line", default=None)


class Line:
    """A connection to the mail server that is opened by the first message and stays open for the next."""

    def __init__(self) -> None:
        self._backend: Any = None

    def send(self, message: EmailMultiAlternatives) -> None:
        """A server may end a connection that has served for a while: then the message goes by a new one."""
        is_used = self._backend is not None
        try:
            self._try(message)
        except (smtplib.SMTPServerDisconnected, smtplib.SMTPResponseException) as error:
            if not is_used or getattr(error, "smtp_code", GOODBYE) != GOODBYE:
                raise
            self._try(message)

    def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            with suppress(Exception):  # it has sent what it had to
                backend.close()

    def _try(self, message: EmailMultiAlternatives) -> None:
        if self._backend is None:
            backend = get_connection(timeout=TIMEOUT_SECONDS)
            backend.open()
            self._backend = backend
        message.connection = self._backend
        try:
            message.send()
        except BaseException:
            self.close()
            raise


@contextmanager
def one_line() -> Iterator[None]:
    """What is sent within it, by this thread, goes over one connection."""
    line = Line()
    token = _line.set(line)
    try:
        yield
    finally:
        _line.reset(token)
        line.close()


def send(delivery: Delivery) -> Result:
    message = compose(delivery)
    line = _line.get() or Line()
    try:
        line.send(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        return _by_code(code >= 500, f"{code} {text.decode(errors='replace')}", "message")
    except smtplib.SMTPResponseException as error:
        refused = error.smtp_code >= 500 and not isinstance(
            error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError
        )
        return _by_code(refused, f"{error.smtp_code} {error.smtp_error!r}")
    except (AnymailRecipientsRefused, AnymailInvalidAddress) as error:
        return Refused(str(error))
    except AnymailAPIError as error:
        return _by_status(error)
    finally:
        if line is not _line.get():
            line.close()
    return Sent(reference=str(message.extra_headers["Message-ID"]))


def compose(delivery: Delivery) -> EmailMultiAlternatives:
    """The message: plain text with an HTML alternative, with the headers for threads, filters and loop protection.
    What travels along stands below, each under its own title."""
    vendor = delivery.vendor
    parts = [delivery, *delivery.along]
    context = {"vendor": vendor, "delivery": delivery, "parts": [(each, link_of(each)) for each in parts]}
    is_one_thread = all(each.headers == delivery.headers for each in parts)
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    message = EmailMultiAlternatives(
        subject=subject(delivery),
        body=render_to_string("notifications/email.txt", context, using="jinja2").strip() + "\n",
        from_email=formataddr((vendor.name, sender)),
        to=[delivery.address],
        headers={
            **(delivery.headers if is_one_thread else {}),
            "Message-ID": message_id(delivery),
            "Date": format_datetime(delivery.queued_at),
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "All",
            "List-Id": formataddr((f"{vendor.name} support", f"{vendor.slug}.{mail_domain()}")),
            "X-Supportdesk-Vendor": vendor.slug,
            "X-Supportdesk-Kind": delivery.kind,
        },
    )
    message.attach_alternative(render_to_string("notifications/email.html", context, using="jinja2"), "text/html")
    return message


def subject(delivery: Delivery) -> str:
    """``[Oro] #12 Checkout is down — new reply``; of several, the first and how many more there are."""
    number = f"#{delivery.ticket_number} " if delivery.ticket_number is not None else ""
    more = ""
    if delivery.along:
        more = " " + ngettext("(and %(count)s more)", "(and %(count)s more)", len(delivery.along)) % {
            "count": len(delivery.along)
        }
    return " ".join(f"[{delivery.vendor.name}] {number}{delivery.subject}{more}".split())


def message_id(delivery: Delivery) -> str:
    """The same for every attempt at one delivery, so that a repeat is recognisable."""
    name = f"{delivery.vendor_id}/{delivery.channel}/{delivery.key}"
    return f"<{hashlib.sha256(name.encode()).hexdigest()[:40]}@{mail_domain()}>"


def _by_status(error: AnymailAPIError) -> Result:
    """A provider's HTTP answer: 4xx is for good, except being too fast, too slow or not (yet) let in."""
    status = error.status_code
    temporary = {
        HTTPStatus.UNAUTHORIZED,
        HTTPStatus.FORBIDDEN,
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.TOO_MANY_REQUESTS,
    }
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        wait = asked_to_wait(error.response.headers) if error.response is not None else None
        return TryLater(str(error)[:2000], wait, fault="throttle")
    if status is None or status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in temporary:
        return TryLater(
            str(error)[:2000], asked_to_wait(error.response.headers) if error.response is not None else None
        )
    return Refused(str(error)[:2000])


def _by_code(refused: bool, reason: str, fault: Fault = "destination") -> Result:
    return Refused(reason) if refused else TryLater(reason, fault=fault)
