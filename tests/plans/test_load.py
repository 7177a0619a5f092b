"""Loading contracts: idempotent, versioned, atomic; what is gone is retired, nothing is deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, models, transaction

from plans import choices, queries
from plans.actions import Loaded, load_contract
from plans.contract import ContractError, read
from plans.models import (
    Calendar,
    CalendarVersion,
    Category,
    ContractVersion,
    Offering,
    Plan,
    PlanVersion,
    Priority,
    StatusLabel,
    Target,
)
from plans.terms import terms_of, terms_of_contract
from sla.targets import Span, Terms
from supportdesk.accounts.models import AuditEntry, Team, Vendor
from supportdesk.tenancy.scope import NoScope, all_vendors, vendor_scope

CONTRACTS = Path(__file__).parents[2] / "contracts"
JANUARY = datetime(2026, 1, 5, 9, tzinfo=UTC)
FEBRUARY = datetime(2026, 2, 2, 9, tzinfo=UTC)
VENDORS = ("commercetools", "drud", "orocloud", "platformsh", "platformsh-apps")

pytestmark = pytest.mark.django_db


def text_of(slug: str, *edits: tuple[str, str]) -> str:
    text = (CONTRACTS / f"{slug}.yaml").read_text(encoding="utf-8")
    for was, becomes in edits:
        assert was in text
        text = text.replace(was, becomes)
    return text


def load(slug: str, *edits: tuple[str, str], at: datetime = JANUARY, effective_from: datetime | None = None) -> Loaded:
    text = text_of(slug, *edits)
    contract = read(text, file=f"{slug}.yaml")
    return load_contract(contract, by=None, at=at, source_text=text, effective_from=effective_from)


def counted() -> dict[str, int]:
    tables: list[type[models.Model]] = [
        Calendar, CalendarVersion, Category, ContractVersion, Offering, Plan, PlanVersion, Priority, StatusLabel,
        Target, Team, AuditEntry,
    ]  # fmt: skip
    with all_vendors("counting in a test"):
        return {table.__name__: table._default_manager.count() for table in tables}


def without_id(terms: Terms) -> Terms:
    return Terms(plan_version_id=None, plan_name=terms.plan_name, driver=terms.driver, targets=terms.targets)


@pytest.mark.parametrize("slug", VENDORS)
def test_the_database_promises_exactly_what_the_file_does(slug: str) -> None:
    loaded = load(slug)
    contract = read(text_of(slug), file=slug)
    with vendor_scope(loaded.vendor):
        assert queries.current_contract() == contract
        versions = PlanVersion.objects.select_related("plan__offering")
        assert versions.count() == sum(len(contract.offerings_of(plan)) for plan in contract.plans)
        for version in versions:
            expected = terms_of_contract(contract, version.plan.slug, version.plan.offering.slug)
            assert without_id(terms_of(version)) == expected
            assert terms_of(version) is terms_of(version)


@pytest.mark.parametrize("slug", VENDORS)
def test_an_unchanged_file_changes_nothing(slug: str) -> None:
    load(slug)
    before = counted()
    again = load(slug, at=FEBRUARY)
    assert not again.is_changed
    assert str(again) == f"{slug}: unchanged (version 1)"
    assert counted() == before


def test_a_changed_comment_changes_nothing() -> None:
    load("drud")
    before = counted()
    assert not load("drud", ("# Drud Technology", "# The firm of Drud Technology")).is_changed
    assert counted() == before


def test_a_changed_figure_makes_a_version_of_that_plan_only() -> None:
    load("platformsh-apps")
    before = counted()
    edit = ("within: 2h\n", "within: 90 min\n")
    changed = load("platformsh-apps", edit, at=FEBRUARY)
    assert str(changed) == "platformsh-apps: version 2: plans enterprise changed"
    after = counted()
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == {
        "ContractVersion": 1,
        "PlanVersion": 2,
        "Target": 6,
        "AuditEntry": 1,
    }
    with vendor_scope(changed.vendor):
        for plan in Plan.objects.filter(slug="enterprise"):
            old, new = plan.versions.order_by("number")
            assert terms_of(old).targets[0].amount == Span(7200)
            assert terms_of(new).targets[0].amount == Span(5400)
            assert queries.version_in_force(plan, FEBRUARY - timedelta(seconds=1)) == old
            assert queries.version_in_force(plan, FEBRUARY) == new
            assert queries.version_in_force(plan, JANUARY - timedelta(days=400)) == old


def test_a_plan_derived_from_another_changes_with_it() -> None:
    load("commercetools")
    changed = load("commercetools", ("within: 20 min", "within: 15 min"), at=FEBRUARY)
    assert changed.plans == ("premium", "standard")
    with vendor_scope(changed.vendor):
        newest = PlanVersion.objects.filter(plan__slug="standard").order_by("-number")[0]
        assert terms_of(newest).targets[0].amount == Span(1800)


def test_a_new_holiday_makes_a_version_of_the_calendar_and_of_the_plans_on_it() -> None:
    load("platformsh-apps")
    holiday = "      mon-fri: 09:00-17:00\n    holidays:\n      - {date: 2026-07-14, name: Bastille Day}\n"
    changed = load("platformsh-apps", ("      mon-fri: 09:00-17:00\n", holiday), at=FEBRUARY)
    assert (changed.calendars, changed.plans) == (("business-hours",), ("enterprise", "standard"))
    with vendor_scope(changed.vendor):
        old, new = CalendarVersion.objects.filter(calendar__slug="business-hours").order_by("number")
        assert (old.holidays, new.holidays) == ([], [{"date": "2026-07-14", "name": "Bastille Day"}])
        assert CalendarVersion.objects.filter(calendar__slug="around-the-clock").count() == 1


def test_a_version_may_begin_later_and_be_replaced_before_it_begins() -> None:
    load("platformsh")
    march = datetime(2026, 3, 1, tzinfo=UTC)
    load("platformsh", ("within: 1h", "within: 30 min"), at=FEBRUARY, effective_from=march)
    last = load("platformsh", ("within: 1h", "within: 45 min"), at=FEBRUARY + timedelta(days=1))
    with vendor_scope(last.vendor):
        plan = Plan.objects.get()
        amounts = [
            terms_of(version).targets[0].amount
            for at in (FEBRUARY, FEBRUARY + timedelta(days=1), march)
            if (version := queries.version_in_force(plan, at))
        ]
    assert amounts == [Span(3600), Span(2700), Span(2700)]


def test_what_is_gone_is_retired_and_comes_back() -> None:
    load("orocloud")
    gone = ("  - slug: bug\n", "  - slug: defect\n")
    loaded = load("orocloud", gone, at=FEBRUARY)
    with vendor_scope(loaded.vendor):
        assert Category.objects.get(slug="bug").retired_at == FEBRUARY
        assert [row.slug for row in Category.objects.offered()][1] == "defect"
    load("orocloud", at=FEBRUARY + timedelta(days=1))
    with vendor_scope(loaded.vendor):
        assert Category.objects.get(slug="bug").retired_at is None
        assert Category.objects.get(slug="defect").retired_at is not None


def test_priorities_may_change_places_and_names_in_one_load() -> None:
    load("orocloud")
    with vendor_scope(Vendor.objects.get(slug="orocloud")):
        keys = dict(Priority.objects.values_list("code", "pk"))
    swap = [("code: P3\n", "code: PX\n"), ("code: P4\n", "code: P3\n"), ("code: PX\n", "code: P4\n")]
    loaded = load("orocloud", *swap, ("name: Enhancement Request\n    def", "name: Wish\n    def"), at=FEBRUARY)
    with vendor_scope(loaded.vendor):
        assert [row.code for row in choices.customer_priorities()] == ["P1", "P2", "P4", "P3", "ER"]
        assert [row.rank for row in choices.customer_priorities()] == [1, 2, 3, 4, 5]
        assert dict(Priority.objects.values_list("code", "pk")) == keys
        assert Priority.objects.get(code="ER").name == "Wish"


def test_a_load_that_fails_halfway_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    load("drud")
    before = counted()

    def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the power went out")

    monkeypatch.setattr("plans.actions.load.write_plans", fail)
    with pytest.raises(RuntimeError, match="power"):
        load("drud", ("label: Pending", "label: On hold"), at=FEBRUARY)
    assert counted() == before
    with vendor_scope(Vendor.objects.get(slug="drud")):
        assert choices.status_labels(for_customers=True)["waiting"] == "Pending"


def test_the_vendor_is_made_and_renamed() -> None:
    loaded = load("orocloud")
    assert (loaded.vendor.name, loaded.vendor.zone, loaded.vendor.created_at) == ("OroCloud", "Europe/Kyiv", JANUARY)
    load("orocloud", ("  name: OroCloud\n  zone", "  name: Oro\n  zone"), at=FEBRUARY)
    vendor = Vendor.objects.get(slug="orocloud")
    assert (vendor.name, vendor.created_at) == ("Oro", JANUARY)


def test_a_slug_of_the_products_own_addresses_is_refused_and_nothing_is_made() -> None:
    with pytest.raises(ContractError, match=r"vendor\.slug: expected another value: .*reserved"):
        load("orocloud", ("  slug: orocloud", "  slug: accounts"))
    assert not Vendor.objects.exists()


def test_two_vendors_cannot_have_one_domain() -> None:
    load("drud", ("  slug: drud\n", "  slug: drud\n  domain: help.example.com\n"))
    with pytest.raises(ContractError, match="expected another value"):
        load("orocloud", ("  slug: orocloud\n", "  slug: orocloud\n  domain: help.example.com\n"))
    assert list(Vendor.objects.values_list("slug", flat=True)) == ["drud"]


def test_teams_hints_labels_and_forms_come_from_the_contract() -> None:
    with vendor_scope(load("drud").vendor):
        assert set(Team.objects.values_list("name", flat=True)) == {
            "Tier Two", "DDEV Live Support", "Product engineering",
        }  # fmt: skip
    with vendor_scope(load("platformsh").vendor):
        assert choices.intake_hints()["subject"] == "A short summary of your issue."
        assert choices.status_labels(for_customers=True)["waiting"] == "Waiting for you"
        assert choices.status_labels(for_customers=False)["waiting"] == "Waiting for customer"
        launch = Priority.objects.get(code="Critical").criteria[1]
        assert launch["any_of"][0]["launch_within_days"] == 3
    with vendor_scope(load("orocloud").vendor):
        fields = Category.objects.get(slug="access-request").fields
        assert [(field["key"], field["kind"], field["required"]) for field in fields] == [
            ("license_key", "text", True),
            ("company_name", "text", True),
            ("person", "text", True),
            ("email", "email", True),
            ("company", "text", True),
        ]


def test_severities_are_the_priorities_unless_the_contract_has_its_own() -> None:
    with vendor_scope(load("drud").vendor):
        assert list(choices.severities()) == list(choices.customer_priorities())
    own = "\nseverities:\n  - {code: SEV1, name: One, definition: Bad.}\n\nstatuses:"
    objectives = "    objectives:\n      SEV1: {no_clock: None yet.}\n    promises:"
    loaded = load("platformsh", ("\nstatuses:", own), ("    promises:", objectives))
    with vendor_scope(loaded.vendor):
        assert [row.code for row in choices.severities()] == ["SEV1"]
        assert [row.code for row in choices.customer_priorities()] == ["Critical", "High", "Normal", "Low"]


@pytest.mark.parametrize(
    "table", ["plans_planversion", "plans_target", "plans_calendarversion", "plans_contractversion"]
)
def test_what_was_promised_cannot_be_rewritten(table: str) -> None:
    loaded = load("orocloud")
    for statement in (f'UPDATE "{table}" SET vendor_id = vendor_id', f'DELETE FROM "{table}"'):
        with (
            vendor_scope(loaded.vendor),
            pytest.raises(DatabaseError, match="append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_one_vendors_contract_is_invisible_to_another() -> None:
    load("orocloud")
    drud = load("drud").vendor
    with pytest.raises(NoScope):
        Plan.objects.count()
    with vendor_scope(drud):
        assert set(Priority.objects.values_list("code", flat=True)) == {"Urgent", "High", "Medium", "Low"}
        assert Plan.objects.count() == 1
        oro = Vendor.objects.get(slug="orocloud")
        assert not Plan._base_manager.filter(vendor=oro).exists()
