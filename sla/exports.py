"""Reports as CSV: rows of plain cells, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sla.attainment import Counts
from sla.breaches import Breach
from sla.reports import By, Line, Times

Row = Sequence[object]
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def lines(rows: Iterable[Row]) -> Iterator[str]:
    """The rows as lines of RFC 4180. Text that a spreadsheet would take for a formula is led by an apostrophe."""
    writer = csv.writer(_Echo())
    return (writer.writerow([cell(value) for value in row]) for row in rows)


def cell(value: object) -> object:
    if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA):
        return f"'{value}"
    return value


def attainment_rows(found: Iterable[Line], by: By) -> Iterator[Row]:
    """``share_in_time`` is empty while nothing is decided."""
    yield [by.value, "metric", "audience", "share_in_time", *Counts.__dataclass_fields__]
    for line in found:
        counts = line.counts
        share = "" if counts.share is None else round(counts.share, 4)
        numbers = [getattr(counts, name) for name in Counts.__dataclass_fields__]
        yield [line.label, line.metric.value, line.audience.value, share, *numbers]


def times_rows(found: Iterable[Times]) -> Iterator[Row]:
    """Open time in whole seconds."""
    yield ["metric", "audience", "answered", "median_open_seconds", "p90_open_seconds"]
    for each in found:
        yield [each.metric.value, each.audience.value, each.count, _seconds(each.median), _seconds(each.p90)]


def breach_rows(found: Iterable[Breach], zone: ZoneInfo) -> Iterator[Row]:
    """Instants with their offset, in the zone; lengths in whole seconds of real time."""
    yield [
        "ticket", "subject", "plan", "priority", "metric", "audience", "promise", "started_at", "due_at", "answered_at",
        "late_seconds", "paused_seconds", "team", "assignee_when_due", "state_when_due",
    ]  # fmt: skip
    for each in found:
        yield [
            each.ticket_number,
            each.subject,
            each.plan,
            each.priority,
            each.metric.value,
            each.audience.value,
            each.promise,
            _instant(each.started_at, zone),
            _instant(each.due_at, zone),
            _instant(each.settled_at, zone),
            _seconds(each.late),
            _seconds(each.paused),
            each.team,
            each.assignee,
            each.state,
        ]


class _Echo:
    """A file that gives back what is written, for a writer that wants one."""

    def write(self, text: str) -> str:
        return text


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def _instant(at: datetime | None, zone: ZoneInfo) -> str:
    return at.astimezone(zone).isoformat(timespec="seconds") if at else ""
