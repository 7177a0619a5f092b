"""Writes about the people of an organization: their role, what they see, leaving and coming back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, MembershipProject, Organization, Project, Role
from supportdesk.accounts.models.membership import CUSTOMER_ROLES


def may_manage(by: Membership, organization: Organization) -> bool:
    """Leads and admins manage any organization, its own managers theirs."""
    if not by.is_active:
        return False
    return by.is_at_least(Role.LEAD) or (by.role == Role.MANAGER and by.organization_id == organization.pk)


@transaction.atomic
def change_person(
    person: Membership, *, role: Role, projects: Collection[Project], by: Membership, at: datetime
) -> tuple[Role, list[int]]:
    """Gives somebody of an organization this role and these projects (none: all). A manager sees all, whatever is said.

    Answers what was before, for undoing. Raises PermissionDenied unless ``by`` manages the organization;
    ValidationError when the role is not a customer's, a project is another organization's, or the organization would
    be left without a manager.
    """
    person = _locked(person, by)
    if role not in CUSTOMER_ROLES:
        raise ValidationError({"role": _("A customer is a contact or a manager.")})
    if any(project.organization_id != person.organization_id for project in projects):
        raise ValidationError({"projects": _("A project of another organization cannot be chosen.")})
    if person.role == Role.MANAGER and role is not Role.MANAGER:
        _keep_a_manager(person, by)
    before = Role(person.role), sorted(person.projects.values_list("project_id", flat=True))
    seen = sorted({project.pk for project in projects}) if role is Role.CUSTOMER else []
    if (role, seen) == before:
        return before
    if person.role != role:
        person.role = role
        person.save(update_fields=["role"])
    person.projects.exclude(project_id__in=seen).delete()
    missing = [pk for pk in seen if pk not in before[1]]
    MembershipProject.objects.bulk_create([MembershipProject(membership=person, project_id=pk) for pk in missing])
    audit.record(
        "person.changed",
        by=by,
        at=at,
        subject=person,
        role={"from": before[0].value, "to": role.value},
        projects={"from": before[1], "to": seen},
    )
    return before


@transaction.atomic
def remove_person(person: Membership, *, by: Membership, at: datetime) -> None:
    """Takes somebody's access away. Their tickets, and what they wrote, stay.

    Raises PermissionDenied unless ``by`` manages the organization, ValidationError for oneself or the last manager.
    """
    person = _locked(person, by)
    if person.pk == by.pk:
        raise ValidationError(_("You cannot remove yourself: ask another manager, or the support team."))
    if not person.is_active:
        return
    if person.role == Role.MANAGER:
        _keep_a_manager(person, by)
    person.is_active = False
    person.save(update_fields=["is_active"])
    audit.record("person.removed", by=by, at=at, subject=person, email=person.user.email)


@transaction.atomic
def restore_person(person: Membership, *, by: Membership, at: datetime) -> None:
    """Gives access back, with the role and projects of before. Raises PermissionDenied as above."""
    person = _locked(person, by)
    if person.is_active:
        return
    person.is_active = True
    person.save(update_fields=["is_active"])
    audit.record("person.restored", by=by, at=at, subject=person, email=person.user.email)


def _locked(person: Membership, by: Membership) -> Membership:
    """The row as it is now. All who change people of an organization queue at it, so that two of its managers cannot
    remove each other at one instant."""
    organization = Organization.objects.select_for_update(of=("self",)).filter(people=person).first()
    if organization is None or not may_manage(by, organization):
        raise PermissionDenied(_("You may not change the people of this organization."))
    return Membership.objects.select_related("user", "organization").get(pk=person.pk)


def _keep_a_manager(person: Membership, by: Membership) -> None:
    """Support staff may leave an organization without a manager, its own people may not."""
    others = Membership.objects.filter(organization=person.organization, role=Role.MANAGER, is_active=True)
    if by.is_customer_side and not others.exclude(pk=person.pk).exists():
        raise ValidationError(_("An organization keeps at least one manager: make somebody else one first."))
