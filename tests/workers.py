"""Real worker processes on the test's own database, to be stopped and killed. Needs ``django_db(transaction=True)``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from queue import Queue

import pytest
from django.conf import settings
from django.db import connection

from supportdesk.timers.models import Heartbeat
from tests.nursery import OPTIONS

PATIENCE = 120.0
"""Seconds that a busy machine may take for what is there in one on a free one; only a failure waits so long."""

APP = "supportdesk.celery:app"
COMMAND = [sys.executable, "-m", "celery", "-A", APP, *OPTIONS]
LATE = ("SUPPORTDESK_KILL_AT",)
"""What a worker reads while it runs and not while it is loaded: two that differ in it can be of one nursery."""


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


class Worker:
    """One worker process, as ``subprocess.Popen`` would be."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.has_ended = threading.Event()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, seconds: float) -> int:
        assert self.has_ended.wait(seconds), f"worker {self.pid} is still there"
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class Nursery:
    """Starts workers of one environment; what is slow about it, loading, is done once. See ``tests/nursery.py``."""

    def __init__(self, app: str, env: Mapping[str, str], log: Path) -> None:
        self._born: Queue[Worker] = Queue()
        self._workers: dict[int, Worker] = {}
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.nursery", app],
                env=dict(env),
                cwd=settings.BASE_DIR,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._log = log
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def start(self, name: str, env: Mapping[str, str]) -> Worker:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"name": name, "log": str(self._log), "env": dict(env)}) + "\n")
        self._process.stdin.flush()
        return self._born.get(timeout=PATIENCE)

    def close(self) -> None:
        """Ends the workers that are left, too."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        for worker in self._workers.values():
            worker.kill()
        self._process.stdin.close()
        self._process.wait(10)
        self._listener.join(10)
        self._process.stdout.close()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if "born" in said:
                worker = self._workers[said["born"]] = Worker(said["born"])
                self._born.put(worker)
            else:
                worker = self._workers[said["ended"]]
                worker.returncode = said["code"]
                worker.has_ended.set()


class Workers:
    """Workers by name; ``log`` takes what all of them say, ``env`` is what their operator has set besides, ``app`` the
    Celery application they run."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.env: dict[str, str] = {}
        self.running: list[Worker] = []
        self._nurseries: dict[tuple[str, frozenset[tuple[str, str]]], Nursery] = {}

    def start(self, name: str, *, app: str = APP, **env: str) -> Worker:
        """Returns when its pump has been heard from, or when it has been killed where it was told to be."""
        late = {key: value for key, value in env.items() if key in LATE}
        early = environment() | self.env | {key: value for key, value in env.items() if key not in LATE}
        of = (app, frozenset(early.items()))
        if of not in self._nurseries:
            self._nurseries[of] = Nursery(app, early, self.log)
        worker = self._nurseries[of].start(f"{name}@test", late)
        self.running.append(worker)
        eventually(
            lambda: worker.has_ended.is_set() or Heartbeat.objects.filter(worker=f"{name}@test").exists(), self.log
        )
        is_mortal = "SUPPORTDESK_KILL_AT" in env
        assert worker.poll() is None or (is_mortal and worker.poll() == -signal.SIGKILL), self.log.read_text()
        return worker

    def close(self) -> None:
        for nursery in self._nurseries.values():
            nursery.close()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    workers = Workers(tmp_path / "worker.log")
    yield workers
    workers.close()


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
