"""What escalation policies look at of tickets."""

from __future__ import annotations

from collections.abc import Iterable

from plans.policies import Matter
from tickets.models import Ticket

_COLUMNS = (
    "pk", "priority__code", "priority__rank", "priority__pages", "severity__code", "plan_version__plan__slug",
    "team__slug", "category__slug",
)  # fmt: skip


def matters_of(ticket_ids: Iterable[int]) -> dict[int, Matter]:
    """By ticket, as it stands now. One query."""
    rows = Ticket.objects.filter(pk__in=set(ticket_ids)).values_list(*_COLUMNS)
    return {
        pk: Matter(
            priority=code,
            rank=rank,
            is_paging=pages,
            severity=severity or "",
            plan=plan or "",
            team=team or "",
            category=category or "",
        )
        for pk, code, rank, pages, severity, plan, team, category in rows
    }
