"""Whether a destination is spoken to, and when again: the circuit breaker's rules. Pure.

Three failures in a row open it. Then nothing is sent but one delivery at a time that tries, after 5 s, 10 s and so on
up to five minutes; an urgent one may try three seconds after the last failure. Whatever the other side answers, closes
it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

OPENS_AFTER = 3
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
URGENT_PAUSE = timedelta(seconds=3)
PROBE = timedelta(seconds=30)
SHORTEST_THROTTLE = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Health:
    """As ``models.Destination`` says."""

    failures: int = 0
    failed_at: datetime | None = None
    opened_at: datetime | None = None
    openings: int = 0
    retry_at: datetime | None = None
    probe_until: datetime | None = None
    throttled_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Go:
    """``is_probe``: nobody else goes meanwhile."""

    is_probe: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    until: datetime


def admission(health: Health, *, is_urgent: bool, at: datetime) -> Go | Hold:
    """May a delivery leave now, and if not, when may it ask again?"""
    if health.opened_at is None:
        if not is_urgent and health.throttled_until is not None and health.throttled_until > at:
            return Hold(health.throttled_until)
        return Go()
    if health.probe_until is not None and health.probe_until > at:
        return Hold(min(health.probe_until, at + URGENT_PAUSE) if is_urgent else _latest(health, health.probe_until))
    ready = health.retry_at or at
    if is_urgent and health.failed_at is not None:
        ready = min(ready, health.failed_at + URGENT_PAUSE)
    return Go(is_probe=True) if ready <= at else Hold(ready)


def after_failure(health: Health, *, at: datetime) -> Health:
    """It did not answer, or as a broken server does."""
    failures = health.failures + 1
    if failures < OPENS_AFTER:
        return replace(health, failures=failures, failed_at=at, probe_until=None)
    pause = min(FIRST_PAUSE * 2 ** min(health.openings, 10), LONGEST_PAUSE)
    return replace(
        health,
        failures=failures,
        failed_at=at,
        opened_at=health.opened_at or at,
        openings=health.openings + 1,
        retry_at=at + pause,
        probe_until=None,
    )


def after_throttle(health: Health, *, retry_after: timedelta | None, at: datetime) -> Health:
    """It answered that we are too fast: it is alive, and the others wait a little."""
    until = at + max(retry_after or SHORTEST_THROTTLE, SHORTEST_THROTTLE)
    return Health(throttled_until=max(until, health.throttled_until or until))


def _latest(health: Health, other: datetime) -> datetime:
    return max(health.retry_at or other, other)
