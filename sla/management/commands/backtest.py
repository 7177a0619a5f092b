"""`manage.py backtest`: how promises would have been kept over a past period under an edited contract file."""

from __future__ import annotations

import json
import os
import sys
import time
from argparse import ArgumentParser
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from plans.contract import Contract, ContractError, read_file
from sla import backtest_runs
from sla.attainment import Counts, percent
from sla.backtest import Cell, Comparison, Flip
from sla.backtest_runs import Asked
from sla.counting import day
from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope

DEFAULT_DAYS = 90
FLIPS_SHOWN = 40
POLL_SECONDS = 0.3
COLUMNS = (
    "plan",
    "priority",
    "clock",
    "kept",
    "met",
    "late",
    "overdue",
    "running",
    "→ kept",
    "met",
    "late",
    "overdue",
    "running",
)


class Command(BaseCommand):
    help = "How promises would have been kept over a past period under an edited contract file. Nothing is changed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE", help="an edited contract file of a vendor with tickets")
        parser.add_argument("--from", dest="start", metavar="DATE", help=f"default: {DEFAULT_DAYS} days before --to")
        parser.add_argument("--to", dest="end", metavar="DATE", help="the last day; default: today")
        parser.add_argument(
            "--against-present", action="store_true", help="compare with today's terms, not with those of the time"
        )
        parser.add_argument(
            "--jobs", type=int, metavar="N", help="processes on this machine; default: workers or all cores"
        )
        parser.add_argument("--progress", action="store_true", help="show the bar although this is no terminal")
        parser.add_argument("--json", action="store_true", help="instants in UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the comparison; raises CommandError for a question that cannot be answered."""
        at = timezone.now()
        try:
            contract, _ = read_file(options["file"])
        except ContractError as error:
            raise CommandError(str(error)) from None
        vendor = Vendor.objects.filter(slug=contract.vendor.slug).first()
        if vendor is None:
            raise CommandError(f"'{contract.vendor.slug}' is not loaded: there is no past to test it on.")
        start, end = _period(options["start"], options["end"], vendor.zoneinfo, at)
        asked = Asked(start, end, options["against_present"])
        bar = Bar(sys.stderr, is_shown=options["progress"] or sys.stderr.isatty())
        if options["jobs"] is None and backtest_runs.has_workers(at):
            answer = _by_workers(vendor, contract, asked, at, bar)
        else:
            with vendor_scope(vendor):
                jobs = options["jobs"] or os.cpu_count() or 1
                answer = backtest_runs.run(contract, asked, at=at, jobs=jobs, progress=bar)
        bar.close()
        if options["json"]:
            period = {"from": asked.start.isoformat(), "to": asked.end.isoformat(), "at": at.isoformat()}
            self.stdout.write(json.dumps(period | answer.as_json(), indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(text(answer, asked, vendor.zoneinfo)))


class Bar:
    """How much is done, and how long the rest will take at this pace; on one line of a terminal."""

    WIDTH = 30

    def __init__(self, stream: TextIO, *, is_shown: bool) -> None:
        self.stream, self.is_shown = stream, is_shown
        self.began = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        if not self.is_shown or not total:
            return
        filled = self.WIDTH * done // total
        left = (time.monotonic() - self.began) / done * (total - done) if done else None
        pace = "" if left is None else f", {timedelta(seconds=round(left))} left"
        self.stream.write(f"\r[{'█' * filled}{'·' * (self.WIDTH - filled)}] {done:,} of {total:,} tickets{pace}\x1b[K")
        self.stream.flush()

    def close(self) -> None:
        if self.is_shown:
            self.stream.write("\r\x1b[K")
            self.stream.flush()


def _by_workers(vendor: Vendor, contract: Contract, asked: Asked, at: datetime, bar: Bar) -> Comparison:
    """Asks the workers and waits; whatever happens here, nothing of it is left for them to do."""
    with vendor_scope(vendor):
        backtest = backtest_runs.ask_workers(contract, asked, by=None, at=at)
    try:
        while True:
            with vendor_scope(vendor):
                done, total = backtest_runs.progress_of(backtest)
                bar(done, total)
                if done == total:
                    return backtest_runs.collect(backtest)
            time.sleep(POLL_SECONDS)
    finally:
        with vendor_scope(vendor):
            backtest_runs.withdraw(backtest)


def _period(start: str | None, end: str | None, zone: ZoneInfo, at: datetime) -> tuple[datetime, datetime]:
    """From the midnight that begins the first day to the one that ends the last, in the vendor's zone."""
    last = _date("--to", end) if end else at.astimezone(zone).date()
    first = _date("--from", start) if start else last - timedelta(days=DEFAULT_DAYS - 1)
    if first > last:
        raise CommandError(f"--from {first} is after --to {last}.")
    return _midnight(first, zone), _midnight(last + timedelta(days=1), zone)


def _date(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{option}: expected a date such as 2026-03-09, found '{text}'.") from None


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone)


def text(answer: Comparison, asked: Asked, zone: ZoneInfo) -> list[str]:
    """The table of what was kept, now → under the draft, and the clocks that would stand otherwise."""
    head = (
        f"Clocks started from {day(asked.start, zone)} to {day(asked.end, zone)} ({zone.key}), "
        f"{answer.tickets:,} tickets; left as it {'is' if asked.is_against_present else 'was'}, right under the draft."
    )
    rows = [COLUMNS, *(_row(answer, cell) for cell in answer.cells())]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = [_aligned(row, widths) for row in rows]
    flips = sorted(answer.flips, key=lambda flip: (flip.ticket_number, flip.started_at))
    clocks = "1 clock" if len(flips) == 1 else f"{len(flips):,} clocks"
    lines += ["", f"{clocks} would stand otherwise" + (":" if flips else ".")]
    lines += [_flip(flip, zone) for flip in flips[:FLIPS_SHOWN]]
    if len(flips) > FLIPS_SHOWN:
        lines.append(f"… and {len(flips) - FLIPS_SHOWN:,} more (--json has them all)")
    return [head, "", *lines]


def _row(answer: Comparison, cell: Cell) -> tuple[str, ...]:
    sides = [answer.now.get(cell, Counts()), answer.then.get(cell, Counts())]
    figures = [(percent(c.share), str(c.met), str(c.late), str(c.breached), str(c.running)) for c in sides]
    return (cell.plan, cell.priority, _name(cell), *figures[0], *figures[1])


def _aligned(row: tuple[str, ...], widths: list[int]) -> str:
    cells = [
        cell.ljust(width) if place < 3 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
    return "  ".join(cells).rstrip()


def _name(cell: Cell) -> str:
    return cell.metric.value.replace("_", " ") + (" (internal)" if cell.audience.value == "internal" else "")


def _flip(flip: Flip, zone: ZoneInfo) -> str:
    now, then = flip.now or "no clock", flip.then or "no clock"
    dues = [day(due_at, zone) if due_at else "never" for due_at in (flip.now_due_at, flip.then_due_at)]
    return f"#{flip.ticket_number} {flip.cell.priority} {_name(flip.cell)}: {now} → {then} (due {dues[0]} → {dues[1]})"
