"""Whoever watches is a process of its own with a mail server of its own: the only worker stands still, the desk's own
mail server is away, and the operators are told all the same; and again when it goes on."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection

from supportdesk.accounts.models import Vendor
from tests.faults.figures import Figures
from tests.faults.messages import Record, check_each_once, hook, queue, unsettled
from tests.faults.postbox import Postbox, receiving
from tests.faults.shadows import a_clock_that_jumps, jump
from tests.faults.sink import Sink
from tests.workers import Workers, environment, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

COMMAND = [sys.executable, "manage.py", "watch", "--every", "0.3", "--lasting", "0.6", "--settling", "0"]
NOBODY = "smtp://127.0.0.1:9"


@contextmanager
def watching(postbox: Postbox, fleet: Workers) -> Iterator[None]:
    env = environment() | {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_URL": NOBODY,
        "WATCH_EMAIL_URL": postbox.url,
        "OPERATOR_EMAILS": "ops@example.com",
        "PYTHONUNBUFFERED": "1",
    }
    with fleet.log.open("ab") as log:
        watcher = subprocess.Popen(COMMAND, env=env, cwd=settings.BASE_DIR, stdout=log, stderr=log)
    try:
        eventually(lambda: "Watching for ops@example.com" in fleet.log.read_text(), fleet.log)
        yield
        assert watcher.poll() is None, fleet.log.read_text()
    finally:
        watcher.kill()
        watcher.wait(10)


def test_a_worker_that_stands_still_is_told_of_by_the_second_path(
    oro: Vendor, sink: Sink, fleet: Workers, figures: Figures, record_property: Record
) -> None:
    to = hook(oro, sink)
    with a_clock_that_jumps(), receiving() as postbox:
        connection.close()
        only = fleet.start("only")
        with watching(postbox, fleet):
            only.send_signal(signal.SIGSTOP)
            queue(to, 5)
            assert postbox.mails == [], "a silence of some seconds is none"
            jump(70 / 3600)
            eventually(lambda: postbox.subjects == ["supportdesk does not fire"], fleet.log)
            with figures.recovery(within=30):
                only.send_signal(signal.SIGCONT)
                eventually(lambda: len(postbox.mails) > 1, fleet.log)
            eventually(lambda: not unsettled(oro), fleet.log)
    connection.close()
    first, second = postbox.mails
    assert (first["To"], second["Subject"]) == ("ops@example.com", "supportdesk fires again")
    said = first.get_content()
    assert "No worker's pump has been heard from for a minute." in said
    assert "/healthz" in said
    check_each_once(oro, sink, 5, record_property, most_repeats=5)
    figures.check(fire=70 + 60, send=70 + 60, oldest=60)
