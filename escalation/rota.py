"""Who is on call: the rules of a rota, and nothing else.

A roster is a stack of layers, the first to be woken on top. In a layer people take turns in order; in each layer at
most one is on call at any instant. What is said later is worth more than the turn, in this order:

1. **Override**: this person covers a stretch, whoever's turn it is, also where it would be nobody's. Of two that
   overlap the later one holds.
2. **Swap**: somebody gave a shift away and a colleague took it. Swaps are followed in the order in which they were
   asked for, so what was taken can be given on; a swap whose giver does not have the shift changes nothing.
3. **Turn**: by the layer's order, within its weekly hours.

Somebody who is away is passed over: the next in the layer's order stands in for as long as it lasts, and nobody
else's turn moves. Who took a shift after the absence was known knew what they did, and keeps it. When everybody else is
away, a shift that was given away falls back to its giver. Where that leaves nobody there is a gap, which is warned of;
hours outside the layer's week, and the time before its first turn, are meant and are not.

History stands: each version of the layers holds from its own instant on, and overrides, swaps and absences only from
the instant they were made (whoever gathers them cuts them so).

All stretches are half-open; instants are aware and those returned in UTC. People, layers and causes are numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from escalation.turns import Stretch, Turns, openings
from sla.shifts import Week
from sla.zones import zone as zone_named


class Why(StrEnum):
    """Why it is this person."""

    TURN = "turn"
    STAND_IN = "stand_in"
    SWAP = "swap"
    OVERRIDE = "override"


class Lack(StrEnum):
    """Why it is nobody."""

    EMPTY = "empty"
    AWAY = "away"
    HOURS = "hours"
    NOT_YET = "not_yet"

    @property
    def is_meant(self) -> bool:
        return self in (Lack.HOURS, Lack.NOT_YET)


@dataclass(frozen=True, slots=True)
class Layer:
    """``key`` stays the layer's own through all versions. ``starts`` is the first hand-over, a naive time in ``zone``;
    ``length`` a multiple of hours on the wall clock. ``week`` None: around the clock. Raises ValueError."""

    key: int
    zone: str
    starts: datetime
    length: timedelta
    people: tuple[int, ...]
    week: Week | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if self.starts.tzinfo is not None:
            raise ValueError("starts: a naive time in the layer's zone")
        if self.length < timedelta(hours=1):
            raise ValueError("length: a turn lasts an hour or longer")
        zone_named(self.zone)

    @property
    def zoneinfo(self) -> ZoneInfo:
        return zone_named(self.zone)

    @property
    def turns(self) -> Turns:
        return Turns(self.starts, self.length, self.zoneinfo)


@dataclass(frozen=True, slots=True)
class Terms:
    """The layers, in the order in which they are woken, from ``since`` until the next terms."""

    since: datetime
    layers: tuple[Layer, ...]

    def layer(self, key: int) -> Layer | None:
        return next((each for each in self.layers if each.key == key), None)


@dataclass(frozen=True, slots=True)
class Override:
    id: int
    layer: int
    person: int
    start: datetime
    end: datetime
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Swap:
    """A shift that ``giver`` asked to be relieved of, and ``taker`` took."""

    id: int
    layer: int
    giver: int
    taker: int
    start: datetime
    end: datetime
    asked_at: datetime
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Absence:
    person: int
    start: datetime
    end: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Roster:
    """All that decides who is on call. Raises ValueError when two terms begin at the same instant."""

    terms: tuple[Terms, ...]
    overrides: tuple[Override, ...] = ()
    swaps: tuple[Swap, ...] = ()
    absences: tuple[Absence, ...] = ()

    def __post_init__(self) -> None:
        order = tuple(sorted(self.terms, key=lambda each: each.since))
        if any(a.since == b.since for a, b in pairwise(order)):
            raise ValueError("terms: two begin at the same instant")
        object.__setattr__(self, "terms", order)
        object.__setattr__(self, "overrides", tuple(sorted(self.overrides, key=lambda o: (o.made_at, o.id))))
        object.__setattr__(self, "swaps", tuple(sorted(self.swaps, key=lambda s: (s.asked_at, s.id))))

    def terms_at(self, at: datetime) -> Terms | None:
        """Those in force; None before the first."""
        return next((each for each in reversed(self.terms) if each.since <= at), None)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on call and why. ``instead_of``: who it would otherwise have been; ``cause``: the override or swap."""

    layer: int
    person: int
    why: Why
    turn: int | None = None
    instead_of: int | None = None
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """One duty from a start to an end. What covers several turns is several shifts."""

    start: datetime
    end: datetime
    duty: Duty

    @property
    def layer(self) -> int:
        return self.duty.layer

    @property
    def person(self) -> int:
        return self.duty.person


