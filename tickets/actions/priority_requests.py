"""A higher priority, asked for by the customer and decided by the team: who files chooses, support may differ."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from plans import choices
from plans.models import Priority
from supportdesk.accounts.models import Membership
from tickets import events, priority_requests
from tickets.actions.conversation import reply
from tickets.actions.locking import locked, readers_only, staff_only
from tickets.actions.triage import set_priority
from tickets.errors import Refused
from tickets.models import Event, Ticket
from tickets.models.event import Kind


@transaction.atomic
def ask_for_priority(ticket: Ticket, *, priority: Priority, reason: str, by: Membership, at: datetime) -> Event:
    """Asks the team to raise the priority; nothing changes until they decide. Raises Refused, naming the field, when
    the priority is not higher, the reason is missing, or a request is waiting for its answer already."""
    readers_only(ticket, by)
    ticket = locked(ticket)
    if not ticket.is_open:
        raise Refused(_("The ticket is resolved; reopen it first."))
    if priority.rank >= ticket.priority.rank:
        raise Refused(_("Choose a higher priority than %(code)s.") % {"code": ticket.priority.code}, field="priority")
    if not reason.strip():
        raise Refused(_("Say what has changed, or what it prevents you from doing."), field="reason")
    if priority_requests.pending_on(ticket) is not None:
        raise Refused(_("A higher priority has been asked for already; the support team will answer."))
    asked = {"from": ticket.priority.code, "to": priority.code}
    return events.record(ticket, Kind.PRIORITY_REQUESTED, asked, by=by, at=at, reason=reason.strip()[:1000])


@transaction.atomic
def accept_priority(ticket: Ticket, *, by: Membership, at: datetime) -> Ticket:
    """Sets the priority that was asked for, for the reason that was given. Raises Refused when none is asked for."""
    staff_only(by)
    ticket = locked(ticket)
    asked = _pending(ticket)
    priority = choices.customer_priorities().filter(code=asked.data["to"]).first()
    if priority is None:
        raise Refused(_("%(code)s is no longer a priority of the contract.") % {"code": asked.data["to"]})
    return set_priority(ticket, priority=priority, by=by, at=at, reason=str(asked.data["reason"])[:300])


@transaction.atomic
def decline_priority(ticket: Ticket, *, by: Membership, at: datetime, body: str) -> Event:
    """Leaves the priority as it is and tells the customer why, in a public reply. Raises Refused (``body``) without
    words for the customer, and when none is asked for."""
    staff_only(by)
    ticket = locked(ticket)
    asked = _pending(ticket)
    message = reply(ticket, by=by, at=at, body=body)
    moved = {"from": asked.data["from"], "to": asked.data["to"]}
    return events.record(message.ticket, Kind.PRIORITY_DECLINED, moved, by=by, at=at)


def _pending(ticket: Ticket) -> Event:
    asked = priority_requests.pending_on(ticket)
    if asked is None:
        raise Refused(_("Nobody is waiting for a higher priority on this ticket."))
    return asked
