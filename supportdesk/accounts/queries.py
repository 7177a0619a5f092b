"""Reads about organizations."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q

from supportdesk.accounts.models import Organization

MOST = 500


@dataclass(frozen=True, slots=True)
class AtAGlance:
    """An organization with how many people and active projects it has."""

    organization: Organization
    people: int
    projects: int


def organizations_at_a_glance(named: str = "") -> list[AtAGlance]:
    """The vendor's organizations by name, at most ``MOST``; ``named``: only those whose name holds it. One query."""
    rows = Organization.objects.annotate(
        active_people=Count("people", filter=Q(people__is_active=True), distinct=True),
        active_projects=Count("projects", filter=Q(projects__is_active=True), distinct=True),
    ).order_by("name", "pk")
    if named.strip():
        rows = rows.filter(name__icontains=named.strip())
    return [AtAGlance(row, row.active_people, row.active_projects) for row in rows[:MOST]]
