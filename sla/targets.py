"""What is promised: how much open time, counted on which calendar, for which metric and audience.

Pure arithmetic on frozen values; any app may import it. All instants are aware datetimes; amounts are seconds of open
time or business days. The rules are those of ``shared/DESIGN.md`` section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sla.calendars import BusinessCalendar, Pauses, Rule

OPEN_STATES = frozenset({"new", "acknowledged", "in_progress", "waiting", "reopened"})
"""The states in which somebody still owes something: every state but resolved."""

ANY_PRIORITY = "*"
"""The priority of a target that holds whatever the ticket's priority is."""


class Metric(StrEnum):
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    UPDATE = "update"
    RESOLUTION = "resolution"
    DELIVERY = "delivery"
    CALLBACK = "callback"


class Audience(StrEnum):
    """Who was promised: the customer by contract, or the vendor's own people."""

    CONTRACT = "contract"
    INTERNAL = "internal"


class Driver(StrEnum):
    """Whose judgement of urgency the contract's clocks follow: the customer's priority or the triage severity."""

    PRIORITY = "priority"
    SEVERITY = "severity"


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds of open time."""

    seconds: int

    def __post_init__(self) -> None:
        if self.seconds <= 0:
            raise ValueError(f"a span must be positive, not {self.seconds} seconds")


@dataclass(frozen=True, slots=True)
class BusinessDays:
    """Business days, counted by a rule of ``BusinessCalendar.add_days``. Of a range ("1–2 business days") ``days`` is
    the upper end, which is the promise, and ``low`` the lower, which is only shown."""

    days: int
    low: int | None = None
    rule: Rule = "elapsed"

    def __post_init__(self) -> None:
        if self.days <= 0:
            raise ValueError(f"business days must be positive, not {self.days}")
        if self.low is not None and not 0 < self.low <= self.days:
            raise ValueError(f"the lower end of a range of days lies between 1 and {self.days}, not at {self.low}")


@dataclass(frozen=True, slots=True)
class BestEffort:
    """No instant is promised: tracked and reported, never breached."""


Amount = Span | BusinessDays | BestEffort


@dataclass(frozen=True, slots=True)
class WarnAt:
    """When to warn: after a fraction of the open time to the due instant, or a lead before it, whichever is earlier.
    With neither there is no warning. The lead is real time, not open time."""

    fraction: float | None = None
    lead: timedelta | None = None

    def __post_init__(self) -> None:
        if self.fraction is not None and not 0 < self.fraction <= 1:
            raise ValueError(f"a warning comes after a fraction between 0 and 1 of the time, not {self.fraction}")
        if self.lead is not None and self.lead <= timedelta(0):
            raise ValueError(f"a warning comes some time before the due instant, not {self.lead}")


@dataclass(frozen=True, slots=True)
class Target:
    """One promise of one plan version at one priority. ``key`` names it within its plan version; ``promise`` is the
    short wording that people see, ``source`` the sentence of the document that it comes from."""

    key: str
    metric: Metric
    audience: Audience
    priority: str
    amount: Amount
    calendar: BusinessCalendar
    calendar_name: str
    warn: WarnAt
    pauses_in: frozenset[str]
    promise: str
    source: str
    derived_from: str = ""
    runs_in: frozenset[str] = OPEN_STATES

    @property
    def is_best_effort(self) -> bool:
        return isinstance(self.amount, BestEffort)

    def due(self, start: datetime, pauses: Pauses = ()) -> datetime | None:
        """The last instant at which the promise is kept; None for best effort and when the calendar never opens long
        enough. Pauses are half-open stretches of real time that do not count."""
        match self.amount:
            case Span(seconds):
                return self.calendar.add(start, seconds, pauses)
            case BusinessDays(days, _, rule):
                return self.calendar.add_days(start, days, rule, pauses)
            case BestEffort():
                return None

    def due_low(self, start: datetime, pauses: Pauses = ()) -> datetime | None:
        """The lower end of a range of business days ("1–2 business days"): shown, not promised. None if no range."""
        match self.amount:
            case BusinessDays(_, int(low), rule):
                return self.calendar.add_days(start, low, rule, pauses)
            case _:
                return None

    def warn_at(self, start: datetime, pauses: Pauses = ()) -> datetime | None:
        """When to warn that the due instant comes near; never before the start. None if there is nothing to warn of."""
        due = self.due(start, pauses)
        return None if due is None else self.warn_before(start, due, pauses)

    def warn_before(self, start: datetime, due: datetime, pauses: Pauses = ()) -> datetime | None:
        """As ``warn_at``, for a due instant that was stated instead of computed."""
        candidates: list[datetime] = []
        if self.warn.fraction is not None:
            total = self.calendar.between(start, due, pauses)
            early = self.calendar.add(start, int(total * self.warn.fraction), pauses)
            candidates.append(due if early is None else early)
        if self.warn.lead is not None:
            candidates.append(due - self.warn.lead)
        if not candidates:
            return None
        return max(start, min(*candidates, due))


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything one plan version promises. ``driver`` says which judgement the contract's clocks follow; internal
    clocks always follow the triage severity where there is one (Drud: "it is solely up to the Tier Two team member to
    decide the severity")."""

    plan_version_id: int | None
    plan_name: str
    driver: Driver
    targets: tuple[Target, ...]

    def __post_init__(self) -> None:
        if len({target.key for target in self.targets}) != len(self.targets):
            raise ValueError(f"two targets of {self.plan_name} have the same key")

    def applying(self, priority: str, severity: str | None = None) -> tuple[Target, ...]:
        """The targets that hold for a ticket of this priority and triage severity (None before triage)."""
        judged = severity or priority
        contract = judged if self.driver is Driver.SEVERITY else priority
        return tuple(
            target
            for target in self.targets
            if target.priority in (ANY_PRIORITY, contract if target.audience is Audience.CONTRACT else judged)
        )

    def target(self, key: str) -> Target | None:
        """The target of this key, or None if the plan version has none."""
        return next((target for target in self.targets if target.key == key), None)
