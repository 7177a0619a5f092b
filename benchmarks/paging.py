"""Paging, end to end: `python benchmarks/paging.py`.

Beside 100,000 open clocks (`--clocks`), 2,000 pages (`--pages`) are opened within one second, each with three steps a
few seconds apart, and real workers (`--workers`) take the steps and send the notices. Measured, in the database's own
time: from the opening of a page to its first notice that can be seen, by any channel (which is the inbox, whose rows
are written with the step), and to its first e-mail sent; and from the due instant of each step to its commit. The
database is one of its own on the server that `make run` uses, and dropped at the end.
"""

# ruff: noqa: E402 (the framework is set up before its models are imported)
from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "supportdesk.settings")

import django

django.setup()

from django.db import connection

from benchmarks.firing import CHUNK, databases, name_of, settle, use
from escalation.models import Page
from escalation.opening import Opening, open_pages
from plans.actions import load_contract
from plans.contract import write
from plans.contract.edit import with_policies
from plans.policies import policy_of
from plans.queries import current_contract, policy_book
from supportdesk.notifications.models import Delivery, DeliveryState, Notice
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.lateness import quantile
from supportdesk.timers.models import Heartbeat
from tests.cast import Desk
from tests.crowd import copies
from tests.escalation.nights import on_call
from tests.workers import COMMAND, database_now, environment
from tickets.matters import matters_of
from tickets.models import Event, Ticket
from tickets.models.event import Kind

WAIT = "8 s"
STEPS = [
    {"notify": ["rota:bench"], "by": ["inbox", "email"]},
    {"wait": WAIT},
    {"notify": ["rota:bench/2"], "by": ["inbox", "email"]},
    {"wait": WAIT},
    {"notify": ["leads"], "by": ["inbox"]},
]


def prepare(desk: Desk, clocks: int) -> None:
    """So many open clocks that come due tomorrow or later, a rota and a policy of three steps."""
    every = timedelta(milliseconds=50)
    with vendor_scope(desk.vendor):
        ticket, tomorrow = Ticket.objects.get(), database_now() + timedelta(days=1)
        on_call(desk.dan, desk.carol, rota="Bench")
        contract = current_contract()
        assert contract is not None
        policy = {"slug": "bench", "name": "Bench", "when": ["manual"], "steps": STEPS}
        with_it = with_policies(contract, [policy])
        load_contract(with_it, by=None, at=database_now(), source_text=write(with_it))
    for done in range(0, clocks, CHUNK):
        with vendor_scope(desk.vendor):
            copies(ticket, min(CHUNK, clocks - done), due_at=tomorrow + done * every, every=every)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


@contextmanager
def workers(count: int) -> Iterator[None]:
    processes = [
        subprocess.Popen(
            [*COMMAND, "-n", f"bench-{number}@bench"],
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for number in range(count)
    ]
    try:
        while Heartbeat.objects.count() < count:
            assert all(process.poll() is None for process in processes), "a worker did not start"
            time.sleep(0.1)
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(30)


def open_all(desk: Desk, count: int) -> tuple[datetime, float]:
    """Opens so many pages, two hundred a transaction; when it began and how many seconds it took."""
    with vendor_scope(desk.vendor):
        book = policy_book()
        assert book is not None
        policy = policy_of(book.contract, "bench")
        assert policy is not None
        tickets = list(Ticket.objects.order_by("-pk")[:count])
        matters = matters_of(ticket.pk for ticket in tickets)
    begin = time.perf_counter()
    began_at = database_now()
    for done in range(0, count, 200):
        with vendor_scope(desk.vendor):
            now = database_now()
            some = tickets[done : done + 200]
            openings = [Opening(ticket, policy, matters[ticket.pk], "manual", now) for ticket in some]
            open_pages(openings, version_id=book.version_id)
    return began_at, time.perf_counter() - begin


def steps_taken(desk: Desk) -> int:
    with vendor_scope(desk.vendor):
        return Event.objects.filter(kind=Kind.PAGE_STEP).count()


def committed(desk: Desk, count: int, patience: float) -> dict[int, float]:
    """By event: seconds from the instant a step was due until it could be seen. Looks again all the time."""
    seen: dict[int, float] = {}
    last, begin = 0, time.monotonic()
    while len(seen) < 3 * count and time.monotonic() - begin < patience:
        with vendor_scope(desk.vendor), connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, extract(epoch FROM statement_timestamp() - at) FROM tickets_event "
                "WHERE id > %s AND kind = 'page.step' ORDER BY id",
                [last],
            )
            for event, late in cursor.fetchall():
                seen[event] = float(late)
                last = max(last, event)
        time.sleep(0.02)
    return seen


