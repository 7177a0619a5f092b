"""In which order a list stands, and where its pages begin and end.

A page is asked for by a row's own values (keyset), never by a number of rows to skip, so that the thousandth costs what
the first does. Only the columns named here can be sorted by; empty values come last, whichever way.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import BooleanField, Case, DateTimeField, F, Func, Q, SmallIntegerField, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from plans.states import State
from tickets.models import Ticket
from tickets.models.ticket import NEVER, TicketQuerySet, queue_order

PAGE = 50


class WrongCursor(ValueError):  # noqa: N818 (what it is, in two words)
    """Not a place that a page of this order gave out."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a list, and the places before and after which the neighbouring pages lie (empty: there is none)."""

    rows: list[Ticket]
    before: str
    after: str


class Order(Protocol):
    """A way to sort. ``written`` is what an address says."""

    @property
    def written(self) -> str: ...
    def ordered(self, tickets: TicketQuerySet, *, backwards: bool) -> TicketQuerySet: ...
    def beyond(self, tickets: TicketQuerySet, cursor: str, *, backwards: bool) -> TicketQuerySet: ...
    def cursor(self, row: Ticket) -> str: ...


def page_of(
    tickets: TicketQuerySet,
    order: Order,
    *,
    after: str = "",
    before: str = "",
    size: int = PAGE,
    joins: Collection[str] | None = None,
) -> Page:
    """The page after a row, or before one; the first without either. The rows come with these relations, or with all
    that a row can show. Raises WrongCursor.

    Two queries: which tickets, of their own table alone, and then what their rows show. In one, the planner would begin
    with the tables joined: it takes the wall's condition for one that hardly any row fulfils, and would sort every
    ticket.
    """
    backwards = bool(before)
    place = before or after
    rows = order.ordered(tickets, backwards=backwards)
    if place:
        rows = order.beyond(rows, place, backwards=backwards)
    ids = list(rows.values_list("pk", flat=True)[: size + 1])
    has_more = len(ids) > size
    page = Ticket.objects.filter(pk__in=ids[:size])
    shown = page.for_rows() if joins is None else page.for_queue(joins)
    found = list(order.ordered(shown, backwards=backwards)) if ids else []
    if backwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    first, last = order.cursor(found[0]), order.cursor(found[-1])
    if backwards:
        return Page(found, first if has_more else "", last)
    return Page(found, first if after else "", last if has_more else "")


class Row(Func):
    template = "(%(expressions)s)"


class Beyond(Func):
    """Whether one row of values comes after (``>``) or before (``<``) another, compared column by column."""

    template = "%(expressions)s"
    output_field = BooleanField()


@dataclass(frozen=True, slots=True)
class QueueOrder:
    """The next right ticket on top: the earliest due instant; where nothing is due, the customer who waits longest;
    then the higher plan, then the oldest. The index ``ticket_queue`` has this order."""

    written: str = "due"

    def ordered(self, tickets: TicketQuerySet, *, backwards: bool) -> TicketQuerySet:
        rows = tickets.by_next_due()
        return rows.reverse() if backwards else rows

    def beyond(self, tickets: TicketQuerySet, cursor: str, *, backwards: bool) -> TicketQuerySet:
        try:
            due, unanswered, rank, pk = cursor.split("_")
            place = [_instant_or_never(due), _instant_or_never(unanswered), Value(-int(rank)), Value(_id(pk))]
        except ValueError as error:
            raise WrongCursor(cursor) from error
        sign = " < " if backwards else " > "
        return tickets.filter(Beyond(Row(*queue_order()), Row(*place), arg_joiner=sign))

    def cursor(self, row: Ticket) -> str:
        due, unanswered = (each.isoformat() if each else "none" for each in (row.next_due_at, row.unanswered_since))
        return f"{due}_{unanswered}_{row.plan_rank}_{row.pk}"


def _instant_or_never(written: str) -> Combinable:
    if written == "none":
        return NEVER
    instant = datetime.fromisoformat(written)
    if instant.tzinfo is None:
        raise ValueError(written)
    return Value(instant, output_field=DateTimeField())


def _id(written: str) -> int:
    if not written.isdecimal() or len(written) > 18:
        raise ValueError(written)
    return int(written)


@dataclass(frozen=True, slots=True)
class Column:
    """Something that can be sorted by. ``kind`` is what its values are in a cursor: int, str or datetime."""

    name: str
    label: Promise
    value: str | Combinable
    kind: type[Any]
    may_be_empty: bool = False


