"""What if, over the past: the same histories under the terms that were and under draft terms. Pure.

A ticket's facts are folded by ``sla.clocks.replay`` once with each terms; the cost is linear in facts. Clocks are
counted by when they started. What people did is taken as given: a shorter promise does not make anybody quicker.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sla.attainment import Counts, Standing, standing_of
from sla.clocks import replay
from sla.facts import Fact, FactKind
from sla.runs import Run
from sla.targets import Audience, Metric, Terms

BRINGS_TERMS = frozenset({FactKind.OPENED, FactKind.TERMS_CHANGED})


@dataclass(frozen=True, slots=True)
class History:
    """What happened to one ticket. The facts bring no terms of their own: ``versions`` names, in order, the plan
    version that each of those came with which bring some."""

    ticket_id: int
    number: int
    facts: tuple[Fact, ...]
    versions: tuple[int | None, ...]

    def under(self, terms: Mapping[int, Terms]) -> list[Fact]:
        """The facts with the terms that these plan versions stand for."""
        versions = iter(self.versions)
        return [
            replace(fact, terms=terms.get(next(versions) or 0)) if fact.kind in BRINGS_TERMS else fact
            for fact in self.facts
        ]


@dataclass(frozen=True, slots=True)
class Question:
    """Terms by plan version, as they are and as drafted, each carrying that version's id; clocks started in
    [start, end), judged at ``at``. ``plans`` names the plan of each version."""

    now: Mapping[int, Terms]
    then: Mapping[int, Terms]
    plans: Mapping[int, str]
    start: datetime
    end: datetime
    at: datetime


class Cell(NamedTuple):
    """What is counted together."""

    plan: str
    priority: str
    metric: Metric
    audience: Audience


@dataclass(frozen=True, slots=True)
class Flip:
    """A clock that would stand otherwise. None: there is no such clock on that side."""

    ticket_number: int
    cell: Cell
    started_at: datetime
    now: Standing | None
    then: Standing | None
    now_due_at: datetime | None
    then_due_at: datetime | None


@dataclass(slots=True)
class Comparison:
    """The answer, or a part of it: parts add up in any order."""

    tickets: int = 0
    facts: int = 0
    now: dict[Cell, Counts] = field(default_factory=dict)
    then: dict[Cell, Counts] = field(default_factory=dict)
    flips: list[Flip] = field(default_factory=list)

    def add(self, part: Comparison) -> None:
        self.tickets += part.tickets
        self.facts += part.facts
        for mine, theirs in ((self.now, part.now), (self.then, part.then)):
            for cell, counts in theirs.items():
                mine[cell] = mine.get(cell, Counts()) + counts
        self.flips += part.flips

    def cells(self) -> list[Cell]:
        return sorted(self.now.keys() | self.then.keys())

    def as_json(self) -> dict[str, Any]:
        """Instants as ISO 8601 in UTC."""
        return {
            "tickets": self.tickets,
            "facts": self.facts,
            "cells": [
                {**_cell_json(cell), "now": _counts_json(self.now.get(cell)), "then": _counts_json(self.then.get(cell))}
                for cell in self.cells()
            ],
            "flips": [
                {
                    "ticket": flip.ticket_number,
                    **_cell_json(flip.cell),
                    "started_at": _iso(flip.started_at),
                    "now": flip.now,
                    "then": flip.then,
                    "now_due_at": _iso(flip.now_due_at),
                    "then_due_at": _iso(flip.then_due_at),
                }
                for flip in sorted(self.flips, key=lambda flip: (flip.ticket_number, flip.started_at, flip.cell))
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Comparison:
        """What ``as_json`` gave."""
        part = cls(tickets=data["tickets"], facts=data["facts"])
        for row in data["cells"]:
            for side, counts in (("now", part.now), ("then", part.then)):
                counts[_cell(row)] = Counts(**{standing.value: row[side][standing.value] for standing in Standing})
        part.flips = [
            Flip(
                row["ticket"],
                _cell(row),
                datetime.fromisoformat(row["started_at"]),
                Standing(row["now"]) if row["now"] else None,
                Standing(row["then"]) if row["then"] else None,
                datetime.fromisoformat(row["now_due_at"]) if row["now_due_at"] else None,
                datetime.fromisoformat(row["then_due_at"]) if row["then_due_at"] else None,
            )
            for row in data["flips"]
        ]
        return part


def compare(question: Question, histories: Iterable[History]) -> Comparison:
    """How the clocks of these tickets stand under both terms."""
    answer = Comparison()
    for history in histories:
        answer.tickets += 1
        answer.facts += len(history.facts)
        now = _clocks(question, history, question.now)
        same = all(_same(question, version) for version in history.versions if version is not None)
        then = now if same else _clocks(question, history, question.then)
        for counts, clocks in ((answer.now, now), (answer.then, then)):
            for run, standing in clocks.values():
                cell = _cell_of(run, question)
                counts[cell] = counts.get(cell, Counts()) + Counts.of(standing)
        if not same:
            answer.flips += _flips(question, history, now, then)
    return answer


_asked: list[Question] = []


def remember(question: Question) -> None:
    """What ``fold`` answers in this process from now on: the terms are sent to a process once, not with each batch."""
    _asked[:] = [question]


def fold(histories: list[History]) -> Comparison:
    """``compare`` in a process that was told the question."""
    return compare(_asked[0], histories)


_Key = tuple[Metric, Audience, datetime, int]
_Clocks = dict[_Key, tuple[Run, Standing]]


def _clocks(question: Question, history: History, terms: Mapping[int, Terms]) -> _Clocks:
    """The clocks that count, named by what is the same under any terms: what is measured and since when."""
    clocks: _Clocks = {}
    for run in replay(history.under(terms)).runs:
        standing = standing_of(run, question.at)
        if standing is not None and question.start <= run.started_at < question.end:
            nth = 0
            while (key := (run.metric, run.audience, run.started_at, nth)) in clocks:
                nth += 1
            clocks[key] = run, standing
    return clocks


def _flips(question: Question, history: History, now: _Clocks, then: _Clocks) -> Iterable[Flip]:
    for key in now.keys() | then.keys():
        (was, stood), (would_be, would_stand) = now.get(key, (None, None)), then.get(key, (None, None))
        either = would_be or was
        if stood is not would_stand and either is not None:
            yield Flip(
                history.number,
                _cell_of(either, question),
                either.started_at,
                stood,
                would_stand,
                was.due_at if was else None,
                would_be.due_at if would_be else None,
            )


def _same(question: Question, version: int) -> bool:
    now, then = question.now.get(version), question.then.get(version)
    return now is then or (now is not None and then is not None and now == then)


def _cell_of(run: Run, question: Question) -> Cell:
    plan = question.plans.get(run.plan_version_id or 0, "")
    return Cell(plan, run.target.priority, run.metric, run.audience)


def _cell(row: Mapping[str, Any]) -> Cell:
    return Cell(row["plan"], row["priority"], Metric(row["metric"]), Audience(row["audience"]))


def _cell_json(cell: Cell) -> dict[str, str]:
    return {
        "plan": cell.plan,
        "priority": cell.priority,
        "metric": cell.metric.value,
        "audience": cell.audience.value,
    }


def _counts_json(counts: Counts | None) -> dict[str, Any]:
    counts = counts or Counts()
    return {**asdict(counts), "share": counts.share}


def _iso(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None
