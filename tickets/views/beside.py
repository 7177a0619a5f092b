"""What stands beside a conversation: who follows, what the customer has asked for, and what can be asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from plans import queries as plan_queries
from plans.contract import Contract
from plans.states import State
from supportdesk.accounts.models import Membership
from tickets import callbacks, phone_numbers, reopening
from tickets.escalating import again_from
from tickets.models import Callback, Conference, Event, Follower, Rating, Ticket
from tickets.models.event import Kind
from tickets.models.message import MessageKind
from tickets.priority_requests import pending
from tickets.queries import Entry

BRING_FOLLOWERS = {Kind.FOLLOWER_ADDED, Kind.MERGED}


def asked_for(ticket: Ticket, entries: Sequence[Entry]) -> dict[str, Any]:
    """Who follows and what has been asked for, on both sides' pages. No query for what the timeline has no trace of."""
    events = [entry.event for entry in entries if entry.event is not None]
    kinds = {event.kind for event in events}
    callback = None
    if kinds & {Kind.CALLBACK_REQUESTED, Kind.CALLBACK_SCHEDULED}:
        callback = (
            Callback.objects.filter(ticket=ticket).open().select_related("asked_by__user", "claimed_by__user").first()
        )
    return {
        "followers": list(Follower.objects.filter(ticket=ticket).with_people()) if kinds & BRING_FOLLOWERS else [],
        "wish": pending(events),
        "callback": callback,
        "conference": Conference.objects.filter(ticket=ticket).open().first()
        if Kind.CONFERENCE_ADDED in kinds
        else None,
        "callback_number": phone_numbers.readable(callback.number) if callback else "",
        "rating": Rating.objects.filter(ticket=ticket).first() if Kind.RATED in kinds else None,
        "escalation": _last(events, Kind.ESCALATED),
        "goes_on_in": next(
            (e.data["by"] for e in reversed(events) if e.kind == Kind.FOLLOWED_UP and "by" in e.data), 0
        ),
    }


def offered(ticket: Ticket, entries: Sequence[Entry], who: Membership, at: datetime) -> dict[str, Any]:
    """What a customer is told and may ask for on top of that. One query, for the contract."""
    asked = asked_for(ticket, entries)
    contract = plan_queries.current_contract()
    last = asked["escalation"]
    is_free = again_from(last.at if last else None, at) is None
    return asked | {
        "reopens_until": reopening.reopens_until(ticket, contract),
        "is_closed_for_good": reopening.is_closed_for_good(ticket, contract, at),
        "may_escalate": ticket.is_open and is_free and _is_escalated_by_customers(contract),
        "may_ask_for_call": ticket.is_open and asked["callback"] is None and callbacks.is_offered(ticket),
        "may_raise": ticket.is_open and asked["wish"] is None and ticket.priority.rank > 1,
        "may_rate": not ticket.is_open and ticket.merged_into_id is None and who.pk == ticket.requester_id,
        "follows": any(each.person_id == who.pk for each in asked["followers"]),
        "next_update_at": next_update(entries, at) if ticket.is_open else None,
        "owed_since": ticket.unanswered_since if ticket.state != State.WAITING and ticket.is_open else None,
    }


def _is_escalated_by_customers(contract: Contract | None) -> bool:
    return contract is not None and contract.escalation is not None and contract.escalation.is_for_customers


def next_update(entries: Sequence[Entry], at: datetime) -> datetime | None:
    """The next update as it was stated last, while it lies ahead and nobody has written since."""
    stated: datetime | None = None
    for entry in entries:
        message = entry.message
        if (
            message is not None
            and message.kind == MessageKind.PUBLIC
            and message.author
            and message.author.is_staff_side
        ):
            stated = None
        elif entry.event is not None and entry.event.kind == Kind.UPDATE_PROMISED:
            stated = datetime.fromisoformat(entry.event.data["next_update_at"])
    return stated if stated is not None and stated > at else None


def _last(events: Sequence[Event], kind: Kind) -> Event | None:
    return next((event for event in reversed(events) if event.kind == kind), None)
