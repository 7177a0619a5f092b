from __future__ import annotations

from datetime import UTC, datetime, timedelta

from prometheus_client import REGISTRY

from supportdesk.timers import lateness
from supportdesk.timers.registry import DueTimer

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


def due(seconds_ago: float, kind: str = "lateness-test") -> DueTimer:
    return DueTimer(1, 1, kind, 1, 1, NOON - timedelta(seconds=seconds_ago), 0)


def test_a_summary_covers_the_firings_since_the_last_one() -> None:
    lateness.observe([due(number / 100) for number in range(1, 101)], NOON)
    assert lateness.take_summary() == lateness.Summary(fired=100, p50=0.51, p99=1.0, longest=1.0)
    assert lateness.take_summary() is None


def test_every_firing_is_in_the_exported_histogram() -> None:
    lateness.observe([due(0.3, "exported"), due(3.0, "exported")], NOON)
    lateness.take_summary()

    def below(seconds: str) -> float | None:
        return REGISTRY.get_sample_value(
            "supportdesk_timer_lateness_seconds_bucket", {"kind": "exported", "le": seconds}
        )

    assert (below("0.25"), below("0.5"), below("5.0")) == (0, 1, 2)
