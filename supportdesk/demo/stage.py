"""The stage of one vendor's demo: its people, customers, projects and subscriptions, and what its stories draw on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import make_password

from plans.actions import subscribe
from plans.models import Category, Plan, Priority
from plans.queries import plan_version_for
from plans.terms import terms_of
from sla.calendars import BusinessCalendar
from sla.targets import Terms
from supportdesk.accounts.models import (
    Environment,
    EnvironmentKind,
    Membership,
    Organization,
    Project,
    Role,
    Team,
    TeamMember,
    User,
    Vendor,
)
from supportdesk.demo.people import CASTS, OLGA, PASSWORD, Cast, Company, Person, Site
from supportdesk.demo.story import Storybook, storybook

CUSTOMER_SINCE = timedelta(days=400)
ENVIRONMENTS = {
    EnvironmentKind.PRODUCTION: "",
    EnvironmentKind.STAGING: "staging.",
    EnvironmentKind.DEVELOPMENT: "dev.",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A project, with those of its organization who write about it and the terms that it was sold."""

    project: Project
    host: str
    contacts: tuple[Membership, ...]
    terms: Terms


@dataclass(frozen=True, slots=True)
class Stage:
    """``hours`` are when agents are at their desks; who is paged comes at any hour."""

    vendor: Vendor
    book: Storybook
    places: tuple[Place, ...]
    agents: tuple[Membership, ...]
    lead: Membership
    teams: dict[str, Team]
    team_of: dict[int, set[str]]
    priorities: dict[str, Priority]
    categories: dict[str, Category]
    hours: BusinessCalendar
    triaging_team: str

    def next_lower(self, priority: Priority) -> Priority | None:
        return min((p for p in self.priorities.values() if p.rank > priority.rank), key=lambda p: p.rank, default=None)


def make_users(casts: Iterable[Cast] = CASTS) -> None:
    """Everybody who signs in, with one password. It is hashed once: the same words protect nobody twice."""
    password = make_password(PASSWORD)
    people = {person.email: person for cast in casts for person in (*cast.people, OLGA)}
    known = set(User.objects.filter(email__in=people).values_list("email", flat=True))
    User.objects.bulk_create(
        User(email=email, name=person.name, zone=person.zone, password=password)
        for email, person in people.items()
        if email not in known
    )


def settle(cast: Cast, vendor: Vendor, *, at: datetime) -> None:
    """Gives everybody of the cast their place at the vendor, and the projects their plans. Twice is once."""
    users = {user.email: user for user in User.objects.filter(email__in=[p.email for p in (*cast.people, OLGA)])}
    teams = {team.slug: team for team in Team.objects.all()}
    guides: list[Membership] = []
    for person in (*cast.staff, OLGA):
        member = _join(person, users[person.email])
        guides += [member] if "customer-success" in person.teams else []
        for slug in person.teams:
            TeamMember.objects.get_or_create(team=teams[slug], membership=member)
    for company in cast.companies:
        organization, _ = Organization.objects.get_or_create(
            slug=company.slug, defaults={"name": company.name, "success_engineer": guides[0] if guides else None}
        )
        for person in company.people:
            _join(person, users[person.email], organization)
        for site in company.sites:
            _sell(site, organization, vendor, at=at)


def stage_of(cast: Cast, vendor: Vendor, *, at: datetime) -> Stage:
    """What is on stage once the cast is settled. Needs the vendor's scope."""
    members = {each.user.email: each for each in Membership.objects.select_related("user", "organization")}
    projects = {
        (project.organization.slug, project.slug): project for project in Project.objects.select_related("organization")
    }
    staff = [members[person.email] for person in cast.staff]
    team_of: dict[int, set[str]] = {}
    for row in TeamMember.objects.select_related("team"):
        team_of.setdefault(row.membership_id, set()).add(row.team.slug)
    return Stage(
        vendor=vendor,
        book=storybook(cast.vendor),
        places=tuple(
            _place(company, site, projects[company.slug, site.slug], members, at)
            for company in cast.companies
            for site in company.sites
        ),
        agents=tuple(each for each in staff if each.role == Role.AGENT),
        lead=next(each for each in staff if each.role == Role.LEAD),
        teams={team.slug: team for team in Team.objects.all()},
        team_of=team_of,
        priorities={
            priority.code: priority for priority in Priority.objects.filter(scheme__kind="priority", retired_at=None)
        },
        categories={category.slug: category for category in Category.objects.filter(retired_at=None)},
        hours=BusinessCalendar(vendor.zone, {day: [("08:00", "18:00")] for day in ("mon", "tue", "wed", "thu", "fri")}),
        triaging_team="tier-two" if cast.vendor == "drud" else "",
    )


def _join(person: Person, user: User, organization: Organization | None = None) -> Membership:
    member, _ = Membership.objects.get_or_create(
        user=user, defaults={"role": person.role, "tier": person.tier, "organization": organization}
    )
    return member


def _sell(site: Site, organization: Organization, vendor: Vendor, *, at: datetime) -> None:
    project, is_new = Project.objects.get_or_create(
        organization=organization, slug=site.slug, defaults={"name": site.name}
    )
    if not is_new:
        return
    Environment.objects.bulk_create(
        Environment(project=project, kind=kind, name=kind.value, url=f"https://{prefix}{site.host}/")
        for kind, prefix in ENVIRONMENTS.items()
    )
    plan = Plan.objects.get(offering__slug=site.offering, slug=site.plan)
    since = (at - CUSTOMER_SINCE).astimezone(vendor.zoneinfo).date()
    subscribe(project=project, plan=plan, starts_on=since, by=None, at=at)


def _place(company: Company, site: Site, project: Project, members: dict[str, Membership], at: datetime) -> Place:
    version = plan_version_for(project, at)
    if version is None:
        raise LookupError(f"{project.name} has no subscription on {at:%Y-%m-%d}")
    contacts = tuple(members[person.email] for person in company.people)
    return Place(project, site.host, contacts, terms_of(version))
