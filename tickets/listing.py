"""The desk's views and the customer's lists: which tickets, in which order, a page at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from django.db.models import IntegerField, Q, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from plans.states import State
from supportdesk.accounts.models import Membership, TeamMember
from tickets.models import Callback, Ticket
from tickets.models.ticket import TicketQuerySet


@dataclass(frozen=True, slots=True)
class View:
    """One of the desk's views: a name and which tickets are in it."""

    slug: str
    label: Promise
    icon: str
    select: Callable[[TicketQuerySet, Membership, datetime], TicketQuerySet]
    by_due: bool = True


def _mine(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(assignee=who)


def _unassigned(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(assignee=None)


def _teams(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(team__in=TeamMember.objects.filter(membership=who).values("team"))


def _triage(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.filter(state=State.NEW)


def _overdue(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(next_due_at__lt=at)


def _waiting(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.filter(state=State.WAITING)


def _open(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open()


def _callbacks(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(pk__in=Callback.objects.open().values("ticket"))


def _resolved(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.filter(state=State.RESOLVED)


VIEWS: tuple[View, ...] = (
    View("open", _("All open"), "inbox", _open),
    View("mine", _("Mine"), "person", _mine),
    View("unassigned", _("Unassigned"), "circle-dashed", _unassigned),
    View("teams", _("My teams"), "people", _teams),
    View("triage", _("Waiting for triage"), "filter", _triage),
    View("overdue", _("Overdue"), "alarm", _overdue),
    View("waiting", _("Waiting for customer"), "pause", _waiting),
    View("callbacks", _("Call-backs"), "phone", _callbacks),
    View("resolved", _("Resolved"), "check", _resolved, by_due=False),
)

COUNT_CAP = 1000
"""Counts above it are shown as “1000+”: nobody needs the difference, and counting further costs."""


def view_of(slug: str) -> View:
    """The view of this slug; raises LookupError."""
    for view in VIEWS:
        if view.slug == slug:
            return view
    raise LookupError(slug)


class CappedCount(Subquery):
    """How many rows a limited subquery has."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) capped)"
    output_field = IntegerField()


def counts(who: Membership, at: datetime) -> dict[str, int]:
    """How many tickets are in each open view, capped, in one query."""
    tickets = Ticket.objects.visible_to(who)
    capped = {
        f"in_{view.slug}": CappedCount(view.select(tickets, who, at).order_by().values("pk")[:COUNT_CAP])
        for view in VIEWS
        if view.by_due
    }
    found = cast("dict[str, int]", Membership.objects.filter(pk=who.pk).values(**capped).get())
    return {name.removeprefix("in_"): count for name, count in found.items()}


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, and where the next one begins (empty when this is the last)."""

    rows: list[Ticket]
    next_cursor: str


def queue_page(view: View, who: Membership, at: datetime, *, after: str = "", size: int = 50) -> Page:
    """A page of a desk view by keyset; raises ValueError when ``after`` is not a cursor that a page gave out."""
    tickets = view.select(Ticket.objects.visible_to(who), who, at).for_rows()
    if not view.by_due:
        rows = list(_newest_first(tickets, after)[: size + 1])
        return _page(rows, size, lambda row: str(row.pk))
    return _page(list(_next_due_first(tickets, after)[: size + 1]), size, _due_cursor)


def ticket_list_page(tickets: TicketQuerySet, *, after: str = "", size: int = 25) -> Page:
    """A page of a customer's list, newest first."""
    return _page(list(_newest_first(tickets.for_rows(), after)[: size + 1]), size, lambda row: str(row.pk))


def recent_page(tickets: TicketQuerySet, *, after: str = "", size: int = 25) -> Page:
    """A page of a customer's list, what changed last first; raises ValueError when ``after`` is not a cursor that a
    page gave out."""
    rows = tickets.for_rows().order_by("-updated_at", "-pk")
    if after:
        stamp, _separator, pk = after.partition("_")
        instant = datetime.fromtimestamp(int(stamp) / 1_000_000, tz=UTC)
        rows = rows.filter(Q(updated_at__lt=instant) | Q(updated_at=instant, pk__lt=int(pk)))
    return _page(list(rows[: size + 1]), size, lambda row: f"{round(row.updated_at.timestamp() * 1_000_000)}_{row.pk}")


def _newest_first(tickets: TicketQuerySet, after: str) -> TicketQuerySet:
    return (tickets.filter(pk__lt=int(after)) if after else tickets).order_by("-pk")


def _next_due_first(tickets: TicketQuerySet, after: str) -> TicketQuerySet:
    ordered = tickets.by_next_due()
    if not after:
        return ordered
    due, unanswered, rank, pk = after.split("_")
    same_due, later_due = _at_or_after("next_due_at", due)
    same_unanswered, later_unanswered = _at_or_after("unanswered_since", unanswered)
    tie = Q(plan_rank__lt=int(rank)) | Q(plan_rank=int(rank), pk__gt=int(pk))
    return ordered.filter(later_due | (same_due & (later_unanswered | (same_unanswered & tie))))


def _at_or_after(column: str, written: str) -> tuple[Q, Q]:
    """Rows whose column is what a cursor says, and rows that come after those, where no instant comes last."""
    missing = Q((f"{column}__isnull", True))
    if written == "none":
        return missing, Q(pk__in=())
    instant = datetime.fromisoformat(written)
    return Q((column, instant)), Q((f"{column}__gt", instant)) | missing


def _due_cursor(row: Ticket) -> str:
    due, unanswered = (
        instant.isoformat() if instant else "none" for instant in (row.next_due_at, row.unanswered_since)
    )
    return f"{due}_{unanswered}_{row.plan_rank}_{row.pk}"


def _page(rows: list[Ticket], size: int, cursor: Callable[[Ticket], str]) -> Page:
    return Page(rows[:size], cursor(rows[size - 1]) if len(rows) > size else "")
