"""Subscriptions: one plan at a time for a project, on dates of the vendor's zone, held by the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from plans import queries
from plans.actions import end_subscription, load_contract, subscribe
from plans.contract import read_file
from plans.models import Plan, Subscription
from supportdesk.accounts.models import AuditEntry, Organization, Project
from supportdesk.tenancy.scope import vendor_scope

CONTRACT = Path(__file__).parents[2] / "contracts" / "platformsh-apps.yaml"
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
MARCH, JUNE, SEPTEMBER = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_scope() -> Iterator[None]:
    contract, text = read_file(CONTRACT)
    with vendor_scope(load_contract(contract, by=None, at=AT, source_text=text).vendor):
        yield


@pytest.fixture
def shop() -> Project:
    """Alice's project."""
    organization = Organization.objects.create(name="Alice’s Shoes", slug="shoes")
    return Project.objects.create(organization=organization, name="Web shop", slug="shop")


@pytest.fixture
def enterprise() -> Plan:
    return Plan.objects.get(offering__slug="commerce", slug="enterprise")


@pytest.fixture
def standard() -> Plan:
    return Plan.objects.get(offering__slug="commerce", slug="standard")


def test_a_project_has_its_plan_from_the_first_date_until_the_last_is_over(shop: Project, enterprise: Plan) -> None:
    subscribe(project=shop, plan=enterprise, starts_on=MARCH, ends_on=JUNE, by=None, at=AT)
    covered = {
        day: Subscription.objects.active_on(day).exists() for day in (date(2026, 2, 28), MARCH, date(2026, 5, 31), JUNE)
    }
    assert list(covered.values()) == [False, True, True, False]


def test_the_date_is_that_of_the_vendors_zone(shop: Project, enterprise: Plan) -> None:
    subscribe(project=shop, plan=enterprise, starts_on=MARCH, by=None, at=AT)
    before = queries.plan_version_for(shop, datetime(2026, 2, 28, 22, 59, tzinfo=UTC))
    after = queries.plan_version_for(shop, datetime(2026, 2, 28, 23, 0, tzinfo=UTC))  # midnight in Paris
    assert before is None
    assert after is not None
    assert after.plan == enterprise


def test_one_plan_follows_another_without_gap(shop: Project, enterprise: Plan, standard: Plan) -> None:
    subscribe(project=shop, plan=standard, starts_on=MARCH, ends_on=JUNE, by=None, at=AT)
    subscribe(project=shop, plan=enterprise, starts_on=JUNE, by=None, at=AT)
    last_of_may = queries.plan_version_for(shop, datetime(2026, 5, 31, 12, tzinfo=UTC))
    first_of_june = queries.plan_version_for(shop, datetime(2026, 6, 1, 12, tzinfo=UTC))
    assert last_of_may is not None
    assert first_of_june is not None
    assert (last_of_may.plan, first_of_june.plan) == (standard, enterprise)


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [(MARCH, None), (date(2026, 5, 31), None), (date(2026, 1, 1), date(2026, 3, 2)), (date(2026, 4, 1), SEPTEMBER)],
)
def test_two_plans_at_once_are_refused_by_name(
    shop: Project, enterprise: Plan, standard: Plan, starts_on: date, ends_on: date | None
) -> None:
    subscribe(project=shop, plan=enterprise, starts_on=MARCH, ends_on=JUNE, by=None, at=AT)
    with pytest.raises(ValidationError, match="Web shop already has the plan Enterprise from 2026-03-01"):
        subscribe(project=shop, plan=standard, starts_on=starts_on, ends_on=ends_on, by=None, at=AT)


def test_the_database_too_refuses_two_plans_at_once(shop: Project, enterprise: Plan, standard: Plan) -> None:
    Subscription.objects.create(project=shop, plan=enterprise, starts_on=MARCH, created_at=AT)
    with pytest.raises(IntegrityError, match="subscription_one_at_a_time"), transaction.atomic():
        Subscription.objects.create(project=shop, plan=standard, starts_on=JUNE, created_at=AT)


def test_the_database_refuses_reversed_dates(shop: Project, enterprise: Plan) -> None:
    with pytest.raises(IntegrityError, match="subscription_lasts"), transaction.atomic():
        Subscription.objects.create(project=shop, plan=enterprise, starts_on=JUNE, ends_on=JUNE, created_at=AT)


def test_reversed_dates_and_retired_plans_are_refused(shop: Project, enterprise: Plan) -> None:
    with pytest.raises(ValidationError, match="ends after the day"):
        subscribe(project=shop, plan=enterprise, starts_on=JUNE, ends_on=MARCH, by=None, at=AT)
    enterprise.retired_at = AT
    with pytest.raises(ValidationError, match="no longer sold"):
        subscribe(project=shop, plan=enterprise, starts_on=JUNE, by=None, at=AT)


def test_ending_and_extending(shop: Project, enterprise: Plan, standard: Plan) -> None:
    first = subscribe(project=shop, plan=standard, starts_on=MARCH, by=None, at=AT)
    end_subscription(first, ends_on=JUNE, by=None, at=AT)
    subscribe(project=shop, plan=enterprise, starts_on=JUNE, by=None, at=AT)
    with pytest.raises(ValidationError, match="already has the plan Enterprise"):
        end_subscription(first, ends_on=SEPTEMBER, by=None, at=AT)
    with pytest.raises(ValidationError, match="ends after the day"):
        end_subscription(first, ends_on=MARCH, by=None, at=AT)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))[1:] == [
        "project.subscribed", "project.subscription_ended", "project.subscribed",
    ]  # fmt: skip
