"""Targets with nothing left to look up, and calendars with their dates."""

from __future__ import annotations

from pathlib import Path

import pytest

from plans.contract import Contract, read, read_file, resolve
from plans.contract.resolve import amount_words, calendar_json, promise_words, resolved_targets
from sla.targets import Amount, BestEffort, BusinessDays, Metric, Span

CONTRACTS = Path(__file__).parents[3] / "contracts"


def edited(slug: str, *edits: tuple[str, str]) -> Contract:
    text = (CONTRACTS / f"{slug}.yaml").read_text(encoding="utf-8")
    for was, becomes in edits:
        assert was in text
        text = text.replace(was, becomes, 1)
    return read(text, file=f"{slug}.yaml")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (Span(3600), "1 hour"),
        (Span(5400), "90 minutes"),
        (Span(1200), "20 minutes"),
        (Span(9000), "2 hours 30 minutes"),
        (Span(172800), "48 hours"),
        (Span(61), "1 minute 1 second"),
        (BusinessDays(1), "1 business day"),
        (BusinessDays(2, low=1), "1–2 business days"),
        (BestEffort(), "best effort"),
    ],
)
def test_an_amount_in_words(amount: Amount, words: str) -> None:
    assert amount_words(amount) == words


@pytest.mark.parametrize(
    ("metric", "amount", "words"),
    [
        (Metric.FIRST_RESPONSE, Span(7200), "first response within 2 hours, 24/7"),
        (Metric.UPDATE, Span(3600), "update every hour, 24/7"),
        (Metric.UPDATE, Span(1800), "update every 30 minutes, 24/7"),
        (Metric.RESOLUTION, BestEffort(), "resolution: best effort"),
    ],
)
def test_a_promise_in_words(metric: Metric, amount: Amount, words: str) -> None:
    assert promise_words(metric, amount, "24/7") == words


def test_a_multiple_takes_calendar_states_and_counting_of_the_other_plan_unless_it_names_its_own() -> None:
    contract = edited(
        "commercetools",
        (
            "within: 6h\n          calendar: support-hours",
            "within: 2 business days\n          calendar: support-hours\n          count: end_of_day\n"
            "          pauses_in: [new, waiting]",
        ),
        (
            "S4:\n        first_response: {within: 2 x premium",
            "S4:\n        first_response: {calendar: around-the-clock, within: 2 x premium",
        ),
    )
    targets = {target.code: target for target in resolved_targets(contract, contract.plan("standard"))}
    assert targets["S3"].amount == BusinessDays(4, rule="end_of_day")
    assert targets["S3"].calendar == "support-hours"
    assert targets["S3"].pauses_in == {"new", "waiting"}
    assert targets["S3"].derived_from == "2 × Premium’s 2 business days"
    assert targets["S4"].calendar == "around-the-clock"


def test_a_target_warns_as_its_plan_does_unless_it_says_otherwise() -> None:
    contract = edited(
        "platformsh",
        ("    rank: 10\n", "    rank: 10\n    warn_at: 50%\n"),
        ("within: 4h\n", "within: 4h\n          warn_at: never\n"),
    )
    warned = {target.key: target.warn.fraction for target in resolved_targets(contract, contract.plan("standard"))}
    assert warned["contract.first_response.Critical"] == 0.5
    assert warned["contract.resolution.Critical"] is None


def test_a_contract_driven_by_severity_promises_by_severity() -> None:
    contract = edited(
        "platformsh",
        ("    rank: 10\n", "    rank: 10\n    driver: severity\n"),
        (
            "\nstatuses:",
            "\nseverities:\n  - {code: Low, name: Low, definition: Small.}\n"
            "  - {code: Normal, name: Normal, definition: Middling.}\n"
            "  - {code: High, name: High, definition: Large.}\n"
            "  - {code: Critical, name: Critical, definition: Huge.}\n\nstatuses:",
        ),
    )
    codes = [target.code for target in resolved_targets(contract, contract.plan("standard"))]
    assert list(dict.fromkeys(codes)) == ["Low", "Normal", "High", "Critical"]


def test_holidays_of_a_country_a_region_and_by_hand_become_dates_with_names() -> None:
    contract = edited(
        "commercetools",
        (
            "      - {country: DE, years: 2024-2035}\n",
            "      - {country: DE, subdivision: BE, years: 2026}\n      - {date: 2026-12-24, name: Christmas Eve}\n"
            "    specials:\n      - {date: 2026-12-31, hours: 00:00-14:00}\n",
        ),
    )
    hours = calendar_json(contract, "support-hours")
    named = {day["date"]: day["name"] for day in hours["holidays"]}
    assert named["2026-03-08"] == "Women's Day"
    assert named["2026-12-24"] == "Christmas Eve"
    assert list(named) == sorted(named)
    assert {day[:4] for day in named} == {"2026"}
    assert hours["specials"] == {"2026-12-31": [["00:00", "14:00"]]}
    assert hours["zone"] == "Europe/Berlin"


def test_names_of_holidays_do_not_follow_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    contract = read_file(CONTRACTS / "commercetools.yaml")[0]
    before = calendar_json(contract, "support-hours")
    monkeypatch.setenv("LANGUAGE", "de_DE")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    resolve._public_days.cache_clear()
    assert calendar_json(contract, "support-hours") == before
