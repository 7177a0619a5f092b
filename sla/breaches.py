"""Promises that were not kept in time, with what stood behind each: who had the ticket, in what state, and how long it
was paused. Needs the scope of one vendor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from plans.queries import plan_names
from sla.reports import IN_PERIOD, TEAM, Selection, parameters
from sla.targets import Audience, Metric

# What held at the due instant, not what holds today, is what the promise was broken by.
BREACHES = f"""
WITH clock AS MATERIALIZED (
  SELECT * FROM sla_clock AS clock
  WHERE {IN_PERIOD} AND clock.outcome IN ('', 'late') AND clock.due_at < %(at)s
    AND (%(last_id)s IS NULL OR (clock.started_at, clock.id) < (%(last_started)s::timestamptz, %(last_id)s))
  ORDER BY clock.started_at DESC, clock.id DESC LIMIT %(limit)s
)
SELECT clock.id, ticket.number, ticket.subject, clock.metric, clock.audience, clock.priority, version.plan_id,
  clock.promise, clock.started_at, clock.due_at, clock.settled_at, clock.pauses, clock.paused_at,
  team.name, assigned.name, stay.state
FROM clock {TEAM}
JOIN plans_planversion AS version ON version.vendor_id = clock.vendor_id AND version.id = clock.plan_version_id
LEFT JOIN accounts_team AS team ON team.vendor_id = ticket.vendor_id AND team.id = ticket.team_id
LEFT JOIN LATERAL (
  SELECT event.data ->> 'to_name' AS name FROM tickets_event AS event
  WHERE event.vendor_id = clock.vendor_id AND event.ticket_id = clock.ticket_id AND event.at <= clock.due_at
    AND event.kind = 'assigned'
  ORDER BY event.at DESC, event.id DESC LIMIT 1
) AS assigned ON true
LEFT JOIN LATERAL (
  SELECT coalesce(event.data ->> 'to', event.data ->> 'state') AS state FROM tickets_event AS event
  WHERE event.vendor_id = clock.vendor_id AND event.ticket_id = clock.ticket_id AND event.at <= clock.due_at
    AND event.kind IN ('opened', 'status_changed', 'resolved', 'reopened')
  ORDER BY event.at DESC, event.id DESC LIMIT 1
) AS stay ON true
ORDER BY clock.started_at DESC, clock.id DESC"""  # noqa: S608 - put together from constants only


@dataclass(frozen=True, slots=True)
class Breach:
    """``late`` is real time, from the due instant to the answer or, while there is none, to the present. ``assignee``
    (empty: nobody) and ``state`` are those of the due instant."""

    clock_id: int
    ticket_number: int
    subject: str
    metric: Metric
    audience: Audience
    priority: str
    plan: str
    promise: str
    started_at: datetime
    due_at: datetime
    settled_at: datetime | None
    late: timedelta
    paused: timedelta
    team: str
    assignee: str
    state: str

    @property
    def is_open(self) -> bool:
        return self.settled_at is None

    @property
    def place(self) -> str:
        """Where a list goes on after this one."""
        return f"{self.started_at.isoformat()}~{self.clock_id}"


def breaches(selection: Selection, *, at: datetime, after: str = "", limit: int = 50) -> list[Breach]:
    """Those of the selection's clocks that are late or overdue, the latest started first, after a ``place``. Two
    queries. Raises ValueError for a place that is none."""
    last_started, last_id = _place(after) if after else (None, None)
    names = plan_names()
    values = parameters(selection, at=at) | {"last_started": last_started, "last_id": last_id, "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(BREACHES, values)
        return [_breach(row, names, at) for row in cursor.fetchall()]


def all_breaches(selection: Selection, *, at: datetime, batch: int = 1000) -> Iterator[Breach]:
    """The whole list, read in batches."""
    after = ""
    while True:
        found = breaches(selection, at=at, after=after, limit=batch)
        yield from found
        if len(found) < batch:
            return
        after = found[-1].place


def _breach(row: tuple[Any, ...], plans: dict[int, str], at: datetime) -> Breach:
    (clock_id, number, subject, metric, audience, priority, plan_id, promise, started_at, due_at, settled_at, pauses,
     paused_at, team, assignee, state) = row  # fmt: skip
    return Breach(
        clock_id=clock_id,
        ticket_number=number,
        subject=subject,
        metric=Metric(metric),
        audience=Audience(audience),
        priority=priority,
        plan=plans[plan_id],
        promise=promise,
        started_at=started_at,
        due_at=due_at,
        settled_at=settled_at,
        late=(settled_at or at) - due_at,
        paused=_paused(json.loads(pauses), paused_at, at),
        team=team or "",
        assignee=assignee or "",
        state=state or "new",
    )


def _paused(pauses: list[list[str]], paused_at: datetime | None, at: datetime) -> timedelta:
    over = sum(
        (datetime.fromisoformat(ended) - datetime.fromisoformat(began) for began, ended, _ in pauses), timedelta()
    )
    return over + (at - paused_at if paused_at else timedelta())


def _place(text: str) -> tuple[datetime, int]:
    started_at, _, clock_id = text.partition("~")
    instant = datetime.fromisoformat(started_at)
    if instant.tzinfo is None:
        raise ValueError(f"{text!r} is no place in the list")
    return instant, int(clock_id)
