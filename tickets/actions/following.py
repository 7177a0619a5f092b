"""Keeping people informed: "To keep multiple people in your organization informed of support requests" (OroCloud)."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts.models import Membership, Role
from tickets import events
from tickets.actions.locking import locked, readers_only
from tickets.errors import Refused
from tickets.models import Follower, Ticket
from tickets.models.event import Kind


@transaction.atomic
def follow(ticket: Ticket, *, who: Membership, by: Membership | None, at: datetime) -> Follower:
    """From now on ``who`` is told of what happens to the ticket and may read it. Twice is once.

    People of the ticket's organization may follow, and the vendor's own. Raises Refused when ``who`` is neither, and
    PermissionDenied when ``by`` may not give others a look at this ticket.
    """
    readers_only(ticket, by)
    ticket = locked(ticket)
    followed = Follower.objects.filter(ticket=ticket, person=who).first()
    if followed is not None:
        return followed
    if not who.is_active or (who.is_customer_side and who.organization_id != ticket.organization_id):
        raise Refused(
            _("%(name)s does not belong to %(organization)s, so they cannot follow this ticket.")
            % {"name": who.name, "organization": ticket.organization.name},
            field="person",
        )
    if not Membership.objects.seeing(ticket.project_id).filter(pk=who.pk).exists():
        raise Refused(
            _("%(name)s does not see %(project)s, so they cannot follow this ticket.")
            % {"name": who.name, "project": ticket.project.name},
            field="person",
        )
    if not may_add(ticket, by, who):
        raise PermissionDenied(_("Only who filed this private ticket, a manager or the support team can add people."))
    follower = Follower.objects.create(ticket=ticket, person=who, added_by=by, since=at)
    _record(ticket, Kind.FOLLOWER_ADDED, who, by=by, at=at)
    return follower


@transaction.atomic
def unfollow(ticket: Ticket, *, who: Membership, by: Membership | None, at: datetime) -> None:
    """``who`` is no longer told of the ticket. Everybody may leave; others are removed by whoever added them, by the
    requester, a manager or the support team (PermissionDenied). Nothing happens when ``who`` does not follow."""
    ticket = locked(ticket)
    follower = Follower.objects.filter(ticket=ticket, person=who).first()
    if follower is None:
        return
    if not may_remove(ticket, by, follower):
        raise PermissionDenied(_("Only the person themself, or who added them, can end this."))
    follower.delete()
    _record(ticket, Kind.FOLLOWER_REMOVED, who, by=by, at=at)


def may_add(ticket: Ticket, by: Membership | None, who: Membership | None = None) -> bool:
    """Whether ``by`` may let ``who`` (anybody, when None) follow. Customers never add the vendor's people; to a private
    ticket only its requester and the organization's managers add."""
    if by is None or by.is_staff_side:
        return True
    if by.organization_id != ticket.organization_id or (who is not None and who.is_staff_side):
        return False
    return ticket.is_shared or who == by or _answers_for(ticket, by)


def may_remove(ticket: Ticket, by: Membership | None, follower: Follower) -> bool:
    if by is None or by.is_staff_side or by.pk in (follower.person_id, follower.added_by_id):
        return True
    return _answers_for(ticket, by)


def _answers_for(ticket: Ticket, by: Membership) -> bool:
    is_of_organization = by.organization_id == ticket.organization_id
    return is_of_organization and (by.pk == ticket.requester_id or by.role == Role.MANAGER)


def _record(ticket: Ticket, kind: Kind, who: Membership, *, by: Membership | None, at: datetime) -> None:
    events.record(ticket, kind, by=by, at=at, person=who.pk, name=who.name, is_staff=who.is_staff_side)
