"""`manage.py deadline`: when each promise of a plan would be due, and why."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from plans.contract import ContractError
from sla import counting, story
from sla.deadlines import Answer, Closing, Deadline, UnansweredError, deadlines
from sla.hypothetical import Told, told
from sla.management.options import holidays
from sla.story import VERBS, Setting, StoryError
from sla.targets import BusinessDays
from sla.textband import drawn

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
        parser.add_argument(
            "--holiday", action="append", default=[], metavar="DATE[=NAME]", help="closed then, besides"
        )
        parser.add_argument("--calendar", metavar="SLUG", help="the calendar that gets the holidays")
        parser.add_argument(
            "--explain", action="store_true", help="what the ticket's page says and shows of each clock"
        )
        parser.add_argument(
            "--then",
            action="append",
            default=[],
            metavar="LINE",
            help=f"what happens to the ticket, to be explained: '+45min reply; next-update +1h'; {', '.join(VERBS)}",
        )
        parser.add_argument("--events", metavar="FILE", help="such lines in a file; - reads them from the input")
        parser.add_argument("--now", metavar="ISO", help="explained as of then; left out, of the last that happened")
        parser.add_argument("--json", action="store_true", help="a list, instants in UTC")

    def handle(self, *args: Any, **options: Any) -> None:
        """Prints the answer; raises CommandError with one sentence that names the choices."""
        try:
            question = _question(options)
            answer = question.answer(options["priority"], options["at"])
            if answer.from_file is not None:
                name = answer.from_file.name
                self.stderr.write(f"{options['vendor']} is not loaded in the database: counted from contracts/{name}.")
            if options["explain"] or options["then"] or options["events"]:
                self.stdout.write(_explained(question, answer, options))
                return
        except (UnansweredError, ContractError, StoryError) as error:
            raise CommandError(str(error)) from None
        if options["json"]:
            self.stdout.write(_json(each.as_json() for each in answer.deadlines))
        else:
            self.stdout.write("\n".join(_text(answer, options["priority"], _instant(options["at"]))))


@dataclass(frozen=True)
class _Question:
    """What the command was asked, but for the plan, priority and instant, which a story may change."""

    vendor: str
    plan: str
    offering: str | None
    closing: Closing | None

    def answer(self, priority: str, at: str | datetime, *, plan: str = "") -> Answer:
        return deadlines(
            self.vendor,
            plan or self.plan,
            priority,
            at=_instant(at) if isinstance(at, str) else at,
            offering=self.offering,
            closing=self.closing,
            contracts=Path(settings.BASE_DIR, "contracts"),
        )


def _question(options: dict[str, Any]) -> _Question:
    closed, calendar = holidays(options["holiday"]), options["calendar"]
    if bool(closed) != bool(calendar):
        raise CommandError("--holiday and --calendar need each other.")
    closing = Closing(calendar, closed) if calendar else None
    return _Question(options["vendor"], options["plan"], options["offering"], closing)


def _explained(question: _Question, answer: Answer, options: dict[str, Any]) -> str:
    """The story replayed, and each of its clocks as the ticket's page would explain it."""
    at, priority = _instant(options["at"]), options["priority"]
    happenings = story.read([*_lines_of(options["events"]), *options["then"]], start=at)
    setting = Setting(answer.codes, lambda plan, when: question.answer(priority, when, plan=plan).terms)
    facts = story.facts(priority, answer.terms, happenings, at=at, setting=setting)
    now = _instant(options["now"], "--now") if options["now"] else max(fact.at for fact in facts)
    if now < at:
        raise CommandError("--now: comes before the ticket was received.")
    found = told(facts, at=now, zone=answer.zone)
    if options["json"]:
        return _json(each.as_json() for each in found)
    head = [_head(answer, priority, at), f"As of {_both(now, answer.zone)}; times below are {answer.zone.key}."]
    none = ["No clock: nothing is promised at this priority, or nothing is owed any more."]
    blocks = [_block(each, answer.zone) for each in found] or [none]
    return "\n".join(line for block in (head, *blocks) for line in (*block, ""))


def _lines_of(file: str | None) -> list[str]:
    if file is None:
        return []
    try:
        return (sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"--events: {file} cannot be read: {error}.") from None


def _block(each: Told, zone: ZoneInfo) -> list[str]:
    run = each.run
    named = f"{run.metric.value} ({run.audience.value})" + (f", run {run.cycle}" if run.cycle > 1 else "")
    return [
        f"{named}: {each.state.value.replace('_', ' ')}",
        *(f"  {line}" for line in each.sentences),
        "",
        *(f"  {line}".rstrip() for line in drawn(each.band, zone)),
    ]


def _json(answers: Iterable[dict[str, Any]]) -> str:
    return json.dumps(list(answers), indent=2, ensure_ascii=False)


def _instant(text: str, option: str = "--at") -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            raise CommandError(
                f"{option}: '{text}' does not say its offset from UTC: write {at.isoformat()}Z or …+02:00."
            )
        at = at.astimezone(UTC)
    except (ValueError, OverflowError):
        raise CommandError(f"{option}: expected an instant such as 2026-03-06T16:30+02:00, found '{text}'.") from None
    if not EARLIEST <= at.year <= LATEST:
        raise CommandError(f"{option}: expected a year between {EARLIEST} and {LATEST}, found {at.year}.")
    return at


def _text(answer: Answer, priority: str, at: datetime) -> list[str]:
    head = _head(answer, priority, at)
    if not answer.deadlines:
        return [head, "", "No clock: nothing is promised at this priority."]
    return [
        line for part in ([head], *(_lines(each, answer.zone) for each in answer.deadlines)) for line in (*part, "")
    ]


def _head(answer: Answer, priority: str, at: datetime) -> str:
    return f"{answer.vendor_name}, {answer.terms.plan_name}, {priority}: received {_both(at, answer.zone)}"


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
