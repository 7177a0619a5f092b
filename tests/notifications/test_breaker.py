from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from supportdesk.notifications.breaker import (
    LONGEST_PAUSE,
    Go,
    Health,
    Hold,
    admission,
    after_failure,
    after_throttle,
)

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def failed(times: int, at: datetime = NOON) -> Health:
    health = Health()
    for _ in range(times):
        health = after_failure(health, at=at)
    return health


@pytest.mark.parametrize("times", [0, 1, 2])
def test_two_failures_do_not_open_it(times: int) -> None:
    assert admission(failed(times), is_urgent=False, at=NOON) == Go()


def test_the_third_does() -> None:
    health = failed(3)
    assert health.opened_at == NOON
    assert admission(health, is_urgent=False, at=NOON) == Hold(NOON + 5 * SECOND)


def test_after_the_pause_one_goes_ahead_to_try() -> None:
    assert admission(failed(3), is_urgent=False, at=NOON + 5 * SECOND) == Go(is_probe=True)


def test_what_is_urgent_tries_three_seconds_after_the_last_failure_however_long_the_pause() -> None:
    health = failed(12)
    assert health.retry_at is not None
    assert health.retry_at > NOON + timedelta(minutes=4)
    assert admission(health, is_urgent=True, at=NOON + 2 * SECOND) == Hold(NOON + 3 * SECOND)
    assert admission(health, is_urgent=True, at=NOON + 3 * SECOND) == Go(is_probe=True)


def test_the_pauses_double_to_five_minutes() -> None:
    pauses = []
    for times in range(3, 12):
        health = failed(times)
        assert health.retry_at is not None
        pauses.append((health.retry_at - NOON).total_seconds())
    assert pauses[:4] == [5, 10, 20, 40]
    assert max(pauses) == LONGEST_PAUSE.total_seconds()


def test_while_somebody_tries_the_others_wait() -> None:
    trying = Health(failures=3, failed_at=NOON, opened_at=NOON, retry_at=NOON, probe_until=NOON + 30 * SECOND)
    assert admission(trying, is_urgent=False, at=NOON + SECOND) == Hold(NOON + 30 * SECOND)
    assert admission(trying, is_urgent=True, at=NOON + SECOND) == Hold(NOON + 4 * SECOND)


def test_being_too_fast_is_no_failure_and_holds_up_only_what_is_not_urgent() -> None:
    health = after_throttle(failed(2), retry_after=timedelta(minutes=16), at=NOON)
    assert health.failures == 0
    assert admission(health, is_urgent=False, at=NOON) == Hold(NOON + timedelta(minutes=16))
    assert admission(health, is_urgent=True, at=NOON) == Go()
    assert admission(health, is_urgent=False, at=NOON + timedelta(minutes=16)) == Go()
