"""Real worker processes on the test's own database, to be stopped and killed. Needs ``django_db(transaction=True)``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from supportdesk.timers.models import Heartbeat

PATIENCE = 120.0
"""Seconds that a busy machine may take for what is there in one on a free one; only a failure waits so long."""

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
    """Workers by name; ``log`` takes what all of them say, ``env`` is what their operator has set besides."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.env: dict[str, str] = {}
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self, name: str, **env: str) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            process = subprocess.Popen(
                [*COMMAND, "-n", f"{name}@test"],
                env=environment() | self.env | env,
                cwd=settings.BASE_DIR,
                stdout=log,
                stderr=log,
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


def eventually(is_so: Callable[[], bool], log: Path, seconds: float = PATIENCE) -> None:
    start = time.monotonic()
    while not is_so():
        assert time.monotonic() - start < seconds, log.read_text()
        time.sleep(0.02)


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now
