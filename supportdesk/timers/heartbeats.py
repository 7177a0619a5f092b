"""The pumps' heartbeats: how somebody outside notices that the engine is dead."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection

from supportdesk.timers.lateness import Summary
from supportdesk.timers.models import Heartbeat

FORGOTTEN_AFTER = timedelta(days=1)

BEAT = """
INSERT INTO timers_heartbeat AS kept (worker, started_at, beat_at, fired, late_p50, late_p99, late_max)
VALUES (%s, statement_timestamp(), statement_timestamp(), %s, %s, %s, %s)
ON CONFLICT (worker) DO UPDATE SET beat_at = excluded.beat_at, fired = kept.fired + excluded.fired,
    late_p50 = excluded.late_p50, late_p99 = excluded.late_p99, late_max = excluded.late_max"""


def beat(worker: str, fired: int, late: Summary | None) -> None:
    """This pump is alive, has fired so many since its last beat, and was last so late."""
    figures = (late.p50, late.p99, late.longest) if late else (None, None, None)
    with connection.cursor() as cursor:
        cursor.execute(BEAT, [worker, fired, *figures])


def begin(worker: str) -> None:
    """The first beat of a pump; clears away those that ended without a word."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM timers_heartbeat "
            "WHERE worker = %s OR beat_at < statement_timestamp() - make_interval(secs => %s)",
            [worker, FORGOTTEN_AFTER.total_seconds()],
        )
    beat(worker, 0, None)


def end(worker: str) -> None:
    """The pump was stopped in good order."""
    Heartbeat.objects.filter(worker=worker).delete()
