"""Inviting and joining."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import Invitation, Membership, MembershipProject, Organization, Project, Role, User

INVITATION_LIFE = timedelta(days=14)


def may_invite(by: Membership, role: Role, organization: Organization | None) -> bool:
    """Admins invite anybody; leads invite customers; organization managers invite into their own organization. Agents
    add contacts, as Drud's procedures ask of them ("know how to add new contacts"), and nobody with more power."""
    if by.is_at_least(Role.ADMIN):
        return role is not Role.OPERATOR or by.role == Role.OPERATOR
    if role not in (Role.CUSTOMER, Role.MANAGER) or organization is None:
        return False
    if by.is_at_least(Role.LEAD) or (by.is_at_least(Role.AGENT) and role is Role.CUSTOMER):
        return True
    return by.role == Role.MANAGER and organization.pk == by.organization_id


@transaction.atomic
def invite(
    *,
    email: str,
    role: Role,
    by: Membership,
    at: datetime,
    organization: Organization | None = None,
    tier: int | None = None,
    projects: Collection[Project] = (),
) -> tuple[Invitation, str]:
    """An open invitation and the secret of its link, which is not kept. Inviting again replaces the earlier link.

    ``projects``: those that a customer contact will see; none named, all of the organization's.

    Raises PermissionDenied when ``by`` may not give this role, ValidationError when the person is in already.
    """
    if not may_invite(by, role, organization):
        raise PermissionDenied(_("You may not invite somebody into this role."))
    email = email.strip().lower()
    if Membership.objects.filter(user__email=email, is_active=True).exists():
        raise ValidationError({"email": _("%(email)s has access already.") % {"email": email}})
    if role in (Role.CUSTOMER, Role.MANAGER) and organization is None:
        raise ValidationError({"organization": _("A customer belongs to an organization: choose one.")})
    if any(organization is None or project.organization_id != organization.pk for project in projects):
        raise ValidationError({"projects": _("A project of another organization cannot be chosen.")})
    secret = secrets.token_urlsafe(32)
    invitation, _created = Invitation.objects.update_or_create(
        email=email,
        accepted_at=None,
        defaults={
            "role": role,
            "organization": organization if role in (Role.CUSTOMER, Role.MANAGER) else None,
            "tier": tier if role not in (Role.CUSTOMER, Role.MANAGER) else None,
            "projects": sorted(project.pk for project in projects) if role is Role.CUSTOMER else [],
            "secret_hash": Invitation.hash_of(secret),
            "invited_by": by,
            "invited_at": at,
            "expires_at": at + INVITATION_LIFE,
        },
    )
    audit.record("invitation.sent", by=by, at=at, subject=invitation, email=email, role=role.value)
    return invitation, secret


@transaction.atomic
def withdraw(invitation: Invitation, *, by: Membership, at: datetime) -> None:
    """Makes the link worthless."""
    if not may_invite(by, Role(invitation.role), invitation.organization):
        raise PermissionDenied(_("You may not withdraw this invitation."))
    audit.record("invitation.withdrawn", by=by, at=at, subject=invitation, email=invitation.email)
    invitation.delete()


@transaction.atomic
def accept(invitation: Invitation, *, user: User, at: datetime) -> Membership:
    """The invited person joins the vendor, in the role of the invitation. Raises ValidationError when it is over."""
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if not invitation.is_open(at):
        raise ValidationError(_("This invitation has been used or has expired. Ask for a new one."))
    if invitation.email != user.email.lower():
        raise ValidationError(_("This invitation was sent to another e-mail address."))
    membership, _created = Membership.objects.update_or_create(
        user=user,
        defaults={
            "role": invitation.role,
            "organization": invitation.organization,
            "tier": invitation.tier,
            "is_active": True,
        },
    )
    seen = Project.objects.filter(pk__in=invitation.projects, organization=membership.organization)
    if invitation.projects and not seen:
        raise ValidationError(_("The projects of this invitation are gone. Ask for a new one."))
    membership.projects.all().delete()
    MembershipProject.objects.bulk_create([MembershipProject(membership=membership, project=each) for each in seen])
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    audit.record("invitation.accepted", by=membership, at=at, subject=invitation, email=invitation.email)
    return membership
