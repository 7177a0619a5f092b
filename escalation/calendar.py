"""What a rota's calendar shows: for each layer its shifts and gaps, who is called first, and the same as a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from escalation import grid as tables
from escalation import rota as rules
from escalation.grid import Cell, Grid
from escalation.on_call import Watch
from supportdesk.accounts.models import Membership

TONES = 8
WIDEST = timedelta(days=63)
"""How far beyond the calendar its shifts are followed, so that they say when they really begin and end."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Somebody's shift, or (``person`` None) a stretch without anybody and why."""

    start: datetime
    end: datetime
    layer: int
    person: Membership | None
    duty: rules.Duty | None
    lack: rules.Lack | None
    tone: int
    instead_of: Membership | None = None

    @property
    def is_gap(self) -> bool:
        return self.lack is not None and not self.lack.is_meant

    @property
    def is_changed(self) -> bool:
        return self.duty is not None and self.duty.why is not rules.Why.TURN

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Row:
    key: int
    name: str
    cells: list[Cell[Piece]]
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Calendar:
    """``rows`` by layer; ``final`` is who is called first; ``gaps`` what should be covered and is not."""

    grid: Grid
    rows: list[Row]
    final: Row
    gaps: list[Piece]
    people: list[tuple[Membership, int]]

    def by_day(self) -> list[tuple[date, list[Piece]]]:
        """Shifts and gaps by the day on which they begin, or on which the calendar does."""
        days: dict[date, list[Piece]] = {day: [] for day in self.grid.dates}
        for row in self.rows:
            for piece in row.pieces:
                if piece.lack is None or piece.is_gap:
                    day = max(piece.start, self.grid.start).astimezone(self.grid.zone).date()
                    days[day].append(piece)
        for pieces in days.values():
            pieces.sort(key=lambda piece: (piece.start, piece.layer))
        return list(days.items())

    def name_of(self, layer: int) -> str:
        return next((row.name for row in self.rows if row.key == layer), "")


def calendar_of(watch: Watch, grid: Grid, tone: Mapping[int, int] | None = None) -> Calendar:
    """The calendar of a rota over a grid, which ``watch`` must cover, ``WIDEST`` on both sides included. ``tone``: the
    people's colours, where others than this rota's own are seen beside it."""
    start, end = grid.start, grid.end
    order = people_in_order(watch)
    tone = tables.tones(order, TONES) if tone is None else tone
    lengths = [layer.length for terms in watch.roster.terms for layer in terms.layers]
    margin = min(max(lengths, default=timedelta()) + timedelta(days=1), WIDEST)
    held = [each for each in rules.shifts(watch.roster, start - margin, end + margin) if _touches(each, start, end)]
    missing = [
        each
        for each in rules.gaps(watch.roster, start - margin, end + margin, meant=True)
        if _touches(each, start, end)
    ]
    rows = []
    for layer in _layers(watch, start, end):
        pieces = [_shift(watch, tone, each) for each in held if each.layer == layer.key]
        pieces += [_gap(each) for each in missing if each.layer == layer.key]
        rows.append(_row(grid, layer.key, layer.name, pieces))
    first = [
        _shift(watch, tone, rules.Shift(a, b, duty))
        if duty
        else Piece(a, b, 0, None, None, rules.Lack.EMPTY if _is_lacking(missing, a, b) else rules.Lack.HOURS, 0)
        for a, b, duty in rules.first_called(watch.roster, start, end)
    ]
    seen = {each.person for each in held}
    return Calendar(
        grid=grid,
        rows=rows,
        final=_row(grid, 0, "", _joined(first)),
        gaps=sorted((piece for row in rows for piece in row.pieces if piece.is_gap), key=lambda piece: piece.start),
        people=[(watch.people[pk], tone[pk]) for pk in order if pk in seen],
    )


def _touches(each: rules.Shift | rules.Gap, start: datetime, end: datetime) -> bool:
    return each.start < end and each.end > start


def _layers(watch: Watch, start: datetime, end: datetime) -> list[rules.Layer]:
    """Those in force at some time between, as their latest version has them, in its order."""
    found: dict[int, rules.Layer] = {}
    roster = watch.roster
    in_force = [each for each in roster.terms if start < each.since < end]
    begin = roster.terms_at(start)
    for terms in reversed([*([begin] if begin else []), *in_force]):
        for layer in terms.layers:
            found.setdefault(layer.key, layer)
    return list(found.values())


def people_in_order(watch: Watch) -> list[int]:
    """Everybody named in a rota, by their places, then whoever covers or takes a shift."""
    roster = watch.roster
    order = [pk for terms in roster.terms for layer in terms.layers for pk in layer.people]
    order += [each.person for each in roster.overrides] + [each.taker for each in roster.swaps]
    return [pk for pk in dict.fromkeys(order) if pk in watch.people]


def _shift(watch: Watch, tone: Mapping[int, int], shift: rules.Shift) -> Piece:
    other = shift.duty.instead_of
    return Piece(
        shift.start,
        shift.end,
        shift.layer,
        watch.people[shift.person],
        shift.duty,
        None,
        tone[shift.person],
        watch.people.get(other) if other is not None else None,
    )


def _gap(gap: rules.Gap) -> Piece:
    return Piece(gap.start, gap.end, gap.layer, None, None, gap.lack, 0)


def _is_lacking(missing: Sequence[rules.Gap], start: datetime, end: datetime) -> bool:
    return any(not each.lack.is_meant and each.start < end and each.end > start for each in missing)


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """Who is called first matters, not whether by turn or cover: neighbours of one person in one layer are one."""
    found: list[Piece] = []
    for piece in pieces:
        last = found[-1] if found else None
        same = last is not None and (last.person, last.layer, last.lack) == (piece.person, piece.layer, piece.lack)
        if last is not None and same and last.end == piece.start:
            found[-1] = Piece(
                last.start, piece.end, last.layer, last.person, last.duty, last.lack, last.tone, last.instead_of
            )
        else:
            found.append(piece)
    return found


def _row(grid: Grid, key: int, name: str, pieces: list[Piece]) -> Row:
    pieces = sorted(pieces, key=lambda piece: piece.start)
    return Row(key, name, tables.row(grid, [(piece.start, piece.end, piece) for piece in pieces]), pieces)
