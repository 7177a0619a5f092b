"""Firing, end to end: `python benchmarks/firing.py`.

500 clocks come due among 1,000, 100,000 and 1,000,000 open ones (`--most` for fewer); then 10,000 at one instant; then
a real worker among the most, idle and with a clock due every tenth of a second. Each size is a database of its own on
the server that `make run` uses, filled by the database itself from one ticket that was filed in the ordinary way, and
dropped at the end. A firing is everything: claimed, breached, on the timeline, people told, timers set, committed.
"""

# ruff: noqa: E402 (the framework is set up before its models are imported)
from __future__ import annotations

import argparse
import gc
import os
import platform
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")

import django

django.setup()

import psycopg2
from django.db import connection

from sla.reactions import TIMER
from supportdesk.notifications.models import Delivery, DeliveryState
from supportdesk.runtime.cluster import SUPERUSER
from supportdesk.runtime.database import is_embedded
from supportdesk.tenancy.scope import all_vendors, vendor_scope
from supportdesk.timers import actions as timers
from supportdesk.timers.firing import fire_due
from supportdesk.timers.lateness import quantile
from supportdesk.timers.models import Heartbeat
from tests.cast import Desk, make_desk
from tests.crowd import copies
from tests.sla.test_reactions import filed
from tests.workers import COMMAND, database_now, environment
from tickets.models import Ticket

psutil: Any = import_module("psutil")  # has no type stubs

SIZES = (1_000, 100_000, 1_000_000)
AT_ONCE = 500
ROUNDS = 15
HERD = 10_000
CHUNK = 50_000
WATCHED_SECONDS = 30
TRICKLE = timedelta(milliseconds=100)
WHY = "a benchmark"


def name_of(size: int) -> str:
    return f"bench_{os.getpid()}_{size}"


