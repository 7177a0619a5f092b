"""`manage.py deadline`: when each promise of a plan would be due, and why."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from plans.contract import ContractError
from sla import counting
from sla.deadlines import Answer, Deadline, UnansweredError, deadlines
from sla.targets import BusinessDays

EARLIEST, LATEST = 1971, 2999
UTC_ZONE = ZoneInfo("Etc/UTC")


class Command(BaseCommand):
    help = "When each promise of a plan would be due for a ticket received at an instant, and why."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("vendor", metavar="VENDOR")
        parser.add_argument("plan", metavar="PLAN")
        parser.add_argument("priority", metavar="PRIORITY", help="a code as the vendor writes it: P1, Urgent, S1 …")
        parser.add_argument("--at", required=True, metavar="ISO", help="when it was received: 2026-03-06T16:30+02:00")
        parser.add_argument("--offering", metavar="SLUG", help="where a plan of one name is sold in several offerings")
        parser.add_argument("--json", action="store_true", help="a list, instants in UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the answer; raises CommandError with one sentence that names the choices."""
        try:
            answer = deadlines(
                options["vendor"],
                options["plan"],
                options["priority"],
                at=_instant(options["at"]),
                offering=options["offering"],
                contracts=Path(settings.BASE_DIR, "contracts"),
            )
        except (UnansweredError, ContractError) as error:
            raise CommandError(str(error)) from None
        if answer.from_file is not None:
            name = answer.from_file.name
            self.stderr.write(f"{options['vendor']} is not loaded in the database: counted from contracts/{name}.")
        if options["json"]:
            self.stdout.write(json.dumps([each.as_json() for each in answer.deadlines], indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(_text(answer, options["priority"], _instant(options["at"]))))


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise CommandError(f"--at: '{text}' does not say its offset from UTC: write {at.isoformat()}Z or …+02:00.")
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CommandError(f"--at: expected an instant such as 2026-03-06T16:30+02:00, found '{text}'.") from None
    if not EARLIEST <= at.year <= LATEST:
        raise CommandError(f"--at: expected a year between {EARLIEST} and {LATEST}, found {at.year}.")
    return at


def _text(answer: Answer, priority: str, at: datetime) -> list[str]:
    head = f"{answer.vendor_name}, {answer.plan_name}, {priority}: received {_both(at, answer.zone)}"
    if not answer.deadlines:
        return [head, "", "No clock: nothing is promised at this priority."]
    return [
        line for part in ([head], *(_lines(each, answer.zone) for each in answer.deadlines)) for line in (*part, "")
    ]


def _lines(deadline: Deadline, zone: ZoneInfo) -> list[str]:
    target = deadline.target
    lines = [
        f"{target.metric.value} ({target.audience.value}): {_due(deadline, zone)}",
        f"  promise   {target.promise}",
    ]
    if target.derived_from:
        lines.append(f"  derived   {target.derived_from}")
    if target.source:
        lines.append(f"  source    “{' '.join(target.source.split())}”")
    lines.append(f"  calendar  {target.calendar_name}, {target.calendar.zone}")
    if deadline.low_at is not None:
        lines.append(f"  earliest  {_both(deadline.low_at, zone)} (lower end of the range; promised is the upper)")
    if deadline.due_at is not None:
        used = counting.counted(target.calendar, deadline.start, deadline.due_at)
        label = "open time" if isinstance(target.amount, BusinessDays) else "counted  "
        spelt = counting.spelt(used, ZoneInfo(target.calendar.zone))
        lines += [f"  {label if number == 0 else '         '} {line}" for number, line in enumerate(spelt)]
    return lines


def _due(deadline: Deadline, zone: ZoneInfo) -> str:
    if deadline.target.is_best_effort:
        return "best effort, no instant is promised"
    if deadline.due_at is None:
        return "never due, the calendar has no such open time ahead"
    return f"due {_both(deadline.due_at, zone)}"


def _both(instant: datetime, zone: ZoneInfo) -> str:
    """In UTC and where the vendor is."""
    return f"{counting.day(instant, UTC_ZONE)} UTC ({counting.day(instant, zone)} {zone.key})"
