"""How many of a worker's threads may be sending, and for whom: one that hangs holds up nobody else.

In the process only: it is this process's threads that run out.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition

PATIENCE = 0.1  # seconds that a thread waits for its turn before it does something else
SLOW = 2.0  # seconds after which a sending counts as one that may be hanging


@dataclass(slots=True, eq=False)
class Flight:
    """A thread that is sending; ``since`` when the message it is at, in monotonic seconds."""

    vendor_id: int
    destination: str
    is_urgent: bool
    since: float

    def goes_on(self) -> None:
        """The one before is through; what may hang is the next."""
        self.since = time.monotonic()


class Lanes:
    """``threads``: how many the worker has. One is always left for what is urgent, one for other vendors; a vendor some
    of whose sendings hang has half of them, and a destination that has just failed one."""

    def __init__(self, threads: int = 4) -> None:
        self.threads = threads
        self._flights: list[Flight] = []
        self._landed = Condition()

    @contextmanager
    def flight(
        self, vendor_id: int, destination: str, *, is_urgent: bool, is_doubtful: bool
    ) -> Iterator[Flight | None]:
        """None when there is no room; waits a moment for it."""
        own = Flight(vendor_id, destination, is_urgent, time.monotonic())
        with self._landed:
            may = self._landed.wait_for(lambda: self._has_room(own, is_doubtful), PATIENCE)
            if may:
                self._flights.append(own)
        try:
            yield own if may else None
        finally:
            if may:
                with self._landed:
                    self._flights.remove(own)
                    self._landed.notify_all()

    def _has_room(self, own: Flight, is_doubtful: bool) -> bool:
        if self.threads < 2:
            return True
        of_vendor = [each for each in self._flights if each.vendor_id == own.vendor_id]
        to_destination = sum(each.destination == own.destination for each in of_vendor)
        if is_doubtful and to_destination:
            return False
        hangs = any(time.monotonic() - each.since > SLOW for each in of_vendor)
        if len(of_vendor) >= (self.threads // 2 if hangs else self.threads - 1):
            return False
        return own.is_urgent or sum(not each.is_urgent for each in self._flights) < self.threads - 1


lanes = Lanes()
