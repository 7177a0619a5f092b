"""How late timers fire: seconds between the due instant and the firing, by the database's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from prometheus_client import Counter, Histogram

from supportdesk.timers.registry import DueTimer

LATENESS = Histogram(
    "supportdesk_timer_lateness_seconds",
    "Seconds between a timer's due instant and its firing.",
    ["kind"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 600, 3600),
)
FAILURES = Counter("supportdesk_timer_failures_total", "Calls of a timer's handler that raised.", ["kind"])

KEPT = 10_000
_recent: list[float] = []
_guard = Lock()


@dataclass(frozen=True, slots=True)
class Summary:
    """Seconds; over the firings since the last one was taken, at most ten thousand of them."""

    fired: int
    p50: float
    p99: float
    longest: float


def observe(due: Sequence[DueTimer], now: datetime) -> None:
    """Takes down how late these were at ``now``. One that is tried again counts from when it was to be tried."""
    late = [(now - each.due_at).total_seconds() for each in due]
    for each, seconds in zip(due, late, strict=True):
        LATENESS.labels(each.kind).observe(seconds)
    with _guard:
        _recent.extend(late[: KEPT - len(_recent)])


def take_summary() -> Summary | None:
    """The firings since it was last asked; None when there were none."""
    with _guard:
        late = sorted(_recent)
        _recent.clear()
    if not late:
        return None
    return Summary(len(late), quantile(late, 0.5), quantile(late, 0.99), late[-1])


def quantile(ordered: Sequence[float], share: float) -> float:
    """The nearest-rank quantile of a sorted, non-empty sequence."""
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
