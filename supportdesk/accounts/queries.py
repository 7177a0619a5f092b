"""Reads about organizations."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from supportdesk.accounts.models import Organization

PAGE = 50


@dataclass(frozen=True, slots=True)
class AtAGlance:
    """An organization with how many people and active projects it has."""

    organization: Organization
    people: int
    projects: int


@dataclass(frozen=True, slots=True)
class OrganizationsPage:
    """``next_after``: what to ask for to go on; empty on the last page."""

    rows: list[AtAGlance]
    next_after: str


def organizations_at_a_glance(named: str = "", *, after: str = "") -> OrganizationsPage:
    """The vendor's organizations by name, ``PAGE`` at a time: those whose name holds ``named``, and that come after the
    organization with the slug ``after``. Two queries at most."""
    rows = Organization.objects.annotate(
        active_people=Count("people", filter=Q(people__is_active=True), distinct=True),
        active_projects=Count("projects", filter=Q(projects__is_active=True), distinct=True),
    ).order_by("name", "pk")
    if named.strip():
        rows = rows.filter(name__icontains=named.strip().replace("\0", ""))
    last = Organization.objects.filter(slug=after.replace("\0", "")).first() if after else None
    if last is not None:
        rows = rows.filter(Q(name__gt=last.name) | Q(name=last.name, pk__gt=last.pk))
    found = [AtAGlance(row, row.active_people, row.active_projects) for row in rows[: PAGE + 1]]
    return OrganizationsPage(found[:PAGE], found[PAGE - 1].organization.slug if len(found) > PAGE else "")
