"""Who works on it, and how urgent it is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from plans.models import Priority
from supportdesk.accounts.models import Membership, Team
from tickets import events
from tickets.actions.locking import locked, staff_only
from tickets.errors import Refused
from tickets.models import Ticket
from tickets.models.event import Kind


@transaction.atomic
def assign(
    ticket: Ticket, *, to: Membership | None, by: Membership | None, at: datetime, expected: int | bool | None = True
) -> Ticket:
    """Gives the ticket to a colleague, or (``to`` None) to nobody.

    ``expected`` is the assignee's id as the person saw it: when somebody else took the ticket meanwhile, Refused says
    who. The default does not check.
    """
    staff_only(by)
    if to is not None and not to.is_staff_side:
        raise Refused(_("Only the support team's people can be assigned."), field="assignee")
    ticket = locked(ticket)
    if expected is not True and ticket.assignee_id != expected and ticket.assignee_id != (to.pk if to else None):
        holder = ticket.assignee.name if ticket.assignee else _("nobody")
        raise Refused(_("Somebody was quicker: this ticket is now with %(name)s.") % {"name": holder}, field="assignee")
    if ticket.assignee_id == (to.pk if to else None):
        return ticket
    ticket.assignee = to
    ticket.updated_at = at
    ticket.save(update_fields=["assignee", "updated_at"])
    events.record(ticket, Kind.ASSIGNED, by=by, at=at, to=to.pk if to else None, to_name=to.name if to else "")
    return ticket


@transaction.atomic
def set_team(ticket: Ticket, *, team: Team | None, by: Membership | None, at: datetime) -> Ticket:
    """Sets the group that sees to it."""
    staff_only(by)
    ticket = locked(ticket)
    if ticket.team_id == (team.pk if team else None):
        return ticket
    ticket.team = team
    ticket.updated_at = at
    ticket.save(update_fields=["team", "updated_at"])
    events.record(
        ticket, Kind.TEAM_CHANGED, by=by, at=at, to=team.pk if team else None, to_name=team.name if team else ""
    )
    return ticket


@transaction.atomic
def triage(ticket: Ticket, *, severity: Priority | None, by: Membership | None, at: datetime) -> Ticket:
    """The team's own severity, beside the priority the customer chose (Drud §Ticket Procedures)."""
    staff_only(by)
    ticket = locked(ticket)
    if ticket.severity_id == (severity.pk if severity else None):
        return ticket
    before = ticket.severity
    ticket.severity = severity
    ticket.updated_at = at
    ticket.save(update_fields=["severity", "updated_at"])
    moved = {"from": before.code if before else None, "to": severity.code if severity else None}
    events.record(ticket, Kind.SEVERITY_CHANGED, moved, by=by, at=at)
    return ticket


@transaction.atomic
def set_priority(
    ticket: Ticket, *, priority: Priority, by: Membership | None, at: datetime, reason: str = ""
) -> Ticket:
    """Changes the ticket's priority: running clocks keep their start and take the new target."""
    staff_only(by)
    ticket = locked(ticket)
    if ticket.priority_id == priority.pk:
        return ticket
    before = ticket.priority
    ticket.priority = priority
    ticket.updated_at = at
    ticket.save(update_fields=["priority", "updated_at"])
    moved = {"from": before.code, "to": priority.code}
    events.record(ticket, Kind.PRIORITY_CHANGED, moved, by=by, at=at, reason=reason)
    return ticket
