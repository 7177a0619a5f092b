"""Terms that the tests of the clocks run under, after the vendors' documents."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sla.calendars import BusinessCalendar
from sla.targets import (
    OPEN_STATES,
    Amount,
    Audience,
    BestEffort,
    BusinessDays,
    Driver,
    Metric,
    Span,
    Target,
    Terms,
    WarnAt,
)

DAY = [("00:00", "24:00")]
ALWAYS = BusinessCalendar("Etc/UTC", dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), DAY))
OFFICE = BusinessCalendar(
    "Europe/Kyiv", {day: [("09:00", "17:00")] for day in ("mon", "tue", "wed", "thu", "fri")}, ["2026-03-09"]
)
THREE_QUARTERS = WarnAt(0.75)
CLOSED = BusinessCalendar("Etc/UTC", {})


def utc(text: str) -> datetime:
    """ "10:00" on Tuesday 10 March 2026, or a whole ISO 8601 instant, in UTC."""
    full = text if "T" in text else f"2026-03-10T{text}"
    return datetime.fromisoformat(full).replace(tzinfo=UTC)


def target(
    metric: Metric,
    priority: str,
    amount: Amount,
    *,
    audience: Audience = Audience.CONTRACT,
    calendar: BusinessCalendar = ALWAYS,
    warn: WarnAt = THREE_QUARTERS,
    pauses_in: frozenset[str] = frozenset({"waiting"}),
    runs_in: frozenset[str] = OPEN_STATES,
) -> Target:
    key = f"{priority}:{metric}:{audience}"
    promise = f"{priority} {metric}"
    return Target(
        key, metric, audience, priority, amount, calendar, "calendar", warn, pauses_in, promise, promise, "", runs_in
    )


def hours(count: float) -> Span:
    return Span(int(count * 3600))


def minutes(count: int) -> Span:
    return Span(count * 60)


def terms(*targets: Target, driver: Driver = Driver.PRIORITY, version: int = 1) -> Terms:
    return Terms(version, "Enterprise", driver, targets)


def enterprise(version: int = 1) -> Terms:
    """Three priorities: P1 around the clock with everything promised, P2 in office hours, P3 by best effort."""
    return terms(
        target(Metric.FIRST_RESPONSE, "P1", hours(2)),
        target(Metric.NEXT_RESPONSE, "P1", hours(1)),
        target(Metric.UPDATE, "P1", minutes(30)),
        target(Metric.RESOLUTION, "P1", hours(8)),
        target(Metric.FIRST_RESPONSE, "P1", minutes(60), audience=Audience.INTERNAL, pauses_in=frozenset()),
        target(Metric.FIRST_RESPONSE, "P2", hours(4), calendar=OFFICE),
        target(Metric.RESOLUTION, "P2", BusinessDays(2), calendar=OFFICE),
        target(Metric.NEXT_RESPONSE, "P2", hours(8), calendar=OFFICE, warn=WarnAt(lead=timedelta(minutes=30))),
        target(Metric.FIRST_RESPONSE, "P3", BestEffort(), calendar=OFFICE),
        version=version,
    )