@dataclass(frozen=True, slots=True)
class Gap:
    """Nobody of the layer is on call."""

    start: datetime
    end: datetime
    layer: int
    lack: Lack


@dataclass(frozen=True, slots=True)
class _Nobody:
    layer: int
    lack: Lack
    turn: int | None = field(default=None)


_Answer = Duty | _Nobody


def on_call(roster: Roster, at: datetime) -> tuple[Duty | None, ...]:
    """Who is on call at an instant, a place for each layer in force; None where a layer has nobody."""
    terms = roster.terms_at(at)
    if terms is None:
        return ()
    answers = (_answer(roster, layer, at, _is_open(layer, at)) for layer in terms.layers)
    return tuple(each if isinstance(each, Duty) else None for each in answers)


def shifts(roster: Roster, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """The final schedule of every layer over [start, end), cut to it, by start and then by layer."""
    found = [Shift(a, b, answer) for a, b, answer in _answers(roster, start, end) if isinstance(answer, Duty)]
    return tuple(sorted(found, key=lambda each: (each.start, each.layer)))


def stints(roster: Roster, start: datetime, end: datetime) -> tuple[Shift, ...]:
    """As ``shifts``, with what one person does without a break in a layer as one: its first duty, to its last end."""
    found: dict[int, list[Shift]] = {}
    for each in shifts(roster, start, end):
        of_layer = found.setdefault(each.layer, [])
        if of_layer and of_layer[-1].end == each.start and of_layer[-1].person == each.person:
            of_layer[-1] = Shift(of_layer[-1].start, each.end, of_layer[-1].duty)
        else:
            of_layer.append(each)
    return tuple(sorted((each for some in found.values() for each in some), key=lambda each: (each.start, each.layer)))


def gaps(roster: Roster, start: datetime, end: datetime, *, meant: bool = False) -> tuple[Gap, ...]:
    """Where a layer should have somebody and has nobody; with ``meant`` also where it is not supposed to."""
    found = [
        Gap(a, b, answer.layer, answer.lack)
        for a, b, answer in _merged(_answers(roster, start, end))
        if isinstance(answer, _Nobody) and (meant or not answer.lack.is_meant)
    ]
    return tuple(sorted(found, key=lambda each: (each.start, each.layer)))


def first_called(roster: Roster, start: datetime, end: datetime) -> tuple[tuple[datetime, datetime, Duty | None], ...]:
    """Who is woken first over [start, end): of the layers that have somebody, the first. None: nobody at all.

    The stretches partition [start, end).
    """
    held = shifts(roster, start, end)
    cuts = sorted({start, end, *(each.start for each in held), *(each.end for each in held)})
    cuts = sorted({*cuts, *(each.since for each in roster.terms if start < each.since < end)})
    found: list[tuple[datetime, datetime, Duty | None]] = []
    for a, b in pairwise(cuts):
        terms = roster.terms_at(a)
        order = {layer.key: place for place, layer in enumerate(terms.layers)} if terms else {}
        there = [each.duty for each in held if each.start <= a < each.end]
        first = min(there, key=lambda duty: order.get(duty.layer, len(order)), default=None)
        if found and found[-1][2] == first:
            found[-1] = (found[-1][0], b, first)
        else:
            found.append((a, b, first))
    return tuple(found)


def _answers(roster: Roster, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime, _Answer]]:
    """For each layer that is in force at some time, the answer for each stretch; equal neighbours are one."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    found: dict[int, list[tuple[datetime, datetime, _Answer]]] = {}
    ends = [each.since.astimezone(UTC) for each in roster.terms[1:]] + [end]
    for terms, over in zip(roster.terms, ends, strict=False):
        a, b = max(start, terms.since.astimezone(UTC)), min(end, over)
        for layer in terms.layers if a < b else ():
            pieces = found.setdefault(layer.key, [])
            for piece in _of_layer(roster, layer, a, b):
                if pieces and pieces[-1][1] == piece[0] and pieces[-1][2] == piece[2]:
                    pieces[-1] = (pieces[-1][0], piece[1], piece[2])
                else:
                    pieces.append(piece)
    for pieces in found.values():
        yield from pieces


def _of_layer(
    roster: Roster, layer: Layer, start: datetime, end: datetime
) -> Iterator[tuple[datetime, datetime, _Answer]]:
    hours = [(start, end)] if layer.week is None else openings(layer.week, layer.zoneinfo, start, end)
    cuts = {start, end, *layer.turns.handovers(start, end)}
    edges: list[Stretch] = list(hours)
    edges += [(each.start, each.end) for each in roster.overrides if each.layer == layer.key]
    edges += [(each.start, each.end) for each in roster.swaps if each.layer == layer.key]
    edges += [(each.start, each.end) for each in roster.absences]
    cuts |= {edge.astimezone(UTC) for stretch in edges for edge in stretch if start < edge < end}
    for a, b in pairwise(sorted(cuts)):
        yield a, b, _answer(roster, layer, a, any(opens <= a < closes for opens, closes in hours))


def _answer(roster: Roster, layer: Layer, at: datetime, is_open: bool) -> _Answer:
    turn = layer.turns.number_at(at)
    usual = _usual(roster, layer, at, turn, is_open)
    for each in reversed(roster.overrides):
        covers = each.layer == layer.key and each.start <= at < each.end
        if covers and not _is_away(roster, each.person, at, said_at=each.made_at):
            otherwise = usual.person if isinstance(usual, Duty) else None
            if otherwise == each.person:
                return usual  # who covers their own shift changes nothing
            return Duty(layer.key, each.person, Why.OVERRIDE, usual.turn, otherwise, each.id)
    return usual


def _usual(roster: Roster, layer: Layer, at: datetime, turn: int, is_open: bool) -> _Answer:
    """The answer without overrides."""
    if turn < 0:
        return _Nobody(layer.key, Lack.NOT_YET)
    if not is_open:
        return _Nobody(layer.key, Lack.HOURS)
    if not layer.people:
        return _Nobody(layer.key, Lack.EMPTY)
    place = turn % len(layer.people)
    order = dict.fromkeys(layer.people[place:] + layer.people[:place])
    planned = layer.people[place]
    swaps = [each for each in roster.swaps if each.layer == layer.key and each.start <= at < each.end]
    for person in order:
        holder, last = _followed(swaps, person)
        if not _is_away(roster, holder, at, said_at=last.taken_at if last else None):
            if last is not None:
                return Duty(layer.key, holder, Why.SWAP, turn, person, last.id)
            why = Why.TURN if person == planned else Why.STAND_IN
            return Duty(layer.key, person, why, turn, None if person == planned else planned)
    for person in order:
        if not _is_away(roster, person, at):
            return Duty(layer.key, person, Why.TURN if person == planned else Why.STAND_IN, turn)
    return _Nobody(layer.key, Lack.AWAY, turn)


def _followed(swaps: Iterable[Swap], person: int) -> tuple[int, Swap | None]:
    """Who has the person's shift after the swaps, and by which of them."""
    last = None
    for each in swaps:
        if each.giver == person:
            person, last = each.taker, each
    return person, last


def _is_away(roster: Roster, person: int, at: datetime, said_at: datetime | None = None) -> bool:
    """Whether the person is away, as far as it was not known when they said, at ``said_at``, that they would be
    there."""
    return any(
        each.person == person and each.start <= at < each.end and (said_at is None or each.told_at > said_at)
        for each in roster.absences
    )


def _is_open(layer: Layer, at: datetime) -> bool:
    if layer.week is None:
        return True
    tick = timedelta(microseconds=1)
    return any(opens <= at < closes for opens, closes in openings(layer.week, layer.zoneinfo, at, at + tick))


def _merged(
    answers: Iterable[tuple[datetime, datetime, _Answer]],
) -> Iterator[tuple[datetime, datetime, _Answer]]:
    """Gaps run on through hand-overs: whose turn nobody could take does not matter."""
    last: tuple[datetime, datetime, _Answer] | None = None
    for a, b, answer in answers:
        plain = _Nobody(answer.layer, answer.lack) if isinstance(answer, _Nobody) else answer
        if last is not None and last[1] == a and last[2] == plain:
            last = (last[0], b, plain)
        else:
            if last is not None:
                yield last
            last = (a, b, plain)
    if last is not None:
        yield last
