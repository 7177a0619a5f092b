"""How promises were kept, from the clock rows: counted and sorted by the database. Needs the scope of one vendor.

A clock belongs to the period in which it started, so the figures of a past month change only as its last clocks are
settled. Cancelled clocks count nowhere. Times are open time: what the calendar of the promise counts, pauses taken out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.utils import CursorWrapper

from plans.models import PlanVersion, Priority
from plans.queries import plan_names
from sla.attainment import Counts
from sla.targets import Audience, Metric
from supportdesk.accounts.models import Team
from supportdesk.tenancy.scope import NoScope, current_vendor_id

IN_PERIOD = """clock.vendor_id = %(vendor)s AND clock.started_at >= %(start)s AND clock.started_at < %(end)s
  AND (%(audience)s = '' OR clock.audience = %(audience)s)
  AND (%(plan)s IS NULL OR clock.plan_version_id = ANY(%(versions)s))"""

# The cases of sla.attainment.standing_of.
STANDINGS = """
count(*) FILTER (WHERE clock.outcome = 'met' AND NOT is_effort) AS met,
count(*) FILTER (WHERE clock.outcome = 'late') AS late,
count(*) FILTER (WHERE clock.outcome = '' AND clock.due_at < %(at)s) AS breached,
count(*) FILTER (WHERE clock.outcome = '' AND NOT is_effort AND (clock.due_at >= %(at)s OR clock.due_at IS NULL))
  AS running,
count(*) FILTER (WHERE is_effort AND clock.outcome IN ('', 'met')) AS best_effort"""

ATTAINMENT = f"""
SELECT {{key}} AS key, clock.metric, clock.audience, {STANDINGS}
FROM sla_clock AS clock {{join}}
CROSS JOIN LATERAL (SELECT clock.is_best_effort AND clock.promised_at IS NULL AS is_effort) AS effort
WHERE {IN_PERIOD} AND clock.outcome <> 'cancelled'
GROUP BY 1, 2, 3"""  # noqa: S608 - put together from constants only

_MEASURED = [(metric, audience) for metric in (Metric.FIRST_RESPONSE, Metric.RESOLUTION) for audience in Audience]
# Side by side and not grouped: a group would have all rows sorted by its keys first.
_PERCENTILES = ", ".join(
    f"percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY clock.open_seconds) FILTER (WHERE {which}), "
    f"count(*) FILTER (WHERE {which})"
    for metric, audience in _MEASURED
    for which in [f"clock.metric = '{metric.value}' AND clock.audience = '{audience.value}'"]
)
TIMES = f"""
SELECT {_PERCENTILES} FROM sla_clock AS clock
WHERE {IN_PERIOD} AND clock.open_seconds IS NOT NULL AND clock.metric IN ('first_response', 'resolution')"""  # noqa: S608

TEAM = "JOIN tickets_ticket AS ticket ON ticket.vendor_id = clock.vendor_id AND ticket.id = clock.ticket_id"


class By(StrEnum):
    """What attainment is told apart by."""

    MONTH = "month"
    PLAN = "plan"
    PRIORITY = "priority"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Selection:
    """Clocks started in [start, end); of one audience and one plan, where these are given."""

    start: datetime
    end: datetime
    audience: Audience | None = None
    plan_id: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a report; ``label`` is the name of the month (its first day, ISO), plan, priority or team, empty for
    no team."""

    label: str
    metric: Metric
    audience: Audience
    counts: Counts


@dataclass(frozen=True, slots=True)
class Times:
    """How much open time answers took: half of them at most ``median``, nine of ten at most ``p90``."""

    metric: Metric
    audience: Audience
    count: int
    median: timedelta
    p90: timedelta


def attainment(selection: Selection, by: By, *, at: datetime, zone: ZoneInfo) -> list[Line]:
    """How promises stand at ``at``, by what they are told apart by, in its own order: months of ``zone`` as they
    passed, plans and priorities by rank, teams by name. Two or three queries."""
    if selection.start >= selection.end:
        return []
    months = _months(selection, zone)
    sql, bounds = _by_month(selection, months) if by is By.MONTH else (_BY[by], {})
    counted: dict[tuple[Any, Metric, Audience], Counts] = {}
    label_of, order = _labels(by, months)
    for row_key, metric, audience, *numbers in _rows(sql, selection, at=at, bounds=bounds):
        cell = label_of(row_key), Metric(metric), Audience(audience)
        counted[cell] = counted.get(cell, Counts()) + Counts(*numbers)
    lines = [Line(*cell, counts) for cell, counts in counted.items() if counts.total]
    metrics = list(Metric)
    return sorted(lines, key=lambda line: (order(line.label), line.audience, metrics.index(line.metric)))


