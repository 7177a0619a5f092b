"""What every action begins with."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets.errors import Moved
from tickets.models import Ticket

RELATED = (
    "organization",
    "project",
    "priority",
    "severity",
    "assignee",
    "requester",
    "plan_version",
    "team",
    "category",
)
"""What actions read of a ticket's surroundings."""


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends. Raises Moved, which has the ticket to go on with,
    when it was merged into another one.

    The row alone: with others joined to it, a statement that had to wait for the lock would see the new ticket beside
    what it pointed at before. What the caller's ticket has loaded around it is taken over where it is still the same
    row; joining it again costs the database more in planning than all else that an action does.
    """
    known = ticket
    ticket = Ticket.objects.select_for_update().get(pk=known.pk)
    around = known._state.fields_cache
    for name in RELATED:
        if name in around and getattr(known, f"{name}_id") == getattr(ticket, f"{name}_id"):
            setattr(ticket, name, around[name])
    if ticket.merged_into is not None:
        raise Moved(ticket.merged_into)
    return ticket


def staff_only(by: Membership | None) -> None:
    """Raises PermissionDenied when a customer asks; the system (None) may."""
    if by is not None and not by.is_staff_side:
        raise PermissionDenied(_("Only the support team can do this."))


def readers_only(ticket: Ticket, by: Membership | None) -> None:
    """Raises PermissionDenied when ``by`` may not read the ticket; the system (None) may."""
    if by is not None and not Ticket.objects.visible_to(by).filter(pk=ticket.pk).exists():
        raise PermissionDenied(_("Only people who can read this ticket can do this."))
