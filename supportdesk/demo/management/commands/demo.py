from __future__ import annotations

import os
import platform
import threading
import time
from argparse import ArgumentParser
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from datetime import datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Protocol

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.utils import timezone

from supportdesk.accounts.models import Vendor
from supportdesk.demo.outbox import telling_since
from supportdesk.demo.people import CASTS, Cast
from supportdesk.demo.seed import TICKETS_PER_VENDOR, is_seeded, seed, seed_imminent
from supportdesk.demo.stage import make_users

TOLD = timedelta(days=1)


class Command(BaseCommand):
    help = "Fills the desk with the demo's people and sixty days of their tickets. Once: a second call changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--again", action="store_true", help="remove the demo's tickets and tell new ones")
        parser.add_argument(
            "--tickets-per-vendor", type=int, default=TICKETS_PER_VENDOR, metavar="N", help="told for each vendor"
        )

    def handle(self, *, again: bool, tickets_per_vendor: int, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This is not a demo (DEMO is off); nothing was changed.")
        self._load_missing_contracts()
        vendors = {vendor.slug: vendor for vendor in Vendor.objects.filter(slug__in=[cast.vendor for cast in CASTS])}
        wanted = [
            (cast, vendors[cast.vendor])
            for cast in CASTS
            if cast.vendor in vendors and (again or not is_seeded(vendors[cast.vendor]))
        ]
        if not wanted:
            self.stdout.write("The demo is there already (--again tells it anew).")
            return
        self._tell(wanted, tickets_per_vendor)

    def _tell(self, wanted: list[tuple[Cast, Vendor]], tickets: int) -> None:
        make_users(cast for cast, _ in wanted)
        at = timezone.now()
        with telling_since(at - TOLD):
            self._seed(wanted, tickets, at)

    def _seed(self, wanted: list[tuple[Cast, Vendor]], tickets: int, at: datetime) -> None:
        if connection.in_atomic_block:  # what is not committed cannot be seen from other threads
            for cast, vendor in wanted:
                seed(cast, vendor, at=at, tickets_per_vendor=tickets)
        else:
            self._seed_side_by_side(wanted, tickets, at)
        for cast, vendor in wanted:
            seed_imminent(cast, vendor, at=timezone.now())

    def _seed_side_by_side(self, wanted: list[tuple[Cast, Vendor]], tickets: int, at: datetime) -> None:
        """Several vendors at a time: while the database works for one, the other's stories go on."""
        connections.close_all()
        pool, halted = _workers(min(len(wanted), (os.cpu_count() or 1) + 1))
        with pool:
            try:
                seedings = [(cast, pool.submit(_seed_one, cast, vendor, at, tickets)) for cast, vendor in wanted]
                for cast, seeding in seedings:
                    count, seconds = seeding.result()
                    self.stdout.write(f"{cast.name}: {count} tickets in {seconds:.1f} s")
            except BaseException:
                halted.set()
                raise

    def _load_missing_contracts(self) -> None:
        known = set(Vendor.objects.values_list("slug", flat=True))
        files = sorted(Path(settings.BASE_DIR, "contracts").glob("*.yaml"))
        missing = [str(path) for path in files if path.stem not in known]
        if missing:
            call_command("contract", "load", *missing, stdout=self.stdout)


class Halt(Protocol):
    """An event of threads or of processes."""

    def set(self) -> None: ...
    def is_set(self) -> bool: ...


_halted: list[Halt] = []


def _workers(count: int) -> tuple[Executor, Halt]:
    """Processes where they can be forked, so that every core works; threads elsewhere. They stop between two tickets
    when what is returned beside them is set."""
    if platform.system() == "Linux":
        context = get_context("fork")
        halt: Halt = context.Event()
        return ProcessPoolExecutor(count, mp_context=context, initializer=_halted.append, initargs=(halt,)), halt
    halt = threading.Event()
    return ThreadPoolExecutor(count, initializer=_halted.append, initargs=(halt,)), halt


def _seed_one(cast: Cast, vendor: Vendor, at: datetime, tickets: int) -> tuple[int, float]:
    """How many tickets, in how many seconds. A power cut may cost the last of them, which no demo minds."""
    began = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit TO off")
        count = seed(cast, vendor, at=at, tickets_per_vendor=tickets, is_halted=_halted[-1].is_set)
        return count, time.monotonic() - began
    finally:
        connection.close()
