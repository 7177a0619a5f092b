"""What one person did in a week, against their colleagues: two queries, by index, whatever the number of tickets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from supportdesk.accounts.models import Membership
from supportdesk.accounts.models.membership import STAFF_ROLES
from supportdesk.tenancy.scope import NoScope, current_vendor_id

DONE = """
SELECT count(*) FILTER (WHERE mine AND kind <> 'resolved'), count(*) FILTER (WHERE kind <> 'resolved'),
  count(DISTINCT by_id) FILTER (WHERE kind <> 'resolved'),
  count(*) FILTER (WHERE mine AND kind = 'resolved'), count(*) FILTER (WHERE kind = 'resolved'),
  count(DISTINCT by_id) FILTER (WHERE kind = 'resolved')
FROM (
  SELECT event.kind, event.by_id, event.by_id = %(who)s AS mine
  FROM tickets_event AS event
  JOIN accounts_membership AS person ON person.vendor_id = event.vendor_id AND person.id = event.by_id
  WHERE event.vendor_id = %(vendor)s AND event.kind IN ('replied', 'call_logged', 'resolved')
    AND event.at >= %(start)s AND event.at < %(end)s AND person.role = ANY(%(staff)s)
) AS done"""

# Whose answer settled a clock is who wrote at that instant on that ticket.
ANSWERED = """
SELECT count(*) FILTER (WHERE mine AND outcome = 'met'), count(*) FILTER (WHERE mine),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY open_seconds) FILTER (WHERE mine),
  count(*) FILTER (WHERE outcome = 'met'), count(*),
  percentile_cont(0.5) WITHIN GROUP (ORDER BY open_seconds)
FROM (
  SELECT clock.outcome, clock.open_seconds, event.by_id = %(who)s AS mine
  FROM sla_clock AS clock
  JOIN tickets_event AS event ON event.vendor_id = clock.vendor_id AND event.ticket_id = clock.ticket_id
    AND event.at = clock.settled_at AND event.kind IN ('replied', 'call_logged') AND event.by_id IS NOT NULL
  WHERE clock.vendor_id = %(vendor)s AND clock.settled_at >= %(start)s AND clock.settled_at < %(end)s
    AND clock.metric = 'first_response' AND clock.outcome IN ('met', 'late') AND NOT clock.is_best_effort
) AS answered"""


@dataclass(frozen=True, slots=True)
class Figures:
    """``answered``: replies and calls; ``met``: the share of first responses in time (None without any); ``median``:
    the open time half of them took at most. Of the team the first two are for each colleague who did any."""

    answered: float
    resolved: float
    met: float | None
    median: timedelta | None


def week_of(at: datetime, zone: ZoneInfo) -> datetime:
    """Monday, midnight, of the week in which ``at`` falls in this zone."""
    day = at.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return day - timedelta(days=day.weekday())


def figures(who: Membership, *, start: datetime, end: datetime) -> tuple[Figures, Figures]:
    """The person's own and the whole desk's in [start, end)."""
    vendor_id = current_vendor_id()
    if vendor_id is None:
        raise NoScope("Figures are of one vendor: enter vendor_scope(vendor).")
    values: dict[str, Any] = {
        "vendor": vendor_id,
        "who": who.pk,
        "start": start,
        "end": end,
        "staff": [str(role) for role in STAFF_ROLES],
    }
    with connection.cursor() as cursor:
        cursor.execute(DONE, values)
        mine_answered, answered, answering, mine_resolved, resolved, resolving = cursor.fetchone()
        cursor.execute(ANSWERED, values)
        my_met, my_all, my_median, met, every, median = cursor.fetchone()
    return (
        Figures(mine_answered, mine_resolved, _share(my_met, my_all), _time(my_median)),
        Figures(answered / max(1, answering), resolved / max(1, resolving), _share(met, every), _time(median)),
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _time(seconds: Any) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=float(seconds))