def in_total(lines: Sequence[Line]) -> list[Line]:
    """The lines added up for each metric and audience, without a label."""
    sums: dict[tuple[Audience, Metric], Counts] = {}
    for line in lines:
        sums[line.audience, line.metric] = sums.get((line.audience, line.metric), Counts()) + line.counts
    order = [(audience, metric) for audience in Audience for metric in Metric]
    return [Line("", key[1], key[0], sums[key]) for key in order if key in sums]


def times(selection: Selection, *, at: datetime) -> list[Times]:
    """The time to first response and to resolution, of those answered or resolved. One or two queries."""
    (figures,) = _rows(TIMES, selection, at=at)
    found = zip(_MEASURED, figures[::2], figures[1::2], strict=True)
    return [
        Times(metric, audience, count, timedelta(seconds=median), timedelta(seconds=p90))
        for (metric, audience), percentiles, count in found
        if count
        for median, p90 in [percentiles]
    ]


def parameters(selection: Selection, *, at: datetime) -> dict[str, Any]:
    """What the selection is called in SQL. Raises NoScope outside of one vendor's scope."""
    vendor_id = current_vendor_id()
    if vendor_id is None:
        raise NoScope("A report is of one vendor: enter vendor_scope(vendor).")
    versions: list[int] = []
    if selection.plan_id is not None:
        versions = list(PlanVersion.objects.filter(plan_id=selection.plan_id).values_list("pk", flat=True))
    return {
        "vendor": vendor_id,
        "start": selection.start,
        "end": selection.end,
        "audience": selection.audience.value if selection.audience else "",
        "plan": selection.plan_id,
        "versions": versions,
        "at": at,
    }


_BY = {
    By.PLAN: ATTAINMENT.format(key="clock.plan_version_id", join=""),
    By.PRIORITY: ATTAINMENT.format(key="clock.priority", join=""),
    By.TEAM: ATTAINMENT.format(key="ticket.team_id", join=TEAM),
}


def _by_month(selection: Selection, months: Sequence[datetime]) -> tuple[str, dict[str, datetime]]:
    """A count for each month, told apart by its number from 1, and the instants between which each counts. Side by side
    the database shares them among its cores; a single count by a computed month it would not, because it takes that
    for one with as many groups as there are instants."""
    counts: list[str] = []
    bounds: dict[str, datetime] = {}
    for number, (begins, ends) in enumerate(pairwise(months), start=1):
        count = ATTAINMENT.format(key=number, join="")
        counts.append(count.replace("%(start)s", f"%(start_{number})s").replace("%(end)s", f"%(end_{number})s"))
        bounds[f"start_{number}"] = max(begins, selection.start)
        bounds[f"end_{number}"] = min(ends, selection.end)
    return " UNION ALL ".join(f"({count})" for count in counts), bounds


def _rows(
    sql: str, selection: Selection, *, at: datetime, bounds: Mapping[str, datetime] = MappingProxyType({})
) -> Iterator[tuple[Any, ...]]:
    values = parameters(selection, at=at) | dict(bounds)
    with connection.cursor() as cursor, _for_many_rows(cursor):
        cursor.execute(sql, values)
        yield from cursor.fetchall()


@contextmanager
def _for_many_rows(cursor: CursorWrapper) -> Iterator[None]:
    """Has the database count by hashing. It takes the condition of row-level security, which it knows nothing of, for
    one that few rows meet, and would sort a year of them on disk or look up each one's ticket by itself."""
    cursor.execute("SET LOCAL enable_sort = off; SET LOCAL enable_nestloop = off")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            cursor.execute("SET LOCAL enable_sort = on; SET LOCAL enable_nestloop = on")


def _months(selection: Selection, zone: ZoneInfo) -> list[datetime]:
    """The beginnings of the months that the selection touches, in the zone."""
    local = selection.start.astimezone(zone)
    months = [datetime(local.year, local.month, 1, tzinfo=zone)]
    while months[-1] < selection.end:
        year, month = divmod(months[-1].year * 12 + months[-1].month, 12)
        months.append(datetime(year, month + 1, 1, tzinfo=zone))
    return months


def _labels(by: By, months: Sequence[datetime]) -> tuple[Callable[[Any], str], Callable[[str], Any]]:
    """From what the database grouped by to what people read, and the order of that."""
    match by:
        case By.MONTH:
            return lambda bucket: months[bucket - 1].date().isoformat(), str
        case By.PLAN:
            names = plan_names()
            plans = dict(PlanVersion.objects.values_list("pk", "plan_id"))
            places = {name: place for place, name in enumerate(names.values())}
            return lambda version: names[plans[version]], lambda label: places[label]
        case By.PRIORITY:
            ranks = dict(Priority.objects.order_by("-rank").values_list("code", "rank"))
            return str, lambda label: (ranks.get(label, len(ranks) + 1000), label)
        case By.TEAM:
            teams = dict(Team.objects.values_list("pk", "name"))
            return lambda team: teams.get(team, ""), lambda label: (label == "", label)
