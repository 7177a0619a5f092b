"""`manage.py preview`: which open clocks an edit would move, from when to when. Nothing is written."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from plans.contract import Contract, ContractError, read_file
from plans.contract.edit import with_holidays
from plans.queries import current_contract
from sla.counting import day
from sla.management.options import holidays
from sla.moves import Change, Move
from sla.preview import MovedClock, Preview, preview_contract
from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope

COLUMNS = ("ticket", "plan", "priority", "clock", "due now", "due then", "")


class Command(BaseCommand):
    help = "Which open clocks an edited contract file, or a new holiday, would move. Nothing is written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", metavar="FILE|VENDOR", help="an edited contract file; or, with --holiday, a vendor")
        parser.add_argument(
            "--holiday", action="append", default=[], metavar="DATE[=NAME]", help="closed on this date; may be repeated"
        )
        parser.add_argument("--calendar", metavar="SLUG", help="the calendar that gets the holidays")
        parser.add_argument("--json", action="store_true", help="instants in UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints what would move; raises CommandError for a question that cannot be answered."""
        at = timezone.now()
        try:
            vendor, contract = _edited(options["what"], options["holiday"], options["calendar"])
        except (ContractError, LookupError) as error:
            raise CommandError(str(error)) from None
        with vendor_scope(vendor):
            found = preview_contract(contract, at=at)
        if options["json"]:
            self.stdout.write(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(text(found, vendor.zoneinfo)))


def _edited(what: str, closed: list[str], calendar: str | None) -> tuple[Vendor, Contract]:
    if closed:
        vendor = _vendor(what)
        with vendor_scope(vendor):
            contract = current_contract()
        if contract is None:
            raise CommandError(f"No contract of '{what}' is loaded.")
        if calendar is None:
            raise CommandError(f"--calendar: say which: {', '.join(sorted(contract.calendars))}.")
        return vendor, with_holidays(contract, calendar, holidays(closed))
    if calendar is not None:
        raise CommandError("--calendar needs --holiday.")
    contract, _ = read_file(Path(what))
    return _vendor(contract.vendor.slug), contract


def _vendor(slug: str) -> Vendor:
    vendor = Vendor.objects.filter(slug=slug).first()
    if vendor is None:
        known = ", ".join(Vendor.objects.order_by("slug").values_list("slug", flat=True)) or "none is loaded"
        raise CommandError(f"There is no vendor '{slug}': {known}.")
    return vendor


def text(preview: Preview, zone: ZoneInfo) -> list[str]:
    """The table of what moves, in the vendor's zone, and what it adds up to."""
    concerned = _counted(preview.tickets, "open ticket")
    if not preview.clocks:
        return [f"No clock moves ({concerned} under terms that would change)."]
    rows = [COLUMNS, *(_row(each, zone) for each in preview.clocks)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    parts = [
        f"{_counted(len(preview.clocks), 'clock')} of {_counted(preview.moved_tickets, 'ticket')} would change, "
        f"among {concerned} under terms that would.",
        f"{preview.count(Change.MOVES)} move, {preview.count(Change.BEGINS)} begin, {preview.count(Change.ENDS)} end; "
        f"{preview.becoming_breached} become overdue, {preview.rescued} no longer are.",
        f"Instants are in {zone.key}.",
    ]
    return [*lines, "", *parts]


def _row(clock: MovedClock, zone: ZoneInfo) -> tuple[str, ...]:
    move = clock.move
    name = move.metric.value.replace("_", " ") + (" (internal)" if move.audience.value == "internal" else "")
    return (
        f"#{clock.ticket_number}",
        clock.plan,
        move.priority,
        name,
        _due(move.old_due_at, move.change is Change.BEGINS, zone),
        _due(move.new_due_at, move.change is Change.ENDS, zone),
        _remark(move),
    )


def _due(due_at: datetime | None, is_none: bool, zone: ZoneInfo) -> str:
    if due_at is not None:
        return day(due_at, zone)
    return "not promised" if is_none else "never"


def _remark(move: Move) -> str:
    remarks = []
    if move.is_paused:
        remarks.append("paused: as if resumed now")
    if move.becomes_breached:
        remarks.append("becomes overdue")
    if move.is_rescued:
        remarks.append("no longer overdue")
    return ", ".join(remarks)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
