"""A list of the desk as its address says it: which view, narrowed by which filters, in which order.

The address is the state: ``?view=open&priority=P1&priority=P2&team-not=none&sort=-updated``. Every filter must hold;
of those that begin with ``any.`` it is enough that one does: ``?view=open&any.priority=P1&any.clock=overdue``. What is
not in the lists of views, filters and orders is refused as a whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import reduce
from operator import or_
from urllib.parse import parse_qsl, urlencode

from django.db.models import Q

from supportdesk.accounts.models import Membership
from tickets import ordering
from tickets.filters import FILTERS, Filter, Operator
from tickets.models.ticket import TicketQuerySet

MOST_VALUES = 30
LONGEST_VALUE = 200
ANY = "any."
"""How the names of filters begin of which it is enough that one holds."""
PLACES = ("after", "before")


class WrongAddress(ValueError):  # noqa: N818 (what it is, in two words)
    """Something that no page of ours offers: a filter, an operator, an order or a value of another form."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One filter of a list as it was chosen. ``is_any``: it is one of those of which one is enough."""

    filter: Filter
    operator: Operator
    values: tuple[str, ...]
    is_any: bool = False

    @property
    def key(self) -> str:
        """What an address calls it."""
        name = f"{self.filter.name}-{self.operator}" if self.operator else self.filter.name
        return f"{ANY}{name}" if self.is_any else name

    def condition(self, who: Membership, at: datetime) -> Q:
        found = self.filter.condition(self.values, who, at)
        return ~found if self.operator is Operator.NOT else found


@dataclass(frozen=True, slots=True)
class Selection:
    """A list as its address says it; the pieces that must all hold stand before those of which one is enough.
    ``order`` is empty for the view's own; ``saved`` the saved view that it came from."""

    view: str = "open"
    pieces: tuple[Piece, ...] = ()
    order: str = ""
    saved: int | None = None

    def narrowed(self, tickets: TicketQuerySet, who: Membership, at: datetime) -> TicketQuerySet:
        either = [piece.condition(who, at) for piece in self.pieces if piece.is_any]
        for piece in self.pieces:
            if not piece.is_any:
                tickets = tickets.filter(piece.condition(who, at))
        return tickets.filter(reduce(or_, either)) if either else tickets

    def query(self, **more: str) -> str:
        """The address of this list after the question mark; ``more`` are places in it."""
        return urlencode([*self.pairs(), *((name, value) for name, value in more.items() if value)])

    def kept(self) -> str:
        """What a saved view keeps of it."""
        return replace(self, saved=None).query()

    def without(self, key: str) -> Selection:
        return replace(self, pieces=tuple(piece for piece in self.pieces if piece.key != key))

    def with_piece(self, name: str, operator: Operator, values: Sequence[str], *, is_any: bool = False) -> Selection:
        """With this filter as said, in place of any that it had there under either operator; without values: without
        it."""
        rest = tuple(piece for piece in self.pieces if (piece.filter.name, piece.is_any) != (name, is_any))
        piece = (Piece(FILTERS[name], operator, tuple(values), is_any),) if values else ()
        return replace(self, pieces=_in_order(rest + piece))

    def renamed(self, name: str, old: str, new: str) -> Selection:
        """With another value of a filter in place of one, wherever that stands."""

        def of(piece: Piece) -> Piece:
            values = dict.fromkeys(new if value == old else value for value in piece.values)
            return replace(piece, values=tuple(values)) if piece.filter.name == name else piece

        return replace(self, pieces=tuple(map(of, self.pieces)))

    def sorted_by(self, order: str) -> Selection:
        return replace(self, order=order)

    def piece(self, name: str, *, is_any: bool = False) -> Piece | None:
        asked = (name, is_any)
        return next((piece for piece in self.pieces if (piece.filter.name, piece.is_any) == asked), None)

    def pairs(self) -> list[tuple[str, str]]:
        """The names and values of its address."""
        pairs = [("view", self.view)]
        pairs += [(piece.key, value) for piece in self.pieces for value in piece.values]
        pairs += [("sort", self.order)] if self.order else []
        return pairs + ([("saved", str(self.saved))] if self.saved is not None else [])


def read(sent: Mapping[str, Sequence[str]], *, views: Iterable[str]) -> Selection:
    """The list that an address asks for, its places left out; ``sent`` has every value of each name.

    Raises WrongAddress when anything in it is not in the lists of views, filters and orders.
    """
    pieces: list[Piece] = []
    single = {"view": "open", "sort": "", "saved": ""}
    for name, values in sent.items():
        if name in single or name in PLACES:
            if len(values) != 1:
                raise WrongAddress(name)
            single[name] = values[0]
        else:
            pieces.append(_piece(name, values))
    if single["view"] not in frozenset(views):
        raise WrongAddress(single["view"])
    if single["sort"] and single["sort"] not in ordering.names():
        raise WrongAddress(single["sort"])
    saved = single["saved"]
    if saved and not (saved.isdecimal() and saved.isascii() and len(saved) <= 18):
        raise WrongAddress(saved)
    return Selection(single["view"], _in_order(pieces), single["sort"], int(saved) if saved else None)


def read_query(query: str, *, views: Iterable[str]) -> Selection:
    """The same of a written query; raises WrongAddress."""
    sent: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=200)
    except ValueError as error:
        raise WrongAddress(query) from error
    for name, value in pairs:
        sent.setdefault(name, []).append(value)
    return read(sent, views=views)


def _in_order(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    return tuple(sorted(pieces, key=lambda piece: piece.is_any))


def _piece(key: str, values: Sequence[str]) -> Piece:
    written = key.removeprefix(ANY)
    name, _separator, sign = written.partition("-")
    known = FILTERS.get(name)
    operator = next((each for each in Operator if each.value == sign), None) if written != f"{name}-" else None
    if known is None or operator is None or operator not in known.operators:
        raise WrongAddress(key)
    chosen = tuple(dict.fromkeys(values))
    is_good = 0 < len(chosen) <= MOST_VALUES and all(
        len(value) <= LONGEST_VALUE and "\0" not in value and known.reads(value) for value in chosen
    )
    if not is_good:
        raise WrongAddress(key)
    return Piece(known, operator, chosen, key != written)
