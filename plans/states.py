"""The six canonical states of a ticket; each vendor gives them its own labels."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a ticket stands. The meanings are those of OroCloud's "Support Request Statuses"."""

    NEW = "new"
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    REOPENED = "reopened"


OPEN_STATES = frozenset(State) - {State.RESOLVED}
