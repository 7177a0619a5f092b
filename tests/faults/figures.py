"""How late things were in a fault test, by rows that the database itself writes down while it happens.

*fire − due*: from the instant a timer was due to the transaction that fired it, or handed it to a task. *First send −
due*: from the instant for which a message was queued to the beginning of its first attempt. *Oldest unfired*: how long
the longest due timer has been waiting, asked ten times a second. *Recovered*: from the end of a
fault until everything was as if it had not been.

Each test under ``tests/faults`` says within what they must be; what they were is printed at the end of the run.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import connection

from supportdesk.tenancy.scope import ALL, SETTING
from supportdesk.timers.lateness import quantile
from tests.faults.sessions import params
from tests.workers import PATIENCE, eventually

LOOKS_EVERY = 0.1  # seconds

# The clock is the one that the session shows to the application, wherever its search_path leads; OLDEST is true.
WRITE_DOWN = """
CREATE TABLE seen_fired (kind text, subject_id bigint, due_at timestamptz, fired_at timestamptz);
CREATE TABLE seen_sending (delivery_id bigint PRIMARY KEY, queued_at timestamptz, began_at timestamptz);
CREATE TABLE seen_begin AS SELECT statement_timestamp() AS begin_at;
CREATE FUNCTION seen_fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF OLD.due_at <= statement_timestamp() THEN
        INSERT INTO public.seen_fired VALUES (OLD.kind, OLD.subject_id, OLD.due_at, statement_timestamp());
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION seen_sending() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO public.seen_sending VALUES (NEW.id, NEW.queued_at, statement_timestamp()) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER seen_fired AFTER UPDATE ON timers_timer FOR EACH ROW
    WHEN (NEW.due_at IS DISTINCT FROM OLD.due_at) EXECUTE FUNCTION seen_fired();
CREATE TRIGGER seen_sending AFTER UPDATE ON notifications_delivery FOR EACH ROW
    WHEN (NEW.state IN ('sending', 'sent') AND OLD.state = 'pending') EXECUTE FUNCTION seen_sending();"""
FORGET = """
DROP FUNCTION seen_fired() CASCADE; DROP FUNCTION seen_sending() CASCADE;
DROP TABLE seen_fired; DROP TABLE seen_sending; DROP TABLE seen_begin;"""

# What is dated before the test belongs to tickets that were filed into the past.
FIRED = "SELECT extract(epoch FROM fired_at - due_at) FROM seen_fired, seen_begin WHERE due_at >= begin_at ORDER BY 1"
SENDING = """
SELECT extract(epoch FROM began_at - queued_at) FROM seen_sending, seen_begin WHERE queued_at >= begin_at ORDER BY 1"""
OLDEST = """
SELECT coalesce(extract(epoch FROM max(pg_catalog.statement_timestamp() - due_at)), 0) FROM timers_timer, seen_begin
WHERE due_at BETWEEN begin_at AND pg_catalog.statement_timestamp() AND quarantined_at IS NULL"""


class Figures:
    def __init__(self, record: Callable[[str, object], None]) -> None:
        self.oldest = 0.0
        self.is_checked = False
        self._record = record
        self._stop = threading.Event()
        self._watcher = threading.Thread(target=self._watch, args=(params(),), daemon=True)
        _execute(WRITE_DOWN)
        self._watcher.start()

    def check(self, *, fire: float, oldest: float, send: float | None = None) -> None:
        """The figures of the whole test, each of which must be within so many seconds. ``send`` is left out where
        nothing is sent."""
        self.is_checked = True
        fired, sending = _seconds(FIRED), _seconds(SENDING)
        assert fired, "nothing was fired"
        self._publish("fire − due", fired)
        self._record("oldest unfired", round(self.oldest, 3))
        assert fired[0] >= 0, "fired before it was due"
        assert fired[-1] <= fire
        assert self.oldest <= oldest
        assert bool(sending) == (send is not None)
        if send is not None:
            self._publish("first send − due", sending)
            assert sending[-1] <= send

    @contextmanager
    def recovery(self, *, within: float) -> Iterator[None]:
        """Around what happens from the end of the fault until all is well again."""
        began = time.monotonic()
        yield
        lasted = time.monotonic() - began
        self._record("recovered", round(lasted, 3))
        assert lasted <= within

    def recovers(self, is_well: Callable[[], bool], log: Path, *, within: float) -> None:
        """The fault is over now; waits until all is well again."""
        with self.recovery(within=within):
            eventually(is_well, log, PATIENCE)

    def close(self) -> None:
        self._stop.set()
        self._watcher.join(10)
        _execute(FORGET)

    def _publish(self, name: str, ordered: list[float]) -> None:
        figures = {"p50": quantile(ordered, 0.5), "p99": quantile(ordered, 0.99), "max": ordered[-1]}
        self._record(name, {key: round(value, 3) for key, value in figures.items()})

    def _watch(self, params: dict[str, Any]) -> None:
        """Over a connection of its own, made again whenever it was cut."""
        while not self._stop.is_set():
            with suppress(psycopg2.Error):
                session = psycopg2.connect(**params)
                try:
                    self._look(session)
                finally:
                    session.close()
            self._stop.wait(LOOKS_EVERY)

    def _look(self, session: Any) -> None:
        while not self._stop.wait(LOOKS_EVERY):
            with session, session.cursor() as cursor:
                cursor.execute("SELECT set_config(%s, %s, true)", [SETTING, ALL])
                cursor.execute(OLDEST)
                self.oldest = max(self.oldest, float(cursor.fetchone()[0]))


@pytest.fixture
def database(transactional_db: None) -> None:
    """The database that the workers and the figures are about; a module that has a server of its own says otherwise."""


@pytest.fixture
def figures(database: None, record_property: Callable[[str, object], None]) -> Iterator[Figures]:
    figures = Figures(record_property)
    yield figures
    figures.close()


def sending_began() -> dict[int, datetime]:
    """When the first attempt of each delivery began, by its id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT delivery_id, began_at FROM seen_sending")
        return dict(cursor.fetchall())


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What was measured, by test; also when they ran in several processes."""
    reports = terminalreporter.getreports("passed") + terminalreporter.getreports("failed")
    measured = [each for each in reports if each.when == "call" and "fire − due" in dict(each.user_properties)]
    if measured:
        terminalreporter.section("faults, in seconds")
    for each in sorted(measured, key=lambda report: str(report.nodeid)):
        terminalreporter.write_line(each.nodeid.removeprefix("tests/faults/"))
        for name, value in each.user_properties:
            shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
            terminalreporter.write_line(f"    {name}: {shown}")


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def _seconds(sql: str) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [float(each) for (each,) in cursor.fetchall()]
