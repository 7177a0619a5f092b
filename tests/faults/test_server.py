"""The database's server is killed outright in the middle of work and started again: recovery is PostgreSQL's, what had
been committed is there, what had not is done anew, and nothing is done twice. The workers are not told.

The server is one of the test's own, with durability as in ``make run``; the other tests keep theirs.
"""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from supportdesk.notifications.models import Delivery
from supportdesk.runtime import embedded
from supportdesk.runtime.postgresql import base
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import make_desk
from tests.faults.test_firing import LEASE_AND_MORE, SOON, breached, check_once, crowd, everybody_is_told
from tests.workers import Workers, database_now, eventually
from tickets.models import Event
from tickets.models.event import Kind

pytestmark = [pytest.mark.slow, pytest.mark.faults]

CLOCKS = 2_000
KILLS = 3
RECOVERY = 30.0
"""Seconds after the server answers again within which the workers go on: they look each half second, and a lease of a
transaction that died is none."""


@pytest.fixture
def server(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of a server of this test's own, with our tables in it; the connection leads there meanwhile."""
    home = Path(tempfile.mkdtemp(prefix="killed-"))
    home.chmod(0o755)
    folder, before = home / "postgres", dict(connection.settings_dict)
    connection.close()
    with monkeypatch.context() as patch:
        patch.setattr(base, "cluster_folder", lambda: folder)
        connection.settings_dict |= {"NAME": embedded.DATABASE, "USER": embedded.ROLE}
        call_command("migrate", verbosity=0)
        with connection.cursor() as cursor:  # no number of this database is one of the other's that this process knows
            cursor.execute("SELECT setval(format('%I.%I', schemaname, sequencename), 1000000) FROM pg_sequences")
        yield folder
        connection.close()
        embedded.detach(folder)
    connection.settings_dict |= before
    shutil.rmtree(home)


def kill(folder: Path) -> float:
    """Kills every process of the server at once, and starts it again; seconds until it answers."""
    postmaster = int((folder / "postmaster.pid").read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for process in (postmaster, *map(int, children)):
        os.kill(process, signal.SIGKILL)
    began = time.monotonic()
    connection.close()
    while embedded.is_running(folder):
        time.sleep(0.01)
    connection.ensure_connection()
    return time.monotonic() - began


def oldest_unfired() -> float:
    """Seconds since the oldest timer that is due and has not fired was due; 0 when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.vendor', '*', false)")
        cursor.execute(
            "SELECT coalesce(extract(epoch FROM statement_timestamp() - min(due_at)), 0) FROM timers_timer "
            "WHERE due_at < statement_timestamp() AND quarantined_at IS NULL"
        )
        age = float(cursor.fetchone()[0])
        cursor.execute("SELECT set_config('app.vendor', '', false)")
        return age


def test_the_server_is_killed_in_the_middle_again_and_again(
    server: Path, workers: Workers, record_property: Callable[[str, object], None]
) -> None:
    """Two thousand clocks come due within twenty seconds, one each 10 ms, and while two workers break them the
    server dies three times."""
    desk = make_desk("orocloud")
    workers.start("first")
    workers.start("second")
    crowd(desk, CLOCKS, due_at=database_now() + SOON, every=timedelta(milliseconds=10))
    answered, resumed = [], []
    for _ in range(KILLS):
        before = breached(desk)
        eventually(lambda: breached(desk) > before, workers.log)  # noqa: B023 (waited for at once)
        before = breached(desk)
        assert before < CLOCKS, "all was done before the server could be killed"
        answered.append(kill(server))
        began = time.monotonic()
        assert breached(desk) >= before, "what was committed is lost"
        eventually(lambda: breached(desk) > before, workers.log)  # noqa: B023
        resumed.append(time.monotonic() - began)
    eventually(lambda: breached(desk) == CLOCKS, workers.log, seconds=LEASE_AND_MORE)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, CLOCKS)
    assert all(process.poll() is None for process in workers.running), workers.log.read_text()
    assert oldest_unfired() < RECOVERY
    assert max(resumed) < RECOVERY
    with vendor_scope(desk.vendor):
        last_due = Event.objects.filter(kind=Kind.SLA_BREACHED).latest("at").at
        last_sent = Delivery.objects.filter(kind=Kind.SLA_BREACHED).latest("sent_at").sent_at
    assert last_sent is not None
    record_property("answered_after", [round(each, 2) for each in answered])
    record_property("firing_again_after", [round(each, 2) for each in resumed])
    record_property("last_send_minus_last_due", round((last_sent - last_due).total_seconds(), 2))
