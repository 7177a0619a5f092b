"""What changed layers would mean over the next four weeks, before they are saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from escalation import rota as rules
from escalation.actions import LayerTerms
from escalation.calendar import WIDEST, Calendar, calendar_of
from escalation.grid import Grid
from escalation.models import Rota
from escalation.on_call import Watch, layer_of, watches
from supportdesk.accounts.models import Membership

DAYS = 28


@dataclass(frozen=True, slots=True)
class Move:
    """A stretch of a layer that goes from one person (None: nobody) to another."""

    layer: str
    start: datetime
    end: datetime
    before: Membership | None
    after: Membership | None


@dataclass(frozen=True, slots=True)
class Preview:
    calendar: Calendar
    moves: list[Move]


def preview(
    rota: Rota | None, layers: Sequence[LayerTerms], grid: Grid, *, effective_at: datetime, at: datetime
) -> Preview:
    """The calendar as it would be, and who would have more or less to do than now. Changes what is not yet there
    only: nothing is written."""
    stand_in = rota or Rota(pk=0)
    now = watches([stand_in], grid.start - WIDEST, grid.end + WIDEST, now=at)[stand_in.pk]
    people = now.people | {person.pk: person for each in layers for person in each.people}
    known = [layer.key for each in now.roster.terms for layer in each.layers]
    last = max([*known, *(each.key or 0 for each in layers)], default=0)
    draft = rules.Terms(
        effective_at,
        tuple(
            layer_of(each.row(place, each.key or last + place), tuple(person.pk for person in each.people))
            for place, each in enumerate(layers, start=1)
        ),
    )
    terms = [each for each in now.roster.terms if each.since != effective_at]
    then = Watch(stand_in, replace(now.roster, terms=(*terms, draft)), people)
    return Preview(calendar_of(then, grid), _moves(now, then, at, grid.end) if rota is not None else [])


def _moves(now: Watch, then: Watch, start: datetime, end: datetime) -> list[Move]:
    """Where the two differ from ``start`` on; neighbours of the same two people are one."""
    before, after = (rules.shifts(watch.roster, start, end) for watch in (now, then))
    keys = {each.layer for each in (*before, *after)}
    names = {layer.key: layer.name for watch in (now, then) for each in watch.roster.terms for layer in each.layers}
    moves: list[Move] = []
    for key in sorted(keys):
        cuts = {start, end}
        for each in (*before, *after):
            if each.layer == key:
                cuts |= {each.start, each.end}
        order = sorted(cuts)
        for a, b in pairwise(order):
            was, will = (_holder(held, key, a) for held in (before, after))
            if was == will:
                continue
            move = Move(names.get(key, ""), a, b, then.people.get(was or 0), then.people.get(will or 0))
            last = moves[-1] if moves else None
            if (
                last
                and last.end == a
                and (last.layer, last.before, last.after) == (move.layer, move.before, move.after)
            ):
                moves[-1] = replace(last, end=b)
            else:
                moves.append(move)
    return sorted(moves, key=lambda move: (move.start, move.layer))


def _holder(held: Sequence[rules.Shift], key: int, at: datetime) -> int | None:
    return next((each.person for each in held if each.layer == key and each.start <= at < each.end), None)


def four_weeks(at: datetime, zone: ZoneInfo) -> Grid:
    """From the Monday of this week on, in the reader's zone."""
    today = at.astimezone(zone).date()
    return Grid(today - timedelta(days=today.weekday()), DAYS, 24, zone)
