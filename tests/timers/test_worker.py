"""A real worker process, killed and started again: the database remembers what it had to do."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from supportdesk.accounts.models import Membership, Role, User, Vendor
from supportdesk.notifications.actions import tell
from supportdesk.notifications.models import Delivery, DeliveryState, KeptMail
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Heartbeat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

COMMAND = [
    *(sys.executable, "-m", "celery", "-A", "supportdesk.celery:app", "worker", "--pool", "threads", "-c", "4"),
    *("-l", "info", "--without-gossip", "--without-mingle", "--without-heartbeat"),
]


def environment() -> dict[str, str]:
    """This test's own database, reached as an operator's would be."""
    database = connection.settings_dict
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "DEMO"}}
    if database["HOST"].startswith("/"):
        env |= {"DATABASE_URL": f"postgres:///{database['HOST']}/{database['NAME']}", "PGUSER": database["USER"]}
    else:
        access = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT'] or 5432}"
        env |= {"DATABASE_URL": f"postgres://{access}/{database['NAME']}"}
    return env | {
        "SECRET_KEY": settings.SECRET_KEY,
        "EMAIL_BACKEND": "supportdesk.notifications.kept_mail.KeptMailBackend",
    }


class Workers:
    def __init__(self, log: Path) -> None:
        self.log = log
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*COMMAND, "-n", f"{name}@test"], env=environment(), cwd=settings.BASE_DIR, stdout=log, stderr=log
            )
        self.running.append(process)
        eventually(lambda: bool(process.poll()) or Heartbeat.objects.filter(worker=f"{name}@test").exists(), self.log)
        assert process.poll() is None, self.log.read_text()
        return process


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(tmp_path / "worker.log")
    yield workers
    for process in workers.running:
        if process.poll() is None:
            process.kill()
        process.wait(10)


@pytest.fixture
def alice(oro: Vendor) -> Membership:
    with vendor_scope(oro):
        user = User.objects.create(name="Alice", email="alice@oro.example")
        member: Membership = Membership.objects.create(user=user, role=Role.AGENT)
        return member


def eventually(is_so: Callable[[], bool], log: Path, seconds: float = 40.0) -> None:
    start = time.monotonic()
    while not is_so():
        assert time.monotonic() - start < seconds, log.read_text()
        time.sleep(0.02)


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


def tell_at(alice: Membership, at: datetime, key: str) -> None:
    with vendor_scope(alice.vendor_id):
        tell(
            [alice],
            kind="reminder",
            title="It is time",
            body="",
            path="/oro/inbox/",
            key=key,
            at=at,
            channels=("email",),
        )


def states(vendor: Vendor) -> list[tuple[str, int]]:
    with vendor_scope(vendor):
        return list(Delivery.objects.order_by("id").values_list("state", "attempts"))


def test_killed_before_the_due_instant_and_started_after_it_sends_once(
    oro: Vendor, alice: Membership, workers: Workers
) -> None:
    first = workers.start("first")
    due_at = database_now() + timedelta(seconds=1.5)
    tell_at(alice, due_at, "reminder-1")
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    eventually(lambda: database_now() > due_at, workers.log)
    assert states(oro) == [(DeliveryState.PENDING, 0)]

    second = workers.start("second")
    eventually(lambda: states(oro) == [(DeliveryState.SENT, 1)], workers.log)
    assert KeptMail.objects.count() == 1

    before = time.monotonic()
    tell_at(alice, database_now(), "reminder-2")
    eventually(lambda: KeptMail.objects.count() == 2, workers.log)
    assert time.monotonic() - before < 2

    second.terminate()
    assert second.wait(20) == 0
    assert not Heartbeat.objects.filter(worker="second@test").exists()
    assert KeptMail.objects.count() == 2


def test_two_workers_send_each_message_once(oro: Vendor, alice: Membership, workers: Workers) -> None:
    workers.start("first")
    workers.start("second")
    at = database_now() + timedelta(seconds=1)
    for number in range(40):
        tell_at(alice, at, f"reminder-{number}")
    eventually(lambda: {state for state, _ in states(oro)} == {DeliveryState.SENT}, workers.log)
    assert states(oro) == [(DeliveryState.SENT, 1)] * 40
    assert KeptMail.objects.count() == KeptMail.objects.values("message_id").distinct().count() == 40
