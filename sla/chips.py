"""A clock at a glance, as values: what state it is in, what is left, what to show on hover. No HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from django.utils.translation import gettext as _

from sla.calendars import BusinessCalendar
from sla.runs import Outcome, Run
from sla.targets import OPEN_STATES, Audience, Metric


class ChipState(StrEnum):
    RUNNING = "running"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    PAUSED = "paused"
    MET = "met"
    LATE = "late"
    BEST_EFFORT = "best_effort"
    WAITING = "waiting"
    """No clock: nothing is due, and the customer waits for an answer all the same."""


@dataclass(frozen=True, slots=True)
class Chip:
    """One clock at one instant.

    ``left`` is the open time until due, of a paused clock as if it resumed now; ``share_used`` of the whole open time,
    0 to 1; ``open`` the stretches of open time still ahead when not all time counts (``business``), for a display that
    ticks. ``is_far``: closed hours lie before the due instant, so that ``left`` does not say how far off it is.
    ``clock_id`` is None for a run that is in no row.
    """

    clock_id: int | None
    metric: Metric
    audience: Audience
    state: ChipState
    label: str
    promise: str
    reason: str
    started_at: datetime
    due_at: datetime | None
    warn_at: datetime | None
    settled_at: datetime | None
    left: timedelta | None
    share_used: float
    business: bool
    is_far: bool
    open: tuple[tuple[datetime, datetime], ...]

    @property
    def remaining_seconds(self) -> float | None:
        """Open seconds until due; None where nothing is due."""
        return None if self.left is None else self.left.total_seconds()


def chip(run: Run, at: datetime, *, clock_id: int | None = None, for_customer: bool = False) -> Chip:
    """The run as it looks at ``at``. Customers are not shown what agents write as the reason of a pause."""
    state = state_of(run, at)
    target, calendar = run.target, run.target.calendar
    due_at = _due_if_resumed(run, at) if run.is_paused else run.due_at
    ticking = state in (ChipState.RUNNING, ChipState.AT_RISK, ChipState.PAUSED)
    pauses = _pauses(run, at)
    business = counts_only_open_time(calendar)
    left = timedelta(seconds=calendar.between(at, due_at, pauses)) if ticking and due_at is not None else None
    stretches = calendar.open_periods(at, due_at, pauses) if business and left and not run.is_paused and due_at else ()
    return Chip(
        clock_id=clock_id,
        metric=target.metric,
        audience=target.audience,
        state=state,
        label=label_of(target.metric, target.audience),
        promise=target.promise,
        reason=reason_text(run.paused_reason, for_customer=for_customer) if run.is_paused else "",
        started_at=run.started_at,
        due_at=run.due_at,
        warn_at=run.warn_at,
        settled_at=run.settled_at,
        left=left,
        share_used=_share_used(run, at, due_at, pauses),
        business=business,
        is_far=left is not None and run.due_at is not None and run.due_at - at - left >= timedelta(seconds=1),
        open=tuple(stretches),
    )


@dataclass(frozen=True, slots=True)
class Waiting:
    """A customer who has waited for an answer since ``since`` while nothing is due; ``last`` is the clock that would be
    shown otherwise. Real time: nobody promised open hours."""

    since: datetime
    last: Chip | None
    state: ChipState = ChipState.WAITING
    clock_id: None = None
    due_at: None = None

    @property
    def label(self) -> str:
        return _("No promise is running")


def waiting_instead(shown: Chip | None, since: datetime | None) -> Chip | Waiting | None:
    """What one chip should show of a ticket whose customer has been unanswered ``since``: the clock, or the waiting
    where every clock is settled or there is none."""
    if since is not None and (shown is None or shown.state in (ChipState.MET, ChipState.LATE)):
        return Waiting(since, shown)
    return shown


def state_of(run: Run, at: datetime) -> ChipState:
    """What a run is at ``at``, whether or not anybody has noticed yet that it came due."""
    if run.outcome is not None:
        return ChipState.LATE if run.outcome is Outcome.LATE else ChipState.MET
    if run.due_at is not None and at > run.due_at:
        return ChipState.BREACHED
    if run.is_paused and run.promised_at is None:
        return ChipState.PAUSED
    if run.target.is_best_effort and run.due_at is None:
        return ChipState.BEST_EFFORT
    if run.warn_at is not None and at >= run.warn_at:
        return ChipState.AT_RISK
    return ChipState.RUNNING


def label_of(metric: Metric, audience: Audience) -> str:
    """What is measured, in a word or two; internal objectives say that they are."""
    name = {
        Metric.FIRST_RESPONSE: _("First response"),
        Metric.NEXT_RESPONSE: _("Next response"),
        Metric.UPDATE: _("Next update"),
        Metric.RESOLUTION: _("Resolution"),
        Metric.DELIVERY: _("Delivery"),
        Metric.CALLBACK: _("Call-back"),
    }[metric]
    return name if audience is Audience.CONTRACT else _("%(metric)s (internal)") % {"metric": name}


@lru_cache(maxsize=1024)
def counts_only_open_time(calendar: BusinessCalendar) -> bool:
    """Whether the calendar is ever closed: around the clock, open time and real time are the same."""
    year = datetime(2024, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC)
    around_the_clock = calendar.between(*year) == (year[1] - year[0]).total_seconds()
    return not around_the_clock or bool(calendar.holidays)


def _due_if_resumed(run: Run, at: datetime) -> datetime | None:
    return run.due_at if run.due_at is not None else run.target.due(run.started_at, _pauses(run, at))


def _pauses(run: Run, at: datetime) -> tuple[tuple[datetime, datetime], ...]:
    if run.paused_at is None or at <= run.paused_at or run.promised_at is not None:
        return run.stretches
    return (*run.stretches, (run.paused_at, at))


def _share_used(
    run: Run, at: datetime, due_at: datetime | None, pauses: tuple[tuple[datetime, datetime], ...]
) -> float:
    if due_at is None:
        return 0.0
    calendar = run.target.calendar
    total = calendar.between(run.started_at, due_at, pauses)
    used = calendar.between(run.started_at, run.settled_at or at, pauses)
    return min(1.0, max(0.0, used / total)) if total > 0 else 1.0


def reason_text(reason: str, *, for_customer: bool = False) -> str:
    """The reason of a pause as a reader may see it: what agents write there is for the desk."""
    if for_customer:
        return _("waiting for your answer")
    if reason == "waiting":
        return _("waiting for customer")
    return _("paused") if reason in OPEN_STATES else reason
