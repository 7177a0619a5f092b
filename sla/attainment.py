"""How promises were kept, counted. Pure: over runs here, over rows in ``sla/reports.py``, by the same names."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import datetime
from enum import StrEnum

from sla.runs import Outcome, Run


class Standing(StrEnum):
    MET = "met"
    LATE = "late"
    """Kept in the end, after its due instant."""
    BREACHED = "breached"
    """Still open, past its due instant."""
    RUNNING = "running"
    """Still open, with time left or paused."""
    BEST_EFFORT = "best_effort"
    """Nothing was promised that could be missed."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Clocks by how they stand; cancelled ones are in none of them."""

    met: int = 0
    late: int = 0
    breached: int = 0
    running: int = 0
    best_effort: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def decided(self) -> int:
        """Those of which it is known whether the promise was kept in time."""
        return self.met + self.late + self.breached

    @property
    def total(self) -> int:
        return self.decided + self.running + self.best_effort

    @property
    def share(self) -> float | None:
        """The share kept in time among those decided, 0 to 1; None while nothing is decided."""
        return self.met / self.decided if self.decided else None

    @staticmethod
    def of(standing: Standing) -> Counts:
        return _ONE[standing]


_ONE = {standing: Counts(**{standing.value: 1}) for standing in Standing}


def standing_of(run: Run, at: datetime) -> Standing | None:
    """How the run stands at ``at``, whoever has noticed; None for one that ended with nothing owed."""
    if run.outcome is Outcome.CANCELLED:
        return None
    if run.outcome is Outcome.LATE:
        return Standing.LATE
    if run.is_open and run.due_at is not None and run.due_at < at:
        return Standing.BREACHED
    if run.target.is_best_effort and run.promised_at is None:
        return Standing.BEST_EFFORT
    return Standing.RUNNING if run.is_open else Standing.MET


def percent(share: float | None) -> str:
    """ "97.3 %", never rounded up to a hundred; a dash where nothing is decided."""
    if share is None:
        return "–"
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    return f"{min(99.9, max(0.1, round(share * 100, 1)))} %"
