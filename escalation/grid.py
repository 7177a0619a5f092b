"""A calendar drawn as a table: each stretch of time as a cell that spans its share of the columns.

A day has the same number of columns whatever the clocks do in it; instants stand at their wall time. Only what a table
needs is here: no rows of the database, no words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from escalation.turns import instant, wall_time

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Grid:
    """``days`` dates from ``first`` on, in ``zone``, each of ``slots`` columns."""

    first: date
    days: int
    slots: int
    zone: ZoneInfo

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=number) for number in range(self.days)]

    @property
    def start(self) -> datetime:
        return instant(datetime.combine(self.first, time()), self.zone)

    @property
    def end(self) -> datetime:
        return instant(datetime.combine(self.first + timedelta(days=self.days), time()), self.zone)

    @property
    def columns(self) -> int:
        return self.days * self.slots

    def column(self, at: datetime) -> int:
        """The column at whose left edge the instant stands, to the nearest."""
        wall = wall_time(at, self.zone)
        seconds = (wall - datetime.combine(self.first, time())).total_seconds()
        return min(max(round(seconds * self.slots / 86_400), 0), self.columns)


@dataclass(frozen=True, slots=True)
class Cell(Generic[T]):
    """``content`` None: nothing stands there."""

    span: int
    start: datetime
    end: datetime
    content: T | None


def row(grid: Grid, pieces: Iterable[tuple[datetime, datetime, T]]) -> list[Cell[T]]:
    """The cells of one row, which together span every column. Pieces do not overlap; those narrower than half a column
    are left out."""
    cells: list[Cell[T]] = []
    at, left = grid.start, 0
    for start, end, content in sorted(pieces, key=lambda piece: piece[0]):
        opens, closes = max(grid.column(start), left), grid.column(end)
        if closes <= opens:
            continue
        if opens > left:
            cells.append(Cell(opens - left, at, start, None))
        cells.append(Cell(closes - opens, start, end, content))
        at, left = end, closes
    if left < grid.columns:
        cells.append(Cell(grid.columns - left, at, grid.end, None))
    return cells


def week_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def tones(people: Sequence[int], count: int) -> dict[int, int]:
    """A colour's number for each person, from 1; repeated when there are more people than colours."""
    return {person: place % count + 1 for place, person in enumerate(dict.fromkeys(people))}
