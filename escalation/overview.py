"""Every rota in one table: a week, a row for each layer, people in one colour wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from escalation import grid as tables
from escalation.calendar import TONES, WIDEST, Calendar, Piece, calendar_of, people_in_order
from escalation.grid import Grid
from escalation.models import Rota
from escalation.on_call import watches
from supportdesk.accounts.models import Membership


@dataclass(frozen=True, slots=True)
class Overview:
    """The rotas in use over a grid, by name; ``people`` are those who have shifts in it, with their colours."""

    grid: Grid
    parts: Sequence[tuple[Rota, Calendar]]
    people: Sequence[tuple[Membership, int]]

    def by_day(self) -> Iterator[tuple[date, list[tuple[Rota, str, Piece]]]]:
        """As ``Calendar.by_day``, for all rotas: with the rota and the layer's name."""
        days: dict[date, list[tuple[Rota, str, Piece]]] = {day: [] for day in self.grid.dates}
        for rota, calendar in self.parts:
            for day, pieces in calendar.by_day():
                days[day] += [(rota, calendar.name_of(piece.layer), piece) for piece in pieces]
        for day, found in days.items():
            yield day, sorted(found, key=lambda each: each[2].start)


def overview_of(grid: Grid, *, now: datetime) -> Overview:
    """As many queries for many rotas as for one."""
    rotas = list(Rota.objects.in_use().order_by("name", "pk"))
    found = watches(rotas, grid.start - WIDEST, grid.end + WIDEST, now=now)
    everybody = list(dict.fromkeys(pk for rota in rotas for pk in people_in_order(found[rota.pk])))
    tone = tables.tones(everybody, TONES)
    parts = [(rota, calendar_of(found[rota.pk], grid, tone)) for rota in rotas]
    there = {person.pk: (person, colour) for _rota, calendar in parts for person, colour in calendar.people}
    return Overview(grid, parts, [there[pk] for pk in everybody if pk in there])
