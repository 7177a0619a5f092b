"""Going over everybody's head: by button, or by the vendor's keyword in what the customer writes."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from plans import queries as plan_queries
from plans.contract.vendor import EscalationSection
from supportdesk.accounts.models import Membership
from tickets import events
from tickets.actions.locking import locked, readers_only
from tickets.errors import Refused
from tickets.escalating import again_from, mentions
from tickets.models import Event, Message, Ticket
from tickets.models.event import Kind


@transaction.atomic
def escalate(ticket: Ticket, *, by: Membership, at: datetime, reason: str = "") -> Event:
    """The vendor's leads and the contract's director are told at once, and the customer that they were.

    Raises Refused when the contract has no escalation path, the ticket is resolved, or it was escalated within the
    hour.
    """
    readers_only(ticket, by)
    ticket = locked(ticket)
    if path() is None:
        raise Refused(_("The contract has no escalation path."))
    if not ticket.is_open:
        raise Refused(_("The ticket is resolved; reopen it first."))
    if again_from(last_escalated_at(ticket), at) is not None:
        raise Refused(_("This ticket was escalated within the hour: the people in charge know of it."))
    return _record(ticket, by=by, at=at, how="button", reason=reason.strip()[:1000])


def heed_keyword(ticket: Ticket, message: Message, *, by: Membership, at: datetime, title: str = "") -> Event | None:
    """Escalates a locked ticket when the customer's message (or its ``title``) contains the contract's keyword; within
    the hour after another escalation nothing further happens."""
    escalation = path()
    keyword = escalation.keyword if escalation else None
    if not keyword or not (mentions(message.body, keyword) or mentions(title, keyword)):
        return None
    if again_from(last_escalated_at(ticket), at) is not None:
        return None
    return _record(ticket, by=by, at=at, how="keyword", reason="", message=message)


def path() -> EscalationSection | None:
    """How customers of the vendor in scope escalate; None where the contract says nothing of it."""
    contract = plan_queries.current_contract()
    section = contract.escalation if contract is not None else None
    return section if section is not None and section.is_for_customers else None


def last_escalated_at(ticket: Ticket) -> datetime | None:
    events_of = Event.objects.filter(ticket=ticket, kind=Kind.ESCALATED).order_by("-at", "-id")
    return events_of.values_list("at", flat=True).first()


def _record(
    ticket: Ticket, *, by: Membership, at: datetime, how: str, reason: str, message: Message | None = None
) -> Event:
    return events.record(
        ticket,
        Kind.ESCALATED,
        by=by,
        at=at,
        message=message,
        how=how,
        reason=reason,
        priority=ticket.priority.code,
    )
