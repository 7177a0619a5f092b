"""A way out for tests, and the instants at which the pump is run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import connection

from supportdesk.notifications.channels.base import Result, Sent
from supportdesk.notifications.models import Delivery
from supportdesk.tenancy.scope import has_scope
from supportdesk.timers import tasks
from supportdesk.timers.firing import fire_due
from supportdesk.timers.registry import DueTimer


class Wire:
    """A channel that answers as it was told to, the last answer for ever, and counts what reached it."""

    def __init__(self) -> None:
        self.answers: list[Result | Exception] = [Sent("reference")]
        self.reached: list[str] = []
        self.along: list[list[str]] = []
        self.on_send: Callable[[Delivery], None] = lambda delivery: None

    def __call__(self, delivery: Delivery) -> Result:
        assert not connection.in_atomic_block, "spoken to the outside inside a transaction"
        assert not has_scope()
        self.reached.append(delivery.key)
        self.along.append([each.key for each in delivery.along])
        self.on_send(delivery)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def pump_until(until: datetime | None = None) -> None:
    """Fires what is due before ``until``, and lets the handlers of the task lane believe that it is that instant."""

    def run(due: Sequence[DueTimer]) -> None:
        tasks.run_here(due, until)

    while fire_due(until=until, publish=run):
        pass
