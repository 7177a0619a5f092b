"""What every action begins with."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership
from tickets.errors import Refused
from tickets.models import Ticket


def locked(ticket: Ticket) -> Ticket:
    """The ticket as it is now, locked until the transaction ends. Raises Refused, naming the ticket to go on with,
    when it was merged into another one.

    Locking and reading are two statements: one that had to wait for the lock would see the new ticket joined to what
    it pointed at before.
    """
    Ticket.objects.select_for_update().values_list("pk").get(pk=ticket.pk)
    ticket = Ticket.objects.select_related(
        "priority",
        "severity",
        "assignee__user",
        "requester__user",
        "organization",
        "project",
        "plan_version",
        "team",
    ).get(pk=ticket.pk)
    if ticket.merged_into is not None:
        raise Refused(
            _("This ticket was merged into #%(number)s; please go on there.") % {"number": ticket.merged_into.number}
        )
    return ticket


def staff_only(by: Membership | None) -> None:
    """Raises PermissionDenied when a customer asks; the system (None) may."""
    if by is not None and not by.is_staff_side:
        raise PermissionDenied(_("Only the support team can do this."))


def readers_only(ticket: Ticket, by: Membership | None) -> None:
    """Raises PermissionDenied when ``by`` may not read the ticket; the system (None) may."""
    if by is not None and not Ticket.objects.visible_to(by).filter(pk=ticket.pk).exists():
        raise PermissionDenied(_("Only people who can read this ticket can do this."))
