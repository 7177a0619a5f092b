"""A desk of its own for the browser: a database, a web server and a worker, started as `manage.py up` starts them."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from escalation import policies
from plans import queries, terms
from supportdesk.runtime.children import Child
from supportdesk.runtime.management.commands.up import answers, web_command, worker_command
from tickets import triage

HOST = "127.0.0.1"
START_PATIENCE = 120.0
"""Seconds until web and worker must stand."""


@dataclass
class LiveDesk:
    """Where the desk answers, and the database behind it."""

    address: str
    database: str
    blocker: DjangoDbBlocker
    log: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def at_hand(self) -> Iterator[None]:
        """This process reads and writes the desk's database while inside.

        What is kept in the process by the number of a row belongs to one database: it is forgotten at both ends.
        """
        with self.blocker.unblock():
            other = connection.settings_dict["NAME"]
            _turn_to(self.database)
            try:
                yield
            finally:
                _turn_to(other)

    def say(self, name: str, line: str) -> None:
        self.log.append(f"{name}: {line}")

    def complaints(self) -> list[str]:
        """What web and worker logged that nobody should ever read."""
        return [line for line in self.log if "Traceback" in line or "Error" in line or "CRITICAL" in line]


def _turn_to(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database
    terms._terms_of.cache_clear()
    queries.contract_of.cache_clear()
    queries.policy_book_of.cache_clear()
    policies.ladder_in.cache_clear()
    triage.grades_of.cache_clear()


@contextlib.contextmanager
def live_desk(blocker: DjangoDbBlocker, media: Path) -> Iterator[LiveDesk]:
    """Makes the database anew, migrates it, and runs web and worker on it until the end of the block."""
    database = f"{connection.settings_dict['TEST']['NAME']}_live"
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    desk = LiveDesk(f"http://{HOST}:{port}", database, blocker)
    _execute(blocker, f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database}")
    children: list[Child] = []
    try:
        with desk.at_hand():
            call_command("migrate", interactive=False, verbosity=0)
            environment = _environment(desk, media)
        children = [
            Child("web", web_command(desk.address), environment, str(settings.BASE_DIR), desk.say),
            Child("worker", worker_command(), environment, str(settings.BASE_DIR), desk.say, " ready."),
        ]
        for child in children:
            child.start(time.monotonic())
        _wait_until_open(desk, children, port)
        yield desk
    finally:
        for child in children:
            child.ask_to_end()
        _wait_for_the_end(children)
        _execute(blocker, f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")


def database_now() -> datetime:
    """The clock that decides what is due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


def _environment(desk: LiveDesk, media: Path) -> dict[str, str]:
    """As an operator sets it, for one machine without Redis, with the demo's kept e-mail."""
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    database = connection.settings_dict
    if database["HOST"].startswith("/"):
        kept |= {"DATABASE_URL": f"postgres:///{database['HOST']}/{desk.database}", "PGUSER": database["USER"]}
    else:
        access = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT'] or 5432}"
        kept |= {"DATABASE_URL": f"postgres://{access}/{desk.database}"}
    return kept | {
        "DEMO": "1",
        "BASE_URL": desk.address,
        "MEDIA_ROOT": str(media),
        "SECRET_KEY": settings.SECRET_KEY,
        "PYTHONUNBUFFERED": "1",
        "WEB_CONCURRENCY": "1",
    }


def _wait_until_open(desk: LiveDesk, children: list[Child], port: int) -> None:
    patience = time.monotonic() + START_PATIENCE
    while not (all(child.is_ready(time.monotonic()) for child in children) and answers(HOST, port)):
        assert all(child.is_alive() for child in children), "\n".join(desk.log)
        assert time.monotonic() < patience, "\n".join(desk.log)
        time.sleep(0.1)


def _wait_for_the_end(children: list[Child]) -> None:
    patience = time.monotonic() + 10
    while any(child.is_alive() for child in children) and time.monotonic() < patience:
        time.sleep(0.05)
    for child in children:
        child.kill()


def _execute(blocker: DjangoDbBlocker, *statements: str) -> None:
    """From the server's own database: one cannot make or drop the one that is in use."""
    with blocker.unblock(), connection._nodb_cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