def use(database: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = database


def on_the_server(*statements: str) -> None:
    use("postgres")
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def databases(sizes: list[int]) -> Iterator[Desk]:
    """One database for each size, each with one desk and one ticket; gone at the end."""
    pattern = name_of(1)
    before = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = pattern
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        desk = make_desk("orocloud")
        with vendor_scope(desk.vendor):
            filed(desk, at=database_now())
        for size in sizes:
            drop = f"DROP DATABASE IF EXISTS {name_of(size)} WITH (FORCE)"
            on_the_server(drop, f"CREATE DATABASE {name_of(size)} TEMPLATE {pattern}")
        yield desk
    finally:
        gone = [pattern, *map(name_of, sizes)]
        on_the_server(*(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)" for database in gone))
        use(before)


def fill(desk: Desk, size: int) -> float:
    """Seconds that it took. All come due tomorrow or later, one each 50 ms."""
    began, every = time.perf_counter(), timedelta(milliseconds=50)
    use(name_of(size))
    with vendor_scope(desk.vendor):
        ticket, tomorrow = Ticket.objects.get(), database_now() + timedelta(days=1)
    for done in range(0, size, CHUNK):
        with vendor_scope(desk.vendor):
            count = min(CHUNK, size - done)
            copies(ticket, count, due_at=tomorrow + done * every, every=every, assignees=[desk.carol, desk.dan])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    return time.perf_counter() - began


def settle() -> None:
    """Writes out what making the tickets left behind, so that its wake is not measured; on the embedded server, whose
    superuser we are."""
    if is_embedded():
        server = psycopg2.connect(host=connection.settings_dict["HOST"], user=SUPERUSER, dbname=SUPERUSER)
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("CHECKPOINT")
        server.close()


def come_due(desk: Desk, count: int, *, since: datetime, every: timedelta = timedelta(0)) -> None:
    """So many of the clocks, taken at random, come due now, whether or not they did before."""
    with vendor_scope(desk.vendor), connection.cursor() as cursor:
        cursor.execute("SELECT min(ticket_id), max(ticket_id) FROM sla_clock")
        first, last = cursor.fetchone()
        some = random.sample(range(first, last + 1), min(2 * count, last + 1 - first))
        cursor.execute("SELECT ticket_id FROM sla_clock WHERE ticket_id = ANY(%s)", [some])
        chosen = [row[0] for row in cursor.fetchmany(count)]
        instants = [since + place * every for place in range(count)]
        cursor.execute(
            "UPDATE sla_clock SET breached_at = NULL, due_at = wanted.due_at "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS wanted (ticket, due_at) "
            "WHERE vendor_id = %s AND ticket_id = wanted.ticket",
            [chosen, instants, desk.vendor.pk],
        )
        timers.set_many(TIMER, dict(zip(chosen, instants, strict=True)))


def firing(desk: Desk) -> float:
    """Seconds to fire 500."""
    come_due(desk, AT_ONCE, since=database_now() - timedelta(seconds=1))
    began = time.perf_counter()
    fired = fire_due(limit=AT_ONCE)
    taken = time.perf_counter() - began
    assert fired == AT_ONCE
    return taken


def herd(desk: Desk, count: int) -> float:
    """Seconds until so many clocks that came due at one instant are fired, by one pump."""
    come_due(desk, count, since=database_now() - timedelta(seconds=1))
    began, fired = time.perf_counter(), 0
    while now := fire_due():
        fired += now
    assert fired == count
    return time.perf_counter() - began


@contextmanager
def worker() -> Iterator[Any]:
    process = subprocess.Popen(
        [*COMMAND, "-n", "bench@bench"], env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        while not Heartbeat.objects.filter(worker="bench@bench").exists():
            assert process.poll() is None, "the worker did not start"
            time.sleep(0.1)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(20)


def busy(process: Any) -> tuple[float, float]:
    """CPU seconds so far of the worker, and of its sessions in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        sessions = [psutil.Process(pid) for (pid,) in cursor.fetchall()]
    return _seconds([process, *process.children(recursive=True)]), _seconds(sessions)


def _seconds(processes: list[Any]) -> float:
    return float(sum(sum(process.cpu_times()[:2]) for process in processes))


def idle(process: Any) -> tuple[float, float]:
    """Shares of one core over half a minute in which nothing comes due and everything has been sent."""
    while _is_sending():
        time.sleep(0.5)
    time.sleep(5)
    before = busy(process)
    time.sleep(WATCHED_SECONDS)
    after = busy(process)
    return (after[0] - before[0]) / WATCHED_SECONDS, (after[1] - before[1]) / WATCHED_SECONDS


def _is_sending() -> bool:
    with all_vendors(WHY):
        return Delivery.objects.exclude(state=DeliveryState.SENT).exists()


def lateness(desk: Desk) -> list[float]:
    """Seconds from each due instant until the breach can be seen on the timeline, in order; the clocks come due
    steadily and the worker tells people of each."""
    count = int(WATCHED_SECONDS / TRICKLE.total_seconds())
    begin = database_now() + timedelta(seconds=15)
    come_due(desk, count, since=begin, every=TRICKLE)
    assert database_now() < begin, "making them due took longer than they had"
    late: list[float] = []
    with all_vendors(WHY), connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM tickets_event")
        last = cursor.fetchone()[0]
    while len(late) < count:
        with all_vendors(WHY), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, extract(epoch FROM statement_timestamp() - at) FROM tickets_event WHERE id > %s ORDER BY 1",
                [last],
            )
            for event, seconds in cursor.fetchall():
                last = event
                late.append(float(seconds))
        time.sleep(0.01)
    return sorted(late)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--most", type=int, default=SIZES[-1], help="the largest size that is measured")
    sizes = [size for size in SIZES if size <= parser.parse_args().most]
    gc.collect()
    gc.freeze()  # as a worker does
    with databases(sizes) as desk:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version")
            server = cursor.fetchone()[0]
        print(f"Python {platform.python_version()}, PostgreSQL {server}, {os.cpu_count()} cores, ", end="")
        print(f"load {os.getloadavg()[0]:.1f} before we begin")
        for size in sizes:
            print(f"{f'filling: {size:,} open tickets':<58}{fill(desk, size):>10,.0f} s")
        settle()
        rounds: dict[int, list[float]] = {size: [] for size in sizes}
        for number in range(ROUNDS + 1):
            for size in sizes:  # in turns, so that a busy moment of the machine strikes all
                use(name_of(size))
                taken = firing(desk)
                if number:
                    rounds[size].append(taken)
        for size in sizes:
            ms, ratio = median(rounds[size]) * 1000, median(rounds[size]) / median(rounds[sizes[0]])
            print(f"{f'500 due among {size:,} open clocks':<58}{ms:>10,.1f} ms{ratio:>7.2f} × of {sizes[0]:,}")
        use(name_of(sizes[-1]))
        together = min(HERD, sizes[-1])
        taken = herd(desk, together)
        print(f"{f'{together:,} due at one instant among {sizes[-1]:,}, one pump':<58}{taken:>10,.2f} s")
        with worker() as process:
            own, sessions = idle(process)
            print(f"{f'idle worker among {sizes[-1]:,}, of one core':<58}{own:>10.1%}")
            print(f"{'  its sessions in the database':<58}{sessions:>10.1%}")
            late = lateness(desk)
        for share in (0.5, 0.9, 0.99, 1.0):
            title = f"lateness p{share * 100:.0f}, ten a second among {sizes[-1]:,}"
            print(f"{title:<58}{quantile(late, share) * 1000:>10,.0f} ms")


if __name__ == "__main__":
    main()
