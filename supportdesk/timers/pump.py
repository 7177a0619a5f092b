"""The pump: a thread in every worker that sleeps until the earliest timer is due and fires it.

There is no leader: pumps share the work by SKIP LOCKED, and one that is killed at any line leaves nothing half done.
"""

from __future__ import annotations

import os
import select
import time
from threading import Event, Thread

import structlog
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from supportdesk.timers import firing, heartbeats, lateness
from supportdesk.timers.actions import CHANNEL
from supportdesk.timers.firing import Publish

log = structlog.get_logger(__name__)

LONGEST_SLEEP = 0.5  # seconds: a lost NOTIFY costs no more than this
SHORTEST_SLEEP = 0.05  # seconds: what is due but busy is not asked for in a tight loop
BEAT_EVERY = 5.0  # seconds
SUMMARY_EVERY = 60.0  # seconds
LONGEST_BACKOFF = 2.0  # seconds between attempts to reach a database that is away


class Pump(Thread):
    """Fires until it is stopped. Errors are logged and survived; a database that went away is waited for."""

    def __init__(self, worker: str, publish: Publish) -> None:
        super().__init__(name="pump", daemon=True)
        self.worker = worker
        self.publish = publish
        self._stopping = Event()
        self._woken, self._wake = os.pipe()
        self._listener: BaseDatabaseWrapper | None = None
        self._fired = 0
        self._late: lateness.Summary | None = None
        self._beat_due = 0.0
        self._summary_due = 0.0

    def stop(self, timeout: float = 5.0) -> None:
        """Ends the thread after the round it is in; waits for it at most ``timeout`` seconds."""
        if not self._stopping.is_set():
            self._stopping.set()
            os.write(self._wake, b"!")
        if self.is_alive():
            self.join(timeout)

    def run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            try:
                self._turn()
                failures = 0
            except Exception as error:
                failures += 1
                log.error(
                    "pump_failed", worker=self.worker, failures=failures, exc_info=error if failures == 1 else None
                )
                self._disconnect()
                self._stopping.wait(min(0.1 * 2 ** min(failures, 10), LONGEST_BACKOFF))
        self._end()

    def _turn(self) -> None:
        """Fires all that is due, then sleeps until something is or somebody says so."""
        listener = self._listen()
        result = firing.fire_round(publish=self.publish)
        self._fired += result.fired
        self._tell_time()
        if not result.fired:
            self._sleep(listener, result.next_in)

    def _listen(self) -> BaseDatabaseWrapper:
        """A connection of its own that hears NOTIFY; made again after a failure."""
        if self._listener is None:
            listener = connections["default"].copy()
            listener.ensure_connection()
            with listener.cursor() as cursor:
                cursor.execute(f"LISTEN {CHANNEL}")
            self._listener = listener
            heartbeats.begin(self.worker)
            log.info("pump_listens", worker=self.worker)
        return self._listener

    def _sleep(self, listener: BaseDatabaseWrapper, next_in: float | None) -> None:
        seconds = LONGEST_SLEEP if next_in is None else min(max(next_in, SHORTEST_SLEEP), LONGEST_SLEEP)
        ready, _, _ = select.select([listener.connection, self._woken], [], [], seconds)
        if listener.connection in ready:
            listener.connection.poll()  # raises when the server has gone
            listener.connection.notifies.clear()

    def _tell_time(self) -> None:
        now = time.monotonic()
        if now >= self._summary_due:
            self._late = lateness.take_summary()
            if self._late:
                late = self._late
                log.info(
                    "timers_fired",
                    fired=late.fired,
                    late_p50=round(late.p50, 3),
                    late_p99=round(late.p99, 3),
                    late_max=round(late.longest, 3),
                )
            self._summary_due = now + SUMMARY_EVERY
        if now >= self._beat_due:
            heartbeats.beat(self.worker, self._fired, self._late)
            self._fired = 0
            self._beat_due = now + BEAT_EVERY

    def _disconnect(self) -> None:
        for each in (self._listener, connection):
            try:
                if each is not None:
                    each.close()
            except Exception as error:  # noqa: BLE001 - it is being thrown away
                log.debug("pump_close_failed", error=str(error))
        self._listener = None

    def _end(self) -> None:
        try:
            heartbeats.end(self.worker)
        except Exception as error:  # noqa: BLE001 - the database may be the reason why we stop
            log.debug("pump_farewell_failed", error=str(error))
        self._disconnect()
        os.close(self._woken)
        os.close(self._wake)