def lateness(desk: Desk) -> dict[int, list[float]]:
    """By step: seconds between the instant it was due and the one at which it was taken, in order."""
    late: dict[int, list[float]] = {}
    wait = timedelta(seconds=8)
    with vendor_scope(desk.vendor):
        opened = dict(Page.objects.values_list("pk", "opened_at"))
        due = dict(opened)
        for event in Event.objects.filter(kind=Kind.PAGE_STEP).order_by("at", "id"):
            page = event.data["page"]
            late.setdefault(event.data["step"], []).append((event.at - due[page]).total_seconds())
            due[page] += wait
    return {step: sorted(seconds) for step, seconds in late.items()}


def first_noticed(desk: Desk, seen: dict[int, float]) -> list[float]:
    """Seconds from the opening of each page until its first step, and the notices written with it, could be seen."""
    with vendor_scope(desk.vendor):
        opened = dict(Page.objects.values_list("pk", "opened_at"))
        told = set(Notice.objects.filter(kind="page").values_list("key", flat=True))
        first: dict[int, float] = {}
        for event in Event.objects.filter(kind=Kind.PAGE_STEP).order_by("-at", "-id"):
            if event.pk in seen and event.data["key"] in told:
                page = event.data["page"]
                first[page] = (event.at - opened[page]).total_seconds() + seen[event.pk]
    assert len(first) == len(opened), "somebody was not told"
    return sorted(first.values())


def first_sent(desk: Desk) -> list[float]:
    """Seconds from the opening of each page to its first e-mail sent, in order."""
    with vendor_scope(desk.vendor), connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM min(sent.sent_at) - page.opened_at) FROM escalation_page AS page "
            "JOIN notifications_delivery AS sent ON sent.vendor_id = page.vendor_id "
            "AND sent.occasion LIKE 'page-' || page.id || '-%%' AND sent.state = 'sent' GROUP BY page.id"
        )
        return sorted(float(row[0]) for row in cursor.fetchall())


def wait_until_sent(desk: Desk, patience: float) -> None:
    begin = time.monotonic()
    while time.monotonic() - begin < patience:
        with vendor_scope(desk.vendor):
            if not Delivery.objects.filter(state__in=(DeliveryState.PENDING, DeliveryState.SENDING)).exists():
                return
        time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--clocks", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=2_000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with databases([options.clocks]) as desk:
        use(name_of(options.clocks))
        print(f"Python {platform.python_version()}, {os.cpu_count()} cores, ", end="")
        print(f"load {os.getloadavg()[0]:.1f} before we begin")
        prepare(desk, options.clocks)
        settle()
        with workers(options.workers):
            _began, taken = open_all(desk, options.pages)
            print(f"{f'{options.pages:,} pages opened beside {options.clocks:,} clocks':<58}{taken:>10,.2f} s")
            seen = committed(desk, options.pages, patience=60 + options.pages / 20)
            wait_until_sent(desk, patience=60 + options.pages / 10)
        print(f"{'steps taken':<58}{len(seen):>10,}")
        for what, seconds in (("first notice", first_noticed(desk, seen)), ("first e-mail sent", first_sent(desk))):
            for share in (0.5, 0.99, 1.0):
                print(f"{f'{what} after the opening, p{share * 100:.0f}':<58}", end="")
                print(f"{quantile(seconds, share):>10,.2f} s")
        for step, late in lateness(desk).items():
            print(f"{f'lateness of step {step}, p50 / p99':<58}{quantile(late, 0.5):>10,.2f} /", end="")
            print(f"{quantile(late, 0.99):>6,.2f} s")


if __name__ == "__main__":
    main()
