from __future__ import annotations

import time
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Any

import environ
import structlog
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.management.base import BaseCommand
from django.db import connection

from supportdesk.timers import health
from supportdesk.timers.watch import LASTING, SETTLING, Watch, Word, look

log = structlog.get_logger(__name__)

EVERY = 10.0  # seconds
MAIL_SECONDS = 10


class Command(BaseCommand):
    help = "Watches the workers and tells OPERATOR_EMAILS by plain e-mail when nothing has fired for a minute."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="look once, say how it is, end with 1 when it is bad")
        for name, default, said in (
            ("--every", EVERY, "between two looks"),
            ("--lasting", LASTING.total_seconds(), "how long a trouble lasts before it is told"),
            ("--settling", SETTLING.total_seconds(), "how long nothing is told after the start"),
        ):
            parser.add_argument(name, type=_seconds, default=default, metavar="SECONDS", help=f"{said} ({default:g})")

    def handle(self, *, once: bool, every: float, lasting: float, settling: float, **options: Any) -> None:
        if once:
            state = health.engine()
            self.stdout.write(state.reason or "All is well.")
            raise SystemExit(1 if state.reason else 0)
        watch = Watch(
            began_at=datetime.now(UTC), settling=timedelta(seconds=settling), lasting=timedelta(seconds=lasting)
        )
        unsent: Word | None = None
        self.stdout.write(f"Watching for {', '.join(settings.OPERATOR_EMAILS) or 'nobody (set OPERATOR_EMAILS)'}.")
        while True:
            state = health.engine()
            connection.close()  # it is looked at every time as by somebody who comes anew
            watch, word = look(
                watch,
                reason=state.reason,
                oldest_due_seconds=state.oldest_due_seconds,
                set_aside=state.quarantined,
                at=datetime.now(UTC),
            )
            unsent = word or unsent
            if unsent is not None and tell(unsent):
                unsent = None
            # Nothing can wake whoever looks for silence: that the workers and the database say nothing is the trouble.
            time.sleep(every)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= 86_400:
        raise ArgumentTypeError(f"{text!r} is not a number of seconds from 0 to 86400")
    return seconds


def tell(word: Word) -> bool:
    """By plain e-mail, past outbox and workers. False when it could not be sent: it is tried again at the next look."""
    log.critical("operators_told", subject=word.subject, body=word.body)
    if not settings.OPERATOR_EMAILS:
        return True
    try:
        message = EmailMessage(
            word.subject, f"{word.body}\n\n{settings.BASE_URL}/healthz", to=settings.OPERATOR_EMAILS, connection=_mail()
        )
        message.send()
    except Exception as error:
        log.exception("operators_not_told", error=str(error))
        return False
    return True


def _mail() -> Any:
    if not settings.WATCH_EMAIL_URL:
        return get_connection(timeout=MAIL_SECONDS)
    own = environ.Env.email_url_config(settings.WATCH_EMAIL_URL)
    return get_connection(
        own["EMAIL_BACKEND"],
        host=own["EMAIL_HOST"],
        port=own["EMAIL_PORT"],
        username=own["EMAIL_HOST_USER"],
        password=own["EMAIL_HOST_PASSWORD"],
        use_tls=own.get("EMAIL_USE_TLS", False),
        use_ssl=own.get("EMAIL_USE_SSL", False),
        timeout=MAIL_SECONDS,
    )
