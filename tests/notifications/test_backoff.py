from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from supportdesk.notifications.backoff import next_attempt

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("attempts", "seconds"), [(1, 5), (2, 10), (3, 20), (8, 640), (12, 10_240), (13, 14_400), (40, 14_400)]
)
def test_it_doubles_from_five_seconds_to_four_hours(attempts: int, seconds: int) -> None:
    assert next_attempt(attempts=attempts, at=NOON, queued_at=NOON, spread=0.5) == NOON + timedelta(seconds=seconds)


def test_what_failed_together_is_not_repeated_together() -> None:
    early = next_attempt(attempts=1, at=NOON, queued_at=NOON, spread=0.0)
    late = next_attempt(attempts=1, at=NOON, queued_at=NOON, spread=1.0)
    assert (early, late) == (NOON + timedelta(seconds=4), NOON + timedelta(seconds=6))


@pytest.mark.parametrize(("asked", "seconds"), [(1, 5), (120, 120)])
def test_what_the_other_side_asked_for_is_honoured_when_it_is_longer(asked: int, seconds: int) -> None:
    following = next_attempt(attempts=1, at=NOON, queued_at=NOON, spread=0.5, retry_after=timedelta(seconds=asked))
    assert following == NOON + timedelta(seconds=seconds)


def test_after_three_days_it_is_given_up() -> None:
    queued_at = NOON - timedelta(days=3) + timedelta(hours=1)
    assert next_attempt(attempts=5, at=NOON, queued_at=queued_at, spread=0.5) is not None
    assert next_attempt(attempts=30, at=NOON, queued_at=queued_at, spread=0.5) is None
