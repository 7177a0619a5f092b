"""Moving a ticket through its six states."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from plans import queries as plan_queries
from plans.states import State
from supportdesk.accounts.models import Membership
from tickets import events, reopening, transitions
from tickets.actions.callbacks import end_callback
from tickets.actions.locking import locked, staff_only
from tickets.errors import Refused
from tickets.models import Ticket
from tickets.models.callback import CallbackOutcome
from tickets.models.event import Kind


@transaction.atomic
def set_state(ticket: Ticket, to: State, *, by: Membership | None, at: datetime, reason: str = "") -> Ticket:
    """Puts the ticket into a state that may follow the present one; raises Refused otherwise."""
    staff_only(by)
    ticket = locked(ticket)
    if to != ticket.state and not transitions.may_follow(State(ticket.state), to):
        raise Refused(_("The ticket has moved on; that status cannot follow any more."), field="state")
    change_state(ticket, to, by=by, at=at, reason=reason)
    return ticket


@transaction.atomic
def resolve(ticket: Ticket, *, by: Membership | None, at: datetime, reason: str = "") -> Ticket:
    """Marks as resolved; the customer may do so too ("Mark the Ticket as Resolved", OroCloud). Twice is once."""
    ticket = locked(ticket)
    change_state(ticket, State.RESOLVED, by=by, at=at, reason=reason)
    return ticket


@transaction.atomic
def reopen(ticket: Ticket, *, by: Membership | None, at: datetime, reason: str = "") -> Ticket:
    """Opens a resolved ticket again, "due to some additional questions or issues" (OroCloud).

    Raises Refused when it is open already, and when a customer asks after the vendor's window: the matter goes on in a
    follow-up ticket then.
    """
    ticket = locked(ticket)
    if ticket.state != State.RESOLVED:
        raise Refused(_("The ticket is open already."), field="state")
    is_customer = by is not None and by.is_customer_side
    if is_customer and reopening.is_closed_for_good(ticket, plan_queries.current_contract(), at):
        raise Refused(_("It was resolved too long ago to be reopened; please file a follow-up ticket."), field="state")
    change_state(ticket, State.REOPENED, by=by, at=at, reason=reason)
    return ticket


def change_state(ticket: Ticket, to: State, *, by: Membership | None, at: datetime, reason: str = "") -> None:
    """Writes the state of a locked ticket and its event; nothing when it is in that state already."""
    before = State(ticket.state)
    if to == before:
        return
    ticket.state = to.value
    ticket.state_since = ticket.updated_at = at
    ticket.resolved_at = at if to is State.RESOLVED else None
    if to in (State.RESOLVED, State.WAITING):
        ticket.unanswered_since = None
    elif to is State.REOPENED:
        ticket.unanswered_since = ticket.unanswered_since or at
    ticket.save(update_fields=["state", "state_since", "updated_at", "resolved_at", "unanswered_since"])
    kind = Kind.STATUS_CHANGED
    if to is State.RESOLVED:
        end_callback(ticket, CallbackOutcome.RESOLVED, at=at)
        kind = Kind.RESOLVED
    elif before is State.RESOLVED:
        kind = Kind.REOPENED
    events.record(ticket, kind, {"from": before.value, "to": to.value}, by=by, at=at, reason=reason)
