"""A PostgreSQL server of the tests' own, with the settings it runs with in earnest: to be killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from supportdesk.runtime import embedded
from supportdesk.runtime.cluster import SUPERUSER

MIGRATED = "migrated"
APART = 1_000_000
"""So far apart are the ids of two databases, so that what the application remembers by id is never another's."""


class Server:
    def __init__(self, var: Path) -> None:
        self._folder = var / "postgres"
        self._made = 0
        self.up()
        self._run(f"CREATE DATABASE {MIGRATED} OWNER {embedded.ROLE}")
        env = os.environ | {"DATABASE_URL": f"postgres:///{self.sockets}/{MIGRATED}", "PGUSER": embedded.ROLE}
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, env=env | {"SECRET_KEY": "x" * 50}, cwd=settings.BASE_DIR, check=True, timeout=300)

    @property
    def sockets(self) -> Path:
        return embedded.socket_folder(self._folder)

    def up(self) -> None:
        """Returns when it takes connections."""
        embedded.attach(self._folder)

    def kill(self) -> None:
        """SIGKILL to the server and each of its processes, as when a machine runs out of memory. Returns when it is
        gone; what is connected finds out by itself."""
        postmaster = int((self._folder / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for each in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGKILL)
        patience = time.monotonic() + 20
        while embedded.is_running(self._folder):
            assert time.monotonic() < patience, "the server is still there"
            time.sleep(0.01)

    def close(self) -> None:
        embedded.detach(self._folder)

    @contextmanager
    def database(self) -> Iterator[None]:
        """A migrated database of one's own, which is Django's within."""
        self._made += 1
        name = f"test_{self._made}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {MIGRATED} OWNER {embedded.ROLE}")
        usual = connections["default"]
        own: dict[str, Any] = usual.settings_dict | {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(self.sockets),
            "PORT": "",
            "USER": embedded.ROLE,
            "PASSWORD": "",
            "NAME": name,
        }
        connections["default"] = DatabaseWrapper(own, "default")
        try:
            self._number_from(self._made * APART)
            yield
        finally:
            connections["default"].close()
            connections["default"] = usual

    def _number_from(self, first: int) -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences")
            for (name,) in cursor.fetchall():
                cursor.execute(f"ALTER SEQUENCE {name} RESTART WITH {first}")

    def _run(self, sql: str) -> None:
        session = psycopg2.connect(host=str(self.sockets), user=SUPERUSER, dbname=SUPERUSER)
        try:
            session.autocommit = True
            with session.cursor() as cursor:
                cursor.execute(sql)
        finally:
            session.close()


@contextmanager
def running() -> Iterator[Server]:
    var = Path(tempfile.mkdtemp(prefix="supportdesk-"))
    var.chmod(0o755)  # the server has an account of its own
    server = Server(var)
    try:
        yield server
    finally:
        server.close()
        shutil.rmtree(var)
