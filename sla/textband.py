"""A clock's strip of time drawn with letters, for terminals: the same values as the picture on the page. Pure."""

from __future__ import annotations

from datetime import datetime, tzinfo

from sla.band import Band, Day, Mark, Segment
from sla.counting import day

WIDTH = 76
SIGNS = {"closed": "·", "open": "░", "holiday": "+", "paused": "=", "used": "█", "overdue": "!"}
LETTERS = {"filed": "S", "warning": "W", "low": "R", "due": "D", "met": "M", "breached": "L", "now": "N"}


def drawn(band: Band, zone: tzinfo, *, width: int = WIDTH) -> list[str]:
    """The days, the strip, the marks under it, and what each sign and letter stands for, instants in ``zone``."""
    strip = _Strip(band, width)
    kinds = [kind for kind in SIGNS if any(segment.kind == kind for segment in band.segments)]
    key = "  ".join(f"{SIGNS[kind]} {_NAMES[kind]}" for kind in kinds)
    marks = sorted(band.marks, key=lambda mark: mark.at)
    legend = [f"{LETTERS[mark.kind]} {mark.label} {day(mark.at, zone)}" for mark in marks]
    return [strip.days(), strip.signs(), *strip.marks(marks), key, *legend]


_NAMES = {kind: kind for kind in SIGNS} | {"used": "counted"}


class _Strip:
    def __init__(self, band: Band, width: int) -> None:
        self.band = band
        self.width = width
        self.cell = (band.end - band.start) / width

    def column(self, at: datetime) -> int:
        return min(self.width - 1, max(0, int((at - self.band.start) / self.cell)))

    def signs(self) -> str:
        """Each column shows what lies at its middle; what counted or paused for less than a column still has one."""
        columns = ["·"] * self.width
        for segment in self.band.segments:
            for column in self._covered(segment):
                columns[column] = SIGNS[segment.kind]
        return "".join(columns)

    def _covered(self, segment: Segment) -> range:
        half = self.cell / 2
        first, last = self.column(segment.start + half), self.column(segment.end + half)
        if last > first:
            return range(first, last if segment.end < self.band.end else self.width)
        at = self.column(segment.start + (segment.end - segment.start) / 2)
        return range(at, at + 1) if segment.kind in ("paused", "used", "overdue") else range(0)

    def days(self) -> str:
        """The names of the days where they begin, as far as there is room for them."""
        line = ""
        for each in self.band.days:
            column = self.column(each.at)
            if not line or column > len(line):
                line = line.ljust(column) + _named(each)
        return line[: self.width + 8].rstrip()

    def marks(self, marks: list[Mark]) -> list[str]:
        """Letters under the strip; those that would stand in one place go below each other."""
        lines: list[dict[int, str]] = []
        for mark in marks:
            column = self.column(mark.at)
            free = next((line for line in lines if column not in line), None)
            if free is None:
                free = {}
                lines.append(free)
            free[column] = LETTERS[mark.kind]
        return ["".join(line.get(column, " ") for column in range(self.width)).rstrip() for line in lines]


def _named(day: Day) -> str:
    return f"|{day.label}"
