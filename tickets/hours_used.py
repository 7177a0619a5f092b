"""Hours of an allowance that were used: from the time log of the project's tickets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Sum

from supportdesk.accounts.models import Membership, Project
from tickets.models import Ticket, TimeEntry

SHOWN = 100


def minutes_used(projects: Iterable[Project], *, since: date) -> dict[tuple[int, str], dict[date, int]]:
    """Minutes by date, by project and allowance. One query."""
    spent = TimeEntry.objects.filter(ticket__project__in=list(projects), spent_on__gte=since).exclude(allowance="")
    told: dict[tuple[int, str], dict[date, int]] = {}
    rows = spent.values_list("ticket__project_id", "allowance", "spent_on").annotate(minutes=Sum("minutes"))
    for project, allowance, day, minutes in rows.order_by():
        told.setdefault((project, allowance), {})[day] = minutes
    return told


def entries_of(projects: Iterable[Project], *, since: date) -> list[TimeEntry]:
    """The latest entries taken from an allowance, at most ``SHOWN``, with their tickets. One query."""
    spent = TimeEntry.objects.filter(ticket__project__in=list(projects), spent_on__gte=since).exclude(allowance="")
    return list(spent.select_related("ticket__project").order_by("-spent_on", "-pk")[:SHOWN])


def readable(entries: Iterable[TimeEntry], who: Membership) -> set[int]:
    """Those of the entries' tickets, by id, whose subject this person may read. One query."""
    numbers = {each.ticket_id for each in entries}
    return set(Ticket.objects.visible_to(who).filter(pk__in=numbers).values_list("pk", flat=True))
