"""Who works on it, and how urgent it is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from plans.models import Category, Priority
from supportdesk.accounts.models import Membership, Team
from tickets import events
from tickets.actions.locking import locked, staff_only
from tickets.errors import Refused
from tickets.models import Event, Ticket
from tickets.models.event import Kind
from tickets.severity import kept_from_now


@transaction.atomic
def assign(
    ticket: Ticket,
    *,
    to: Membership | None,
    by: Membership | None,
    at: datetime,
    expected: int | bool | None = True,
    reason: str = "",
) -> Ticket:
    """Gives the ticket to a colleague, or (``to`` None) to nobody.

    ``expected`` is the assignee's id as the person saw it: when somebody else took the ticket meanwhile, Refused says
    who. The default does not check. ``reason``: why it is this one, where a rule chose.
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
    said = {"to": to.pk if to else None, "to_name": to.name if to else ""} | ({"reason": reason} if reason else {})
    events.record(ticket, Kind.ASSIGNED, said, by=by, at=at)
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
def hand_over(ticket: Ticket, *, team: Team, by: Membership, at: datetime, reason: str = "") -> Ticket:
    """Lets the ticket go and sets the group that sees to it, in one step; the group is told, although it may have had
    the ticket before.

    "un-assign the ticket to yourself as the agent. Set the group to DDEV Live Support, which will notify agents that a
    ticket is out there and needs support" (Drud, Escalation).
    """
    staff_only(by)
    ticket = locked(ticket)
    if not ticket.is_open:
        raise Refused(_("The ticket is resolved; reopen it first."))
    had, ticket.assignee, ticket.team, ticket.updated_at = ticket.assignee, None, team, at
    ticket.save(update_fields=["assignee", "team", "updated_at"])
    let_go = Event(
        ticket=ticket, kind=Kind.ASSIGNED, by=by, at=at, data={"to": None, "to_name": "", "is_handed_over": True}
    )
    moved = {"to": team.pk, "to_name": team.name, "is_handed_over": True, "reason": reason.strip()[:1000]}
    passed_on = Event(ticket=ticket, kind=Kind.TEAM_CHANGED, by=by, at=at, data=moved)
    events.record_many([let_go, passed_on] if had is not None else [passed_on])
    return ticket


@transaction.atomic
def triage(ticket: Ticket, *, severity: Priority | None, by: Membership | None, at: datetime) -> Ticket:
    """The team's own severity, beside the priority the customer chose (Drud §Ticket Procedures).

    Raises Refused where the contract leaves it to one group and ``by`` is not of that group.
    """
    staff_only(by)
    ticket = locked(ticket)
    if ticket.severity_id == (severity.pk if severity else None):
        return ticket
    deciders = kept_from_now(by)
    if deciders:
        raise Refused(_("The severity is decided by %(team)s alone.") % {"team": deciders}, field="severity")
    before = ticket.severity
    ticket.severity = severity
    ticket.updated_at = at
    ticket.save(update_fields=["severity", "updated_at"])
    moved = {"from": before.code if before else None, "to": severity.code if severity else None}
    events.record(ticket, Kind.SEVERITY_CHANGED, moved, by=by, at=at)
    return ticket


@transaction.atomic
def set_category(ticket: Ticket, *, category: Category | None, by: Membership, at: datetime) -> Ticket:
    """What kind of request it really is. What the customer answered to the other kind's questions stays."""
    staff_only(by)
    ticket = locked(ticket)
    if ticket.category_id == (category.pk if category else None):
        return ticket
    before, ticket.category, ticket.updated_at = ticket.category, category, at
    ticket.save(update_fields=["category", "updated_at"])
    moved = {"from": before.name if before else "", "to": category.name if category else ""}
    events.record(ticket, Kind.CATEGORY_CHANGED, moved, by=by, at=at)
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
