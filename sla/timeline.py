"""From events on the timeline to the facts that clocks follow, and from alarms back to events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from sla.facts import Fact, FactKind
from sla.models import Clock
from sla.runs import Alarm, AlarmKind
from sla.targets import Terms
from sla.terms import terms_by_id
from tickets.models import Event, Ticket
from tickets.models.event import Kind

Told = Callable[[Event, Mapping[int, Terms]], Fact | None]

ALARM_KINDS = {AlarmKind.WARNING: Kind.SLA_WARNING, AlarmKind.BREACH: Kind.SLA_BREACHED}


def facts_of(events: Iterable[Event]) -> list[tuple[Event, Fact]]:
    """The events that move a clock, each with what it says, in the order in which they were recorded."""
    telling = [(event, _TOLD[Kind(event.kind)]) for event in events if event.kind in _TOLD]
    terms = terms_by_id(_version(event) for event, _ in telling)
    facts = ((event, tell(event, terms)) for event, tell in telling)
    return [(event, fact) for event, fact in facts if fact is not None]


def alarm_event(ticket: Ticket, alarm: Alarm, clock: Clock) -> Event:
    """The alarm as it stands on the timeline: at the instant it was due, whenever it was noticed."""
    run = alarm.run
    return Event(
        ticket=ticket,
        kind=ALARM_KINDS[alarm.kind],
        by=None,
        at=alarm.at,
        data={
            "clock": clock.pk,
            "metric": run.metric.value,
            "audience": run.audience.value,
            "priority": run.target.priority,
            "due_at": run.due_at.isoformat() if run.due_at else None,
            "promise": run.target.promise,
        },
    )


def _version(event: Event) -> int | None:
    if event.kind == Kind.OPENED:
        return _number(event.data.get("plan_version"))
    if event.kind == Kind.PLAN_CHANGED:
        return _number(event.data.get("to"))
    return None


def _opened(event: Event, terms: Mapping[int, Terms]) -> Fact:
    version = _version(event)
    received = event.data.get("received_at")
    return Fact(
        event.at,
        FactKind.OPENED,
        priority=str(event.data["priority"]),
        severity=event.data.get("severity") or None,
        state=str(event.data.get("state") or "new"),
        terms=terms.get(version) if version is not None else None,
        since=datetime.fromisoformat(received) if received else None,
    )


def _replied(event: Event, terms: Mapping[int, Terms]) -> Fact | None:
    """Only a person answers: what the system sends by itself is no response."""
    return Fact(event.at, FactKind.REPLIED) if event.by_id is not None else None


def _plan_changed(event: Event, terms: Mapping[int, Terms]) -> Fact:
    version = _version(event)
    return Fact(event.at, FactKind.TERMS_CHANGED, terms=terms.get(version) if version is not None else None)


def _merged(event: Event, terms: Mapping[int, Terms]) -> Fact | None:
    """On the ticket that went into another one, and on the one that took it in."""
    if event.data.get("into"):
        return Fact(event.at, FactKind.MERGED)
    return Fact(event.at, FactKind.TOOK_IN, **_owed(event))


def _unmerged(event: Event, terms: Mapping[int, Terms]) -> Fact | None:
    """On the ticket that came back out, unless it was resolved before it went in; and on the one it came out of."""
    if event.data.get("from"):
        return Fact(event.at, FactKind.GAVE_BACK, **_owed(event))
    if not event.data.get("since"):
        return None
    return Fact(event.at, FactKind.CAME_BACK, state=str(event.data["state"]), **_owed(event))


def _owed(event: Event) -> dict[str, Any]:
    """What a merging or its undoing says is owed since when."""
    return {
        name: datetime.fromisoformat(written) if (written := event.data.get(name)) else None
        for name in ("since", "asked_at", "unanswered_at")
    }


def _promised(event: Event, terms: Mapping[int, Terms]) -> Fact:
    return Fact(event.at, FactKind.UPDATE_PROMISED, until=datetime.fromisoformat(event.data["next_update_at"]))


def _moved(to: str = "") -> Told:
    def told(event: Event, terms: Mapping[int, Terms]) -> Fact:
        state = to or str(event.data["to"])
        return Fact(event.at, FactKind.STATE_CHANGED, state=state, reason=str(event.data.get("reason") or ""))

    return told


def _just(kind: FactKind) -> Told:
    return lambda event, terms: Fact(event.at, kind)


_TOLD: Mapping[Kind, Told] = {
    Kind.OPENED: _opened,
    Kind.CUSTOMER_REPLIED: _just(FactKind.CUSTOMER_WROTE),
    Kind.REPLIED: _replied,
    Kind.CALL_LOGGED: _just(FactKind.CALL_LOGGED),
    Kind.NO_REPLY_NEEDED: _just(FactKind.NO_REPLY_NEEDED),
    Kind.UPDATE_PROMISED: _promised,
    Kind.PRIORITY_CHANGED: lambda event, terms: Fact(event.at, FactKind.PRIORITY_CHANGED, priority=event.data["to"]),
    Kind.SEVERITY_CHANGED: lambda event, terms: Fact(event.at, FactKind.SEVERITY_CHANGED, severity=event.data["to"]),
    Kind.PLAN_CHANGED: _plan_changed,
    Kind.STATUS_CHANGED: _moved(),
    Kind.RESOLVED: _moved("resolved"),
    Kind.REOPENED: _moved("reopened"),
    Kind.MERGED: _merged,
    Kind.UNMERGED: _unmerged,
    Kind.DELIVERY_REQUESTED: lambda event, terms: Fact(
        event.at, FactKind.DELIVERY_REQUESTED, key=str(event.data.get("target") or "")
    ),
    Kind.DELIVERED: _just(FactKind.DELIVERED),
    Kind.CALLBACK_REQUESTED: _just(FactKind.CALLBACK_REQUESTED),
    Kind.CALLBACK_CANCELLED: _just(FactKind.CALLBACK_CANCELLED),
}

TELLING = tuple(_TOLD)
"""The kinds of events that may say something to a clock."""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None
