"""Rows for tests, in the active vendor scope."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from factory.declarations import LazyAttribute, SubFactory
from factory.django import DjangoModelFactory

from supportdesk.accounts.models import (
    Environment,
    EnvironmentKind,
    Membership,
    Organization,
    Project,
    Role,
    Team,
    User,
    Vendor,
)

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


class VendorFactory(DjangoModelFactory[Vendor]):
    class Meta:
        model = Vendor
        django_get_or_create = ("slug",)

    slug = "oro"
    name = LazyAttribute(lambda vendor: vendor.slug.title())
    zone = "Europe/Kyiv"
    created_at = LONG_AGO


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        django_get_or_create = ("email",)

    name = "Alice"
    email = LazyAttribute(lambda user: f"{user.name.lower()}@people.example")
    zone = "Europe/Kyiv"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        found = User.objects.filter(email=kwargs["email"]).first()
        return found or User.objects.create_user(**kwargs)


class OrganizationFactory(DjangoModelFactory[Organization]):
    class Meta:
        model = Organization
        django_get_or_create = ("slug",)

    slug = "northwind"
    name = LazyAttribute(lambda organization: organization.slug.title())


class ProjectFactory(DjangoModelFactory[Project]):
    class Meta:
        model = Project
        django_get_or_create = ("slug", "organization")

    organization = SubFactory(OrganizationFactory)
    slug = "shop"
    name = "Shop"


class EnvironmentFactory(DjangoModelFactory[Environment]):
    class Meta:
        model = Environment
        django_get_or_create = ("project", "name")

    project = SubFactory(ProjectFactory)
    kind = EnvironmentKind.PRODUCTION
    name = "production"


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    user = SubFactory(UserFactory)
    role = Role.CUSTOMER
    organization = SubFactory(OrganizationFactory)


class StaffFactory(MembershipFactory):
    role = Role.AGENT
    organization = None  # type: ignore[assignment]
    tier = 1


class TeamFactory(DjangoModelFactory[Team]):
    class Meta:
        model = Team
        django_get_or_create = ("slug",)

    slug = "support"
    name = "Support"
