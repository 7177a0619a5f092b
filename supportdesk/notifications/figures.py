"""How deliveries do, in figures: of this process as they happen, and of the whole machine from its rows."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from supportdesk.tenancy.scope import all_vendors
from supportdesk.timers import health

LATENESS = Histogram(
    "supportdesk_first_send_seconds",
    "Seconds between the instant at which a delivery was queued and the beginning of its first attempt.",
    ["channel"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 60, 600, 3600),
)
MANY = 10_000
ROWS = f"""
SELECT (SELECT count(*) FROM (SELECT 1 FROM notifications_delivery WHERE state = 'dead' LIMIT {MANY}) AS dead),
       (SELECT count(*) FROM (SELECT 1 FROM notifications_delivery WHERE state = 'pending' LIMIT {MANY}) AS waiting),
       (SELECT count(*) FROM notifications_destination WHERE opened_at IS NOT NULL)"""  # noqa: S608 - a number of ours


class Machine(Collector):
    """The figures that stand in the database, so that any process can show them."""

    def collect(self) -> Iterable[Metric]:
        state = health.engine()
        beats = state.beats
        yield _gauge("supportdesk_up", "Whether what is due is being fired.", 0 if state.reason else 1)
        yield _gauge("supportdesk_pumps", "Pumps that have a heartbeat.", len(beats))
        if beats:
            yield _gauge(
                "supportdesk_pump_silent_seconds", "Since the latest heartbeat.", state.silent_seconds(beats[0])
            )
        yield _gauge("supportdesk_timer_oldest_due_seconds", "The longest due timer waits.", state.oldest_due_seconds)
        yield _gauge("supportdesk_timers_quarantined", "Timers set aside, up to a thousand.", state.quarantined)
        late = GaugeMetricFamily("supportdesk_timer_late_seconds", "Worst pump's last minute.", labels=["quantile"])
        for quantile, values in (
            ("0.5", [each.late_p50 for each in beats]),
            ("0.99", [each.late_p99 for each in beats]),
            ("1", [each.late_max for each in beats]),
        ):
            late.add_metric([quantile], max((each for each in values if each is not None), default=0.0))
        yield late
        if state.now is None:
            return
        with all_vendors("figures of the whole machine"), connection.cursor() as cursor:
            cursor.execute(ROWS)
            dead, waiting, down = cursor.fetchone()
        yield _gauge("supportdesk_deliveries_dead", f"Dead letters, up to {MANY}.", dead)
        yield _gauge("supportdesk_deliveries_waiting", f"Deliveries that wait, up to {MANY}.", waiting)
        yield _gauge("supportdesk_destinations_down", "Destinations whose breaker is open.", down)


def of_machine() -> bytes:
    """In Prometheus's text format."""
    registry = CollectorRegistry()
    registry.register(Machine())
    return generate_latest(registry)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
