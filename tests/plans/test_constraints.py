"""What the database itself refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from plans.actions import load_contract
from plans.contract import read_file
from plans.models import Category, Plan, PlanVersion, Priority, PriorityScheme, StatusLabel, Target
from supportdesk.tenancy.scope import all_vendors, vendor_scope

CONTRACTS = Path(__file__).parents[2] / "contracts"
AT = datetime(2026, 1, 5, 9, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_scope() -> Iterator[None]:
    for slug in ("drud", "orocloud"):
        contract, text = read_file(CONTRACTS / f"{slug}.yaml")
        vendor = load_contract(contract, by=None, at=AT, source_text=text).vendor
    with vendor_scope(vendor):
        yield


def copy_of(target: Target, **changes: Any) -> Target:
    values = {
        field.attname: getattr(target, field.attname) for field in Target._meta.local_fields if field.name != "id"
    }
    return Target(**values | {"metric": "callback"} | changes)


@pytest.mark.parametrize(
    ("constraint", "changes"),
    [
        ("target_amount_fits_kind", {"seconds": 0}),
        ("target_amount_fits_kind", {"seconds": None}),
        ("target_amount_fits_kind", {"days": 1}),
        ("target_amount_fits_kind", {"kind": "business_days"}),
        ("target_amount_fits_kind", {"kind": "best_effort"}),
        ("target_amount_fits_kind", {"kind": "whim", "seconds": None}),
        ("target_amount_fits_kind", {"kind": "business_days", "seconds": None, "days": 2, "rule": "someday"}),
        (
            "target_amount_fits_kind",
            {"kind": "business_days", "seconds": None, "days": 2, "low_days": 2, "rule": "elapsed"},
        ),
        ("target_metric_known", {"metric": "smile"}),
        ("target_audience_known", {"audience": "press"}),
        ("target_warn_fraction_is_share", {"warn_fraction": 1.5}),
        ("target_warn_lead_positive", {"warn_lead": timedelta(0)}),
        ("target_once", {"metric": "first_response"}),
    ],
)
def test_a_target_that_cannot_be_is_refused(constraint: str, changes: dict[str, Any]) -> None:
    target = Target.objects.get(priority__code="P1")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        copy_of(target, **changes).save()


def test_a_range_of_business_days_fits() -> None:
    target = Target.objects.get(priority__code="P1")
    copy_of(target, kind="business_days", seconds=None, days=2, low_days=1, rule="end_of_day").save()
    row = Target.objects.get(metric="callback")
    assert (row.target.amount.days, row.target.amount.low) == (2, 1)  # type: ignore[union-attr]


def test_codes_ranks_slugs_and_states_are_once() -> None:
    scheme = PriorityScheme.objects.get()
    plan = Plan.objects.get()
    values: dict[str, Any] = {"scheme": scheme, "name": "x", "definition": "x"}
    refused: list[tuple[str, Any]] = [
        ("priority_code_once", Priority(code="P1", rank=9, **values)),
        ("priority_rank_once", Priority(code="P9", rank=1, **values)),
        ("priority_rank_from_one", Priority(code="P9", rank=0, **values)),
        ("priority_code_given", Priority(code="", rank=9, **values)),
        ("priorityscheme_kind_once", PriorityScheme(kind="priority")),
        ("priorityscheme_kind_known", PriorityScheme(kind="colour")),
        ("statuslabel_state_once", StatusLabel(state="new", label="x", customer_label="x", description="x")),
        ("statuslabel_state_known", StatusLabel(state="lost", label="x", customer_label="x", description="x")),
        ("category_slug_once", Category(slug="bug", name="x", position=9)),
        ("plan_slug_once", Plan(offering=plan.offering, slug=plan.slug, name="x")),
        (
            "planversion_number_once",
            PlanVersion(
                plan=plan,
                number=1,
                contract_version_id=plan.versions.get().contract_version_id,
                effective_from=AT,
                driver="priority",
                digest="x",
            ),
        ),
    ]
    for constraint, row in refused:
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            row.save()


def test_a_target_cannot_point_at_another_vendors_priority() -> None:
    with all_vendors("finding Drud's priority in a test"):
        urgent = Priority.objects.get(code="Urgent").pk
    target = Target.objects.get(priority__code="P1")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="priority_id_same_vendor"), transaction.atomic():
        copy_of(target, priority_id=urgent).save()
