"""What the other side reports: an incident was acknowledged or resolved there, a message arrived or was lost.

``listeners`` is filled by ``supportdesk/wiring.py``; each is called in the vendor's scope and in the request's
transaction, only for reports whose signature was verified, and may be told of one report several times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

ReportedAction = Literal["acknowledge", "resolve", "reopen"]


class Listener(Protocol):
    def __call__(self, *, incident_key: str, action: ReportedAction, author: str, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class Report:
    """``incident_key`` is ours, as it was given to ``incidents.post``; ``author`` is the name that the other side
    gives, empty when it gives none."""

    incident_key: str
    action: ReportedAction
    author: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a carrier says became of a message: the telephone has it, a person took it, or nobody did. ``reference`` is
    the carrier's own name for it, ``why`` what it says of a loss."""

    reference: str
    outcome: Literal["delivered", "seen", "lost"]
    why: str = ""


listeners: list[Listener] = []


def hear(reports: Iterable[Report], *, at: datetime) -> None:
    """Passes the reports on to every listener."""
    for report in reports:
        for listener in listeners:
            listener(incident_key=report.incident_key, action=report.action, author=report.author, at=at)
