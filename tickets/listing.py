"""The desk's views and the customer's lists: which tickets, in which order, a page at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, IntegerField, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from plans.states import State
from supportdesk.accounts.models import Membership, TeamMember
from tickets import ordering
from tickets.filters import ClockState, clock_condition
from tickets.models import Callback, SavedView, Ticket
from tickets.models.ticket import TicketQuerySet
from tickets.ordering import Order, Page, QueueOrder, order_of, page_of
from tickets.selecting import Selection

Select = Callable[[TicketQuerySet, Membership, datetime], TicketQuerySet]


@dataclass(frozen=True, slots=True)
class View:
    """One of the desk's views: a name, which tickets are in it, and how it is sorted. Only what has to be worked on is
    counted."""

    slug: str
    label: Promise
    icon: str
    key: str
    select: Select
    order: Order = field(default_factory=QueueOrder)
    is_counted: bool = True


def _mine(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(assignee=who)


def _unassigned(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(assignee=None)


def _teams(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(team__in=TeamMember.objects.filter(membership=who).values("team"))


def _triage(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.filter(state=State.NEW)


def _due_soon(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(clock_condition(ClockState.AT_RISK, at))


def _overdue(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(clock_condition(ClockState.OVERDUE, at))


def _waiting(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.filter(state=State.WAITING)


def _open(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open()


def _callbacks(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.open().filter(pk__in=Callback.objects.open().values("ticket"))


def _resolved(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets.filter(state=State.RESOLVED)


def _all(tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
    return tickets


LATEST = order_of("-updated")

VIEWS: tuple[View, ...] = (
    View("open", _("All open"), "inbox", "g i", _open),
    View("mine", _("Mine"), "user", "g m", _mine),
    View("unassigned", _("Unassigned"), "state-new", "g u", _unassigned),
    View("teams", _("My teams"), "users", "g e", _teams),
    View("triage", _("Waiting for triage"), "filter", "g t", _triage),
    View("due-soon", _("Due soon"), "clock", "g s", _due_soon),
    View("overdue", _("Overdue"), "alarm", "g b", _overdue),
    View("waiting", _("Waiting for customer"), "pause", "g w", _waiting),
    View("callbacks", _("Call-backs"), "phone", "g c", _callbacks),
    View("resolved", _("Resolved"), "check", "g r", _resolved, LATEST, is_counted=False),
    View("all", _("All tickets"), "ticket", "g a", _all, LATEST, is_counted=False),
)
SLUGS = frozenset(view.slug for view in VIEWS)

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


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person's rail is made of: how many tickets are in each view of work, capped, the saved views that they
    see (``pk name query sharing columns``), how they arranged all of them, and the columns that they chose."""

    counts: dict[str, int]
    saved: list[dict[str, Any]]
    order: list[str]
    hidden: list[str]
    columns: list[str]


def standing(who: Membership, at: datetime) -> Standing:
    """In one query."""
    tickets = Ticket.objects.visible_to(who)
    asked: dict[str, Any] = {
        f"in_{view.slug.replace('-', '_')}": CappedCount(
            view.select(tickets, who, at).order_by().values("pk")[:COUNT_CAP]
        )
        for view in VIEWS
        if view.is_counted
    }
    views = SavedView.objects.shown_to(who).order_by("name", "pk")
    named = JSONObject(pk="pk", name="name", query="query", sharing="sharing", columns="columns")
    asked["saved"] = ArraySubquery(views.values(as_json=named))
    asked |= {name: F(f"rail_orders__{name}") for name in ("order", "hidden", "columns")}
    found = cast("dict[str, Any]", Membership.objects.filter(pk=who.pk).values(**asked).get())
    counts = {name.removeprefix("in_").replace("_", "-"): n for name, n in found.items() if name.startswith("in_")}
    return Standing(counts, found["saved"], found["order"] or [], found["hidden"] or [], found["columns"] or [])


def count(selection: Selection, who: Membership, at: datetime) -> int:
    """How many tickets a narrowed list has, capped. One query."""
    return selected(selection, who, at).order_by()[:COUNT_CAP].count()


def selected(selection: Selection, who: Membership, at: datetime) -> TicketQuerySet:
    """The tickets of a list, in no order."""
    tickets = view_of(selection.view).select(Ticket.objects.visible_to(who), who, at)
    return selection.narrowed(tickets, who, at)


def order_in(selection: Selection) -> Order:
    """How a list is sorted: as its address says, else as its view is."""
    return order_of(selection.order) if selection.order else view_of(selection.view).order


def queue_page(
    selection: Selection,
    who: Membership,
    at: datetime,
    *,
    after: str = "",
    before: str = "",
    size: int = ordering.PAGE,
    joins: Collection[str] | None = None,
) -> Page:
    """A page of a list by keyset, its rows with what they can show or with these relations alone; raises WrongCursor
    for a place that no page gave out."""
    tickets = selected(selection, who, at)
    return page_of(tickets, order_in(selection), after=after, before=before, size=size, joins=joins)


def ticket_list_page(tickets: TicketQuerySet, *, after: str = "", size: int = 25) -> Page:
    """A page of a list, newest first; ``after`` is the id of the row before it. Raises ValueError when it is none."""
    rows = (tickets.filter(pk__lt=int(after)) if after else tickets).for_rows().order_by("-pk")
    found = list(rows[: size + 1])
    return Page(found[:size], "", str(found[size - 1].pk) if len(found) > size else "")


def recent_page(tickets: TicketQuerySet, *, after: str = "", size: int = 25) -> Page:
    """A page of a customer's list, what changed last first; raises ValueError when ``after`` is not a cursor that a
    page gave out."""
    rows = tickets.for_rows().order_by("-updated_at", "-pk")
    if after:
        stamp, _separator, pk = after.partition("_")
        instant = datetime.fromtimestamp(int(stamp) / 1_000_000, tz=UTC)
        rows = rows.filter(Q(updated_at__lt=instant) | Q(updated_at=instant, pk__lt=int(pk)))
    found = list(rows[: size + 1])
    last = found[size - 1] if len(found) > size else None
    cursor = f"{round(last.updated_at.timestamp() * 1_000_000)}_{last.pk}" if last is not None else ""
    return Page(found[:size], "", cursor)