_STATES = list(State)
_STATE_PLACE = Case(
    *(When(state=state.value, then=Value(place)) for place, state in enumerate(_STATES)),
    default=Value(len(_STATES)),
    output_field=SmallIntegerField(),
)

COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("due", _("Due"), "next_due_at", datetime, may_be_empty=True),
        Column("number", _("Number"), "number", int),
        Column("subject", _("Subject"), Lower("subject"), str),
        Column("customer", _("Customer"), Lower("organization__name"), str),
        Column("plan", _("Plan"), "plan_rank", int),
        Column("priority", _("Priority"), "priority__rank", int),
        Column("severity", _("Severity"), "severity__rank", int, may_be_empty=True),
        Column("status", _("Status"), _STATE_PLACE, int),
        Column("group", _("Group"), Lower("team__name"), str, may_be_empty=True),
        Column("assignee", _("Assignee"), Lower("assignee__user__name"), str, may_be_empty=True),
        Column("received", _("Received"), "received_at", datetime),
        Column("updated", _("Updated"), "updated_at", datetime),
    )
}


@dataclass(frozen=True, slots=True)
class ColumnOrder:
    """By one column, then in the order in which tickets came; ``down`` is from the last to the first."""

    column: Column
    down: bool = False

    @property
    def written(self) -> str:
        return f"-{self.column.name}" if self.down else self.column.name

    def ordered(self, tickets: TicketQuerySet, *, backwards: bool) -> TicketQuerySet:
        value = F(self.column.value) if isinstance(self.column.value, str) else self.column.value
        rows = tickets.annotate(sorted_by=value)
        empty: dict[str, Any] = {}
        if self.column.may_be_empty:
            empty = {"nulls_first": True} if backwards else {"nulls_last": True}
        down = self.down != backwards
        first = F("sorted_by").desc(**empty) if down else F("sorted_by").asc(**empty)
        return rows.order_by(first, "-pk" if down else "pk")

    def beyond(self, tickets: TicketQuerySet, cursor: str, *, backwards: bool) -> TicketQuerySet:
        value, pk = self._read(cursor)
        sign = "lt" if self.down != backwards else "gt"
        further_id = Q((f"pk__{sign}", pk))
        if value is None:
            rest = Q(sorted_by__isnull=True) & further_id
            return tickets.filter(rest | Q(sorted_by__isnull=False) if backwards else rest)
        beyond = Q((f"sorted_by__{sign}", value)) | (Q(sorted_by=value) & further_id)
        if self.column.may_be_empty:
            return tickets.filter(beyond if backwards else beyond | Q(sorted_by__isnull=True))
        # Said twice, so that an index on the column knows where to begin.
        return tickets.filter(beyond, Q((f"sorted_by__{sign}e", value)))

    def cursor(self, row: Ticket) -> str:
        value: object = row.sorted_by  # type: ignore[attr-defined]
        written = value.isoformat() if isinstance(value, datetime) else value
        return base64.urlsafe_b64encode(json.dumps([written, row.pk]).encode()).decode().rstrip("=")

    def _read(self, cursor: str) -> tuple[Any, int]:
        try:
            text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            value, pk = json.loads(text)
            value = None if value is None else _READ[self.column.kind](value)
            if (value is None and not self.column.may_be_empty) or type(pk) is not int or not 0 < pk < 2**63:
                raise ValueError(cursor)
        except (ValueError, TypeError, RecursionError, binascii.Error) as error:
            raise WrongCursor(cursor) from error
        return value, pk


def _whole_number(value: object) -> int:
    if type(value) is not int or not -(2**31) < value < 2**31:
        raise ValueError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(value)
    return value


def _instant(value: object) -> datetime:
    instant = datetime.fromisoformat(_text(value))
    if instant.tzinfo is None:
        raise ValueError(value)
    return instant


_READ: dict[type[Any], Callable[[object], Any]] = {int: _whole_number, str: _text, datetime: _instant}


def order_of(written: str) -> Order:
    """The order that an address names; raises LookupError for what is not in the list."""
    if written == QueueOrder().written:
        return QueueOrder()
    return ColumnOrder(COLUMNS[written.removeprefix("-")], down=written.startswith("-"))


def names(columns: Sequence[str] = tuple(COLUMNS)) -> list[str]:
    """Everything that can stand in an address as an order."""
    return [sign + name for name in columns for sign in ("", "-")]
