"""The five documents' figures: for every plan and priority, what is promised, on which hours, in the document's words.

The quoted words are checked against the source sentence of the target itself.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from plans.contract import Contract, read_file
from plans.contract.amounts import write_amount
from plans.terms import delivery_target_of_contract, terms_of_contract
from sla.targets import Audience, Metric, Target, Terms

ROOT = Path(__file__).parents[2]
BUSINESS = "mon-fri 09:00-17:00"
APPS, DRUD, PSH, CT, ORO = "platformsh-apps", "drud", "platformsh", "commercetools", "orocloud"
FIRST, UPDATE, RESOLUTION = Metric.FIRST_RESPONSE, Metric.UPDATE, Metric.RESOLUTION

# vendor, plan, code, metric, audience, amount, hours, words of the document
FIGURES = [
    (APPS, "enterprise", "P1", FIRST, "contract", "2 h", "24x7", "24/7 coverage for these incidents"),
    (APPS, "enterprise", "P2", FIRST, "contract", "4 h", BUSINESS, "4hrs or less from reception"),
    (APPS, "enterprise", "P3", FIRST, "contract", "best effort", BUSINESS, "best effort"),
    (APPS, "standard", "P1", FIRST, "contract", "4 h", BUSINESS, "4hrs or less from reception"),
    (APPS, "standard", "P2", FIRST, "contract", "1 business day", BUSINESS, "1 business day or less"),
    (APPS, "standard", "P3", FIRST, "contract", "best effort", BUSINESS, "best effort"),
    (DRUD, "standard", "Urgent", FIRST, "internal", "1 h", "24x7", "60 minutes 24x7"),
    (DRUD, "standard", "High", FIRST, "internal", "2 h", "24x5", "2 hours 24x5"),
    (DRUD, "standard", "Medium", FIRST, "internal", "8 h", "24x5", "8 hours 24x5"),
    (DRUD, "standard", "Low", FIRST, "internal", "8 h", "24x5", "8 hours 24x5"),
    (DRUD, "standard", "Urgent", UPDATE, "internal", "1 h", "24x7", "once every hour"),
    (DRUD, "standard", "High", UPDATE, "internal", "1 h", "24x5", "once every hour"),
    (DRUD, "standard", "Medium", UPDATE, "internal", "1 h", "24x5", "once every hour"),
    (DRUD, "standard", "Low", UPDATE, "internal", "1 h", "24x5", "once every hour"),
    (PSH, "standard", "Critical", FIRST, "contract", "1 h", "24x7", "24/7 within 1 Hour"),
    (PSH, "standard", "Critical", RESOLUTION, "contract", "4 h", "24x7", "4 hours"),
    (PSH, "standard", "High", FIRST, "contract", "1 business day", BUSINESS, "1 business day"),
    (PSH, "standard", "High", RESOLUTION, "contract", "best effort", BUSINESS, "Best Effort"),
    (PSH, "standard", "Normal", FIRST, "contract", "1-2 business days", BUSINESS, "1-2 business days"),
    (PSH, "standard", "Normal", RESOLUTION, "contract", "best effort", BUSINESS, "Best Effort"),
    (PSH, "standard", "Low", FIRST, "contract", "best effort", BUSINESS, "Best Effort"),
    (PSH, "standard", "Low", RESOLUTION, "contract", "best effort", BUSINESS, "Best Effort"),
    (CT, "premium", "S1", FIRST, "contract", "20 min", "24x7", "20 minutes"),
    (CT, "premium", "S1", UPDATE, "contract", "30 min", "24x7", "or as stated in the previous update while"),
    (CT, "premium", "S2", FIRST, "contract", "1 h 30 min", "24x7", "90 minutes"),
    (CT, "premium", "S3", FIRST, "contract", "6 h", "24x5", "6 hours during Support hours"),
    (CT, "premium", "S4", FIRST, "contract", "24 h", "24x5", "24 hours during Support hours"),
    (CT, "standard", "S1", FIRST, "contract", "40 min", "24x7", "Twice as fast"),
    (CT, "standard", "S2", FIRST, "contract", "3 h", "24x7", "Twice as fast"),
    (CT, "standard", "S3", FIRST, "contract", "12 h", "24x5", "Twice as fast"),
    (CT, "standard", "S4", FIRST, "contract", "48 h", "24x5", "Twice as fast"),
    (ORO, "enterprise", "P1", FIRST, "contract", "4 h", "24x7", "4 hours for P1 issues"),
    (ORO, "enterprise", "P2", FIRST, "contract", "24 h", BUSINESS, "24 business hours for P2-P4 issues"),
    (ORO, "enterprise", "P3", FIRST, "contract", "24 h", BUSINESS, "24 business hours for P2-P4 issues"),
    (ORO, "enterprise", "P4", FIRST, "contract", "24 h", BUSINESS, "24 business hours for P2-P4 issues"),
]  # fmt: skip

PLANS = sorted({(vendor, plan) for vendor, plan, *_ in FIGURES})
ZONES = {
    "platformsh-apps": "Europe/Paris",
    "drud": "America/Denver",
    "platformsh": "Europe/Paris",
    "commercetools": "Europe/Berlin",
    "orocloud": "Europe/Kyiv",
}


@cache
def contract(vendor: str) -> Contract:
    return read_file(ROOT / "contracts" / f"{vendor}.yaml")[0]


@cache
def terms(vendor: str, plan: str) -> Terms:
    return terms_of_contract(contract(vendor), plan)


def hours(target: Target) -> str:
    week = target.calendar.to_json()["week"]
    by_day = [tuple(tuple(shift) for shift in week[day]) for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]
    whole, office = (("00:00", "24:00"),), (("09:00", "17:00"),)
    known: dict[tuple[Any, ...], str] = {
        (whole,) * 7: "24x7",
        (whole,) * 5 + ((),) * 2: "24x5",
        (office,) * 5 + ((),) * 2: BUSINESS,
    }
    return known[tuple(by_day)]


@pytest.mark.parametrize(("vendor", "plan", "code", "metric", "audience", "amount", "on", "words"), FIGURES)
def test_the_documents_figure(
    vendor: str, plan: str, code: str, metric: Metric, audience: str, amount: str, on: str, words: str
) -> None:
    (target,) = (
        target
        for target in terms(vendor, plan).targets
        if (target.priority, target.metric, target.audience) == (code, metric, Audience(audience))
    )
    assert write_amount(target.amount) == amount
    assert hours(target) == on
    assert target.calendar.zone == ZONES[vendor]
    assert words in target.source
    assert target.warn.fraction == 0.75


@pytest.mark.parametrize(("vendor", "plan"), PLANS)
def test_nothing_else_is_promised(vendor: str, plan: str) -> None:
    promised = {(target.priority, target.metric, target.audience.value) for target in terms(vendor, plan).targets}
    assert promised == {(code, metric, who) for v, p, code, metric, who, *_ in FIGURES if (v, p) == (vendor, plan)}


def test_the_slugs_of_plans_and_offerings() -> None:
    sold = {
        (vendor, offering.slug, plan.slug)
        for vendor in ZONES
        for plan in contract(vendor).plans
        for offering in contract(vendor).offerings_of(plan)
    }
    assert sold == {
        ("platformsh-apps", "drupal-commerce", "enterprise"),
        ("platformsh-apps", "drupal-commerce", "standard"),
        ("platformsh-apps", "commerce", "enterprise"),
        ("platformsh-apps", "commerce", "standard"),
        ("drud", "ddev-live", "standard"),
        ("platformsh", "help-desk", "standard"),
        ("commercetools", "platform", "premium"),
        ("commercetools", "platform", "standard"),
        ("orocloud", "cloud", "enterprise"),
    }


@pytest.mark.parametrize(
    ("vendor", "codes"),
    [
        ("platformsh-apps", ["P1", "P2", "P3"]),
        ("drud", ["Urgent", "High", "Medium", "Low"]),
        ("platformsh", ["Critical", "High", "Normal", "Low"]),
        ("commercetools", ["S1", "S2", "S3", "S4"]),
        ("orocloud", ["P1", "P2", "P3", "P4", "ER"]),
    ],
)
def test_codes_are_as_the_documents_write_them(vendor: str, codes: list[str]) -> None:
    assert contract(vendor).priority_codes() == codes


def test_only_urgent_and_high_page_at_drud() -> None:
    """ "The VictorOps webhook for support tickets only posts for urgent or high-status tickets." """
    assert [section.code for section in contract("drud").priorities if section.pages] == ["Urgent", "High"]


def test_drud_promises_customers_nothing_by_the_clock() -> None:
    """ "These guidelines may not match public-facing SLAs"."""
    assert {target.audience for target in terms("drud", "standard").targets} == {Audience.INTERNAL}


def test_druds_hourly_update_runs_only_while_the_ticket_is_worked() -> None:
    updates = [target for target in terms("drud", "standard").targets if target.metric is UPDATE]
    assert {target.runs_in for target in updates} == {frozenset({"in_progress"})}


def test_commercetools_standard_is_shown_as_derived() -> None:
    shown = {target.priority: target.derived_from for target in terms("commercetools", "standard").targets}
    assert shown == {
        "S1": "2 × Premium’s 20 minutes",
        "S2": "2 × Premium’s 90 minutes",
        "S3": "2 × Premium’s 6 hours",
        "S4": "2 × Premium’s 24 hours",
    }


def test_updates_of_a_critical_incident_do_not_pause() -> None:
    """ "Updates every 30 minutes or as stated in the previous update while the Incident is ongoing"."""
    (update,) = (target for target in terms("commercetools", "premium").targets if target.metric is UPDATE)
    assert update.pauses_in == frozenset()


def test_every_other_clock_pauses_while_the_customer_is_waited_for() -> None:
    pauses = {
        target.pauses_in
        for vendor, plan in PLANS
        for target in terms(vendor, plan).targets
        if (vendor, target.metric) != ("commercetools", UPDATE)
    }
    assert pauses == {frozenset({"waiting"})}


@pytest.mark.parametrize(
    ("vendor", "plan", "code", "start", "due"),
    [
        ("orocloud", "enterprise", "P3", "2026-03-13T14:30:00+00:00", "2026-03-18T14:30:00+00:00"),
        ("platformsh-apps", "standard", "P2", "2026-03-13T15:30:00+00:00", "2026-03-16T15:30:00+00:00"),
        ("drud", "standard", "High", "2026-03-14T05:50:00+00:00", "2026-03-16T07:50:00+00:00"),
        ("commercetools", "premium", "S3", "2026-05-01T09:00:00+00:00", "2026-05-04T04:00:00+00:00"),
        ("platformsh", "standard", "Normal", "2026-03-13T15:30:00+00:00", "2026-03-17T15:30:00+00:00"),
        ("platformsh", "standard", "Low", "2026-03-13T15:30:00+00:00", None),
    ],
)
def test_a_first_response_is_due(vendor: str, plan: str, code: str, start: str, due: str | None) -> None:
    (target,) = (target for target in terms(vendor, plan).applying(code) if target.metric is FIRST)
    reckoned = target.due(datetime.fromisoformat(start))
    assert (reckoned and reckoned.astimezone(UTC)) == (due and datetime.fromisoformat(due))


def test_germanys_nationwide_holidays_close_commercetools_support_hours() -> None:
    (target,) = (target for target in terms("commercetools", "premium").applying("S3") if target.metric is FIRST)
    names = [name for on, name in target.calendar.holidays if on.year == 2026]
    assert len(names) == 9
    assert "German Unity Day" in names


def test_oro_promises_no_answer_to_an_enhancement_request_and_says_why() -> None:
    assert terms("orocloud", "enterprise").applying("ER") == ()
    assert contract("orocloud").plan("enterprise").promises["ER"].no_clock


def test_oros_six_statuses() -> None:
    assert [section.label for section in contract("orocloud").statuses.values()] == [
        "Waiting for triage", "Request acknowledged", "In progress", "Waiting for customer", "Resolved", "Reopened",
    ]  # fmt: skip


def test_oros_seven_categories_ask_for_the_license_and_the_company() -> None:
    oro = contract("orocloud")
    assert [section.name for section in oro.categories] == [
        "Technical Request",
        "Bug",
        "Data Migration",
        "New Environment Request",
        "Access Request",
        "Security Issue/Incident",
        "Consulting Business Request",
    ]
    assert [field.label for field in oro.intake.fields] == ["License key", "Company name"]


def test_oros_catalogue_has_every_row_of_the_checklist() -> None:
    catalogue = contract("orocloud").catalogue
    assert catalogue is not None
    estimates = {
        entry.name: "requires investigation" if entry.delivery is None else write_amount(entry.delivery)
        for entry in catalogue.entries
    }
    one_to_two, two_to_three = "1-2 business days", "2-3 business days"
    assert estimates == {
        "Environment(s) deployment (UAT, STAG, PROD)": two_to_three,
        "Basic authentication configuration": one_to_two,
        "Sub-domains configuration": one_to_two,
        "Environment(s) SSH access": one_to_two,
        "SFTP set up": one_to_two,
        "Back-office URL configuration": one_to_two,
        "Database migration": one_to_two,
        "Installation of non-out-of-the-box (OOTB) software (MuleSoft, etc.)": "requires investigation",
        "Email domains whitelisting (for staging environments only)": one_to_two,
        "Obtaining SSL certificate/wildcard": two_to_three,
        "DNS configuration": two_to_three,
        "Access to application logs": one_to_two,
        "Message queue configuration": one_to_two,
        "Resources configuration": "requires investigation",
        "Availability-check monitoring request": "1 business day",
    }


def test_a_catalogue_entry_is_a_delivery_target() -> None:
    target = delivery_target_of_contract(contract("orocloud"), "environment-deployment")
    assert target is not None
    assert target.metric is Metric.DELIVERY
    assert target.promise == "delivery within 2–3 business days, M–F 09:00–17:00"
    assert delivery_target_of_contract(contract("orocloud"), "resources") is None
    with pytest.raises(LookupError, match="no 'teapot'"):
        delivery_target_of_contract(contract("orocloud"), "teapot")


def test_availability_credits_and_expert_hours_of_commercetools_premium() -> None:
    premium = contract("commercetools").plan("premium")
    assert premium.availability is not None
    assert premium.availability.minimum == 99.99
    steps = [(credit.below, credit.down_to, credit.credit) for credit in premium.availability.credits]
    assert steps == [(99.99, 99.0, 10), (99.0, 95.0, 25), (95.0, None, 50)]
    (hours,) = premium.allowances
    assert (hours.hours, hours.per, hours.rolls_over, len(hours.services)) == ([16, 32, 60, 80], "quarter", False, 12)


def test_a_launch_within_three_days_makes_a_non_production_issue_critical() -> None:
    criteria = contract("platformsh").priorities[0].criteria[1]
    assert criteria.environment == "non-production"
    assert criteria.any_of[0].launch_within is not None
    assert criteria.any_of[0].launch_within.days == 3


def test_an_unknown_plan_or_offering_says_which_there_are() -> None:
    with pytest.raises(LookupError, match="has no plan 'gold': enterprise, standard"):
        terms_of_contract(contract("platformsh-apps"), "gold")
    with pytest.raises(LookupError, match="not sold as 'coffee': drupal-commerce, commerce"):
        terms_of_contract(contract("platformsh-apps"), "standard", "coffee")
