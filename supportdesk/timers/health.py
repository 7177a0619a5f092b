"""What a load balancer and somebody outside ask: is the machine ready, and does it still fire?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from supportdesk.tenancy.scope import all_vendors
from supportdesk.timers.models import Heartbeat

DEAD_AFTER_SECONDS = 60.0

ENGINE = """
SELECT coalesce((SELECT extract(epoch FROM statement_timestamp() - due_at) FROM timers_timer
                 WHERE due_at < statement_timestamp() AND quarantined_at IS NULL ORDER BY due_at LIMIT 1), 0),
       (SELECT count(*) FROM (SELECT 1 FROM timers_timer WHERE quarantined_at IS NOT NULL LIMIT 1000) AS set_aside),
       statement_timestamp()"""


@dataclass(frozen=True, slots=True)
class Engine:
    """How the firing is doing. ``reason`` is empty while all is well; ``oldest_due_seconds``: how long the longest due
    timer has been waiting; ``quarantined``: timers that were set aside, counted up to a thousand; ``now`` and ``beats``
    (the latest first) are None and empty when the database does not answer."""

    reason: str
    oldest_due_seconds: float = 0.0
    quarantined: int = 0
    now: datetime | None = None
    beats: Sequence[Heartbeat] = ()

    def silent_seconds(self, beat: Heartbeat) -> float:
        return (self.now - beat.beat_at).total_seconds() if self.now is not None else 0.0


def engine() -> Engine:
    """Looks, in two queries. Of the whole machine; tells nothing of any vendor."""
    try:
        with all_vendors("health of the firing machine"), connection.cursor() as cursor:
            cursor.execute(ENGINE)
            oldest, quarantined, now = cursor.fetchone()
            beats = list(Heartbeat.objects.order_by("-beat_at")[:50])
    except DatabaseError:
        return Engine("The database does not answer.")
    reason = ""
    if not beats or (now - beats[0].beat_at).total_seconds() > DEAD_AFTER_SECONDS:
        reason = "No worker's pump has been heard from for a minute."
    elif oldest > DEAD_AFTER_SECONDS:
        reason = "Timers are due for more than a minute and not fired."
    return Engine(reason, round(float(oldest), 3), quarantined, now, beats)


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """200 while a pump was heard from in the last minute and no timer is due for longer than that; else 503."""
    state = engine()
    if state.now is None:
        return JsonResponse({"status": "failing", "reason": state.reason}, status=503)
    answer = {
        "status": "failing" if state.reason else "ok",
        "reason": state.reason,
        "oldest_due_seconds": state.oldest_due_seconds,
        "quarantined": state.quarantined,
        "pumps": [
            {
                "silent_seconds": round(state.silent_seconds(each), 1),
                "late_p50": each.late_p50,
                "late_p99": each.late_p99,
                "late_max": each.late_max,
            }
            for each in state.beats
        ],
    }
    return JsonResponse(answer, status=503 if state.reason else 200)


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when this process can serve pages: the database answers and every migration is applied. Else 503."""
    try:
        executor = MigrationExecutor(connection)
        unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return JsonResponse({"status": "not ready", "reason": "The database does not answer."}, status=503)
    if unapplied:
        return JsonResponse({"status": "not ready", "reason": "Migrations are not applied yet."}, status=503)
    return JsonResponse({"status": "ready"})
