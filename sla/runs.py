"""One run of one target on one ticket: started, paused, resumed, due, warned of, breached, settled. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sla.targets import Audience, Metric, Target


class Outcome(StrEnum):
    MET = "met"
    LATE = "late"
    CANCELLED = "cancelled"


class Pause(NamedTuple):
    """A half-open stretch of real time that does not count, and why."""

    began_at: datetime
    ended_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run keeps the target it runs under. Invariants:

    - ``due_at`` is None while the run is paused with time left, for best effort, and when the calendar never opens;
    - ``breached_at`` is the due instant, whenever it was noticed, and stands on an open or a late run only;
    - ``settled_at`` and ``outcome`` are set together, and a settled run never changes again, unless what ended it is
      undone.
    """

    target: Target
    plan_version_id: int | None
    cycle: int
    started_at: datetime
    pauses: tuple[Pause, ...] = ()
    paused_at: datetime | None = None
    paused_reason: str = ""
    promised_at: datetime | None = None
    due_at: datetime | None = None
    warn_at: datetime | None = None
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    settled_at: datetime | None = None
    outcome: Outcome | None = None

    @property
    def metric(self) -> Metric:
        return self.target.metric

    @property
    def audience(self) -> Audience:
        return self.target.audience

    @property
    def is_open(self) -> bool:
        return self.settled_at is None

    @property
    def is_paused(self) -> bool:
        return self.paused_at is not None

    @property
    def stretches(self) -> tuple[tuple[datetime, datetime], ...]:
        """The pauses that are over, as the calendar takes them."""
        return tuple((pause.began_at, pause.ended_at) for pause in self.pauses)

    def timed(self, at: datetime) -> Run:
        """This open run with its due and warning instants computed anew at ``at``; what was noticed under instants that
        are no longer past is taken back, because instants decide and not the moment of noticing."""
        due = self.promised_at or self.target.due(self.started_at, self.stretches)
        warn = None if due is None else self.target.warn_before(self.started_at, due, self.stretches)
        if self.paused_at is not None and self.promised_at is None:
            due = due if due is not None and due <= self.paused_at else None
            warn = warn if warn is not None and warn <= self.paused_at else None
        return replace(
            self,
            due_at=due,
            warn_at=warn,
            warned_at=self.warned_at if warn is not None and warn < at else None,
            breached_at=due if self.breached_at is not None and due is not None and due < at else None,
        )

    def since(self, started_at: datetime, at: datetime) -> Run:
        """The same run, same target and pauses, begun at another instant."""
        if started_at == self.started_at:
            return self
        pauses = tuple(each for each in self.pauses if each.ended_at > started_at)
        return replace(self, started_at=started_at, pauses=pauses).timed(at)

    def paused(self, at: datetime, reason: str) -> Run:
        return replace(self, paused_at=max(at, self.started_at), paused_reason=reason).timed(at)

    def resumed(self, at: datetime) -> Run:
        if self.paused_at is None:
            return self
        pauses = self.pauses
        if at > self.paused_at:
            pauses = (*pauses, Pause(self.paused_at, at, self.paused_reason))
        return replace(self, pauses=pauses, paused_at=None, paused_reason="").timed(at)

    def under(self, target: Target, plan_version_id: int | None, at: datetime) -> Run:
        """The same run, same start and same pauses, under another target."""
        return replace(self, target=target, plan_version_id=plan_version_id).timed(at)

    def promised(self, promised_at: datetime, at: datetime) -> Run:
        """The same run, due at the next update that was stated to the customer: pauses do not move it."""
        return replace(self, promised_at=promised_at).timed(at)

    def answered(self, at: datetime) -> Run:
        """Settled by what was promised. An answer at the due instant is in time."""
        return self._settled(at, Outcome.MET)

    def ended(self, at: datetime) -> Run:
        """Settled because nothing is owed any more: cancelled, unless it was due before."""
        return self._settled(at, Outcome.CANCELLED)

    def withdrawn(self, at: datetime) -> Run:
        """Cancelled because the promise itself is gone: without it there was no deadline to miss."""
        run = self.resumed(at)
        return replace(run, breached_at=None, settled_at=at, outcome=Outcome.CANCELLED)

    def goes_on(self) -> Run:
        """Open again, because what ended it is undone; the time in between counts."""
        return replace(self, settled_at=None, outcome=None)

    def _settled(self, at: datetime, in_time: Outcome) -> Run:
        run = self.resumed(at)
        if run.due_at is not None and at > run.due_at:
            return replace(run, breached_at=run.due_at, settled_at=at, outcome=Outcome.LATE)
        return replace(run, breached_at=None, settled_at=at, outcome=in_time)


class AlarmKind(StrEnum):
    WARNING = "warning"
    BREACH = "breach"


class Alarm(NamedTuple):
    """A run reached its warning or due instant: ``at`` is that instant, not the moment of noticing."""

    at: datetime
    kind: AlarmKind
    run: Run


def alarmed(run: Run, at: datetime) -> tuple[Run, list[Alarm]]:
    """The run with everything noticed that came due before ``at``, and what was new. At the due instant itself nothing
    is broken yet: an answer may still come in time."""
    alarms: list[Alarm] = []
    if not run.is_open:
        return run, alarms
    if run.warned_at is None and run.warn_at is not None and run.warn_at < at:
        instant, run = run.warn_at, replace(run, warned_at=run.warn_at)
        alarms.append(Alarm(instant, AlarmKind.WARNING, run))
    if run.breached_at is None and run.due_at is not None and run.due_at < at:
        instant, run = run.due_at, replace(run, breached_at=run.due_at)
        alarms.append(Alarm(instant, AlarmKind.BREACH, run))
    return run, alarms
