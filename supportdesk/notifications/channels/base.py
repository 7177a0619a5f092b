"""What every channel is: one function that tries once and says how it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from supportdesk.notifications.models import Delivery


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side took it; ``reference`` is its own name for it, when it gave one."""

    reference: str = ""


@dataclass(frozen=True, slots=True)
class TryLater:
    """It may work another time: a time-out, a busy or broken server. ``retry_after``: the other side's own wish."""

    reason: str
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It never will: no such address, a malformed message."""

    reason: str


Result = Sent | TryLater | Refused


class Send(Protocol):
    """Tries one delivery once, with no transaction open, within ten seconds or so; may be called again for the same one
    and must then show the other side the same identity. The delivery comes with its vendor loaded. What it raises
    counts as TryLater.
    """

    def __call__(self, delivery: Delivery) -> Result: ...
