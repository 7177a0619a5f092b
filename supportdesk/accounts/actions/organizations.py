"""Writes about customers: organizations, their projects, and where these run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import Environment, EnvironmentKind, Membership, Organization, Project, Role

NO_SLUGS = ("new",)
"""Words that stand in an address where an organization's slug would."""


def may_add_organizations(by: Membership) -> bool:
    """Leads and admins take on customers and say what these have bought."""
    return by.is_active and by.is_at_least(Role.LEAD)


@transaction.atomic
def add_organization(*, name: str, by: Membership, at: datetime) -> Organization:
    """A new customer. Raises ValidationError when one has this name."""
    _check(by)
    name = _told_apart(name, Organization.objects.all(), _("There is an organization of this name already."))
    slug = _free_slug(name, Organization.objects.all(), taken=NO_SLUGS)
    organization = Organization.objects.create(name=name, slug=slug)
    audit.record("organization.added", by=by, at=at, subject=organization, name=name)
    return organization


@transaction.atomic
def rename_organization(organization: Organization, *, name: str, by: Membership, at: datetime) -> str:
    """Answers the name of before, for undoing; addresses stay as they are. Raises ValidationError as above."""
    _check(by)
    kept = Organization.objects.select_for_update().get(pk=organization.pk)
    others = Organization.objects.exclude(pk=kept.pk)
    name, before = _told_apart(name, others, _("There is an organization of this name already.")), kept.name
    if name != before:
        kept.name = name
        kept.save(update_fields=["name"])
        audit.record("organization.renamed", by=by, at=at, subject=kept, name={"from": before, "to": name})
    return before


@transaction.atomic
def name_success_engineer(
    organization: Organization, *, person: Membership | None, by: Membership, at: datetime
) -> Membership | None:
    """Who of the vendor's people it is for this customer, None: nobody in particular. Answers who it was, for undoing.
    Raises ValidationError for somebody who is none of them."""
    _check(by)
    if person is not None and not (person.is_active and person.is_staff_side):
        raise ValidationError({"person": _("Choose one of the support team’s people.")})
    kept = Organization.objects.select_for_update(of=("self",)).select_related("success_engineer__user")
    now: Organization = kept.get(pk=organization.pk)
    before: Membership | None = now.success_engineer
    if before != person:
        now.success_engineer = person
        now.save(update_fields=["success_engineer"])
        change = {"from": before.name if before else "", "to": person.name if person else ""}
        audit.record("organization.success_engineer", by=by, at=at, subject=now, person=change)
    return before


@transaction.atomic
def add_project(organization: Organization, *, name: str, by: Membership, at: datetime) -> Project:
    """What subscriptions are bought for. Raises ValidationError when the organization has one of this name."""
    _check(by)
    Organization.objects.select_for_update().get(pk=organization.pk)
    projects = Project.objects.filter(organization=organization)
    name = _told_apart(name, projects, _("This organization has a project of this name already."))
    project = Project.objects.create(organization=organization, name=name, slug=_free_slug(name, projects))
    audit.record("project.added", by=by, at=at, subject=project, organization=organization.pk, name=name)
    return project


@transaction.atomic
def change_project(
    project: Project, *, name: str, addresses: Mapping[EnvironmentKind, str], by: Membership, at: datetime
) -> None:
    """Its name, and under which address each of its environments is found ("": none). Raises ValidationError as
    above."""
    _check(by)
    kept = Project.objects.select_for_update().get(pk=project.pk)
    others = Project.objects.filter(organization=kept.organization_id).exclude(pk=kept.pk)
    name = _told_apart(name, others, _("This organization has a project of this name already."))
    before = {"name": kept.name, "addresses": addresses_of(kept)}
    now = {"name": name, "addresses": {kind.value: addresses.get(kind, "") for kind in EnvironmentKind}}
    if now == before:
        return
    kept.name = name
    kept.save(update_fields=["name"])
    for kind in EnvironmentKind:
        _place(kept, kind, addresses.get(kind, ""))
    audit.record("project.changed", by=by, at=at, subject=kept, before=before, now=now)


@transaction.atomic
def set_project_active(project: Project, *, is_active: bool, by: Membership, at: datetime) -> None:
    """A project that has ended takes no new tickets and is no longer offered; what was filed for it stays. Twice is
    once."""
    _check(by)
    kept = Project.objects.select_for_update().get(pk=project.pk)
    if kept.is_active == is_active:
        return
    kept.is_active = is_active
    kept.save(update_fields=["is_active"])
    audit.record("project.resumed" if is_active else "project.ended", by=by, at=at, subject=kept, name=kept.name)


def addresses_of(project: Project) -> dict[str, str]:
    """By kind of environment, the address of the first of each; "" where none is known. One query."""
    found = dict.fromkeys(EnvironmentKind.values, "")
    for kind, url in Environment.objects.filter(project=project).order_by("-pk").values_list("kind", "url"):
        found[kind] = url or found[kind]
    return found


def _place(project: Project, kind: EnvironmentKind, url: str) -> None:
    first = Environment.objects.filter(project=project, kind=kind).order_by("pk").first()
    if first is not None:
        first.url = url
        first.save(update_fields=["url"])
    elif url:
        Environment.objects.create(project=project, kind=kind, name=kind.value, url=url)


def _check(by: Membership) -> None:
    if not may_add_organizations(by):
        raise PermissionDenied(_("Only leads and admins of the support team change customers and their projects."))


def _told_apart(name: str, others: models.QuerySet[Organization] | models.QuerySet[Project], why_not: str) -> str:
    name = " ".join(name.replace("\0", "").split())
    if not name:
        raise ValidationError({"name": _("Say what it is called.")})
    if others.filter(name__iexact=name).exists():
        raise ValidationError({"name": why_not})
    return name


def _free_slug(
    name: str, others: models.QuerySet[Organization] | models.QuerySet[Project], taken: tuple[str, ...] = ()
) -> str:
    base = slugify(name)[:50].strip("-") or "customer"
    used = {*taken, *others.filter(slug__startswith=base).values_list("slug", flat=True)}
    return next(slug for slug in (base, *(f"{base}-{number}" for number in range(2, 10_000))) if slug not in used)
