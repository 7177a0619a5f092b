"""What events on a timeline are to escalation policies, and whether one of these sees to telling people of them."""

from __future__ import annotations

from collections.abc import Iterable

from plans.contract import Contract
from plans.policies import Happening, concerned
from plans.queries import policy_book
from tickets.matters import matters_of
from tickets.models import Event
from tickets.models.event import Kind


def happenings_of(event: Event) -> tuple[Happening, ...]:
    """What it may open a page as."""
    match event.kind:
        case Kind.OPENED | Kind.REOPENED:
            return (Happening("opened"),)
        case Kind.SLA_WARNING:
            warned = Happening("warning", event.data["metric"], event.data["audience"])
            return (warned, Happening("update_near")) if event.data["metric"] == "update" else (warned,)
        case Kind.SLA_BREACHED:
            return (Happening("breach", event.data["metric"], event.data["audience"]),)
        case Kind.ESCALATED:
            return (Happening("keyword" if event.data.get("how") == "keyword" else "escalated"),)
    return ()


def is_paging(contract: Contract, code: str) -> bool:
    """Whether the contract's priority of that code says `pages: true`."""
    return any(priority.pages for priority in contract.priorities if priority.code == code)


def seen_to(events: Iterable[Event]) -> set[int]:
    """The events, by id, of which a policy of the vendor tells people: the desk need not do so by itself too. One
    query, and another where there are policies."""
    happened = [(event, happening) for event in events for happening in happenings_of(event)]
    book = policy_book() if happened else None
    if book is None or not book.policies:
        return set()
    matters = matters_of(event.ticket_id for event, _ in happened)
    return {
        event.pk
        for event, happening in happened
        if concerned(book.policies, happening, matters[event.ticket_id], at=event.at, calendars=book.calendars)
    }
