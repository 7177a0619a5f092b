"""Which priority the answers mean, by the five vendors' own criteria."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.actions.catalogue import _criteria
from tests.cast import contract_of
from tickets.guidance import (
    Answers,
    Condition,
    Grade,
    Known,
    Missing,
    asks_workaround,
    offered,
    recommend,
    scheme_of,
)

TODAY = date(2026, 3, 2)
KNOWN = Known(today=TODAY)
ENVIRONMENTS = ("production", "staging", "development")


def scheme(vendor: str) -> tuple[Grade, ...]:
    contract, _text = contract_of(vendor)
    return scheme_of((each.code, each.definition, list(map(_criteria, each.criteria))) for each in contract.priorities)


PLATFORMSH, OROCLOUD, DRUD, APPS = map(scheme, ("platformsh", "orocloud", "drud", "platformsh-apps"))


def said(environment: str, *ticked: str, workaround: str = "none", functions: tuple[str, ...] = ()) -> Answers:
    return Answers(environment, workaround, frozenset(Condition(text).key for text in ticked), functions)


DOWN = "results in down-time"
LAUNCH = (
    "prevents a launch from happening within 3 days of the planned launch-date and the support team has been made aware"
    " of that launch date."
)
MINOR = (
    "A very minor technical issue on a production environment that likely won’t affect the customer’s ability to make"
    " sales or perform other critical-to-business actions and whose impact is not severe or affects only a small number"
    " of customers."
)
FEATURE = "subscription specifically provides non-production 24/7 support"


class TestPlatformSh:
    @pytest.mark.parametrize(
        "text",
        [
            DOWN,
            "results in unacceptable load-times",
            "results in a loss of production data",
            "is a critical security update",
            "drastically reduces or prevents the ability of the development team to work on production",
            "prevents business-critical tasks from being completed",
        ],
    )
    def test_is_critical_in_production_by_each_of_its_criteria_without_a_workaround(self, text: str) -> None:
        advice = recommend(PLATFORMSH, said("production", text), KNOWN)
        assert (advice.code, advice.because, advice.unmet) == ("Critical", (text,), ())

    def test_is_high_with_a_temporary_workaround_and_says_why_not_critical(self) -> None:
        advice = recommend(PLATFORMSH, said("production", DOWN, workaround="temporary"), KNOWN)
        assert advice.code == "High"
        assert advice.because == ("Any incident in Production for which there is a temporary work-around",)
        assert [(each.code, each.condition.text, each.missing) for each in advice.unmet] == [
            ("Critical", DOWN, Missing.WORKAROUND)
        ]

    def test_waits_for_the_answer_about_a_workaround(self) -> None:
        advice = recommend(PLATFORMSH, said("production", DOWN, workaround=""), KNOWN)
        assert advice.code == ""
        assert [each.missing for each in advice.unmet] == [Missing.ANSWER]

    @pytest.mark.parametrize("environment", ["staging", "development"])
    @pytest.mark.parametrize(
        "text",
        [
            "Non-production environment downtime.",
            "Errors that result in inability to merge and sync non-production environments.",
            "Non-production environments running slower than load time of 4 seconds.",
            "Any problems with the environments resulting in limited function.",
        ],
    )
    def test_is_high_outside_production_by_each_of_its_criteria(self, environment: str, text: str) -> None:
        assert recommend(PLATFORMSH, said(environment, text), KNOWN).code == "High"

    @pytest.mark.parametrize("workaround", ["none", "temporary", ""])
    def test_what_is_said_to_be_very_minor_is_low_whatever_the_workaround(self, workaround: str) -> None:
        assert recommend(PLATFORMSH, said("production", MINOR, workaround=workaround), KNOWN).code == "Low"

    def test_the_most_urgent_of_what_is_ticked_counts(self) -> None:
        assert recommend(PLATFORMSH, said("production", MINOR, DOWN), KNOWN).code == "Critical"

    def test_a_workaround_never_makes_a_ticked_outage_minor(self) -> None:
        assert recommend(PLATFORMSH, said("production", MINOR, DOWN, workaround="temporary"), KNOWN).code == "High"

    def test_nothing_answered_recommends_nothing(self) -> None:
        assert recommend(PLATFORMSH, said("production", workaround=""), KNOWN).code == ""


class TestALaunch:
    """Platform.sh: Critical outside production when it prevents a launch within 3 days that support was told of."""

    @pytest.mark.parametrize("days", [-3, 0, 1, 3])
    def test_within_three_days_of_an_announced_one_is_critical(self, days: int) -> None:
        known = replace(KNOWN, launches=(TODAY + timedelta(days),))
        advice = recommend(PLATFORMSH, said("staging", LAUNCH), known)
        assert (advice.code, advice.because) == ("Critical", (LAUNCH,))

    @pytest.mark.parametrize("launches", [(), (TODAY + timedelta(4),), (TODAY - timedelta(4),)])
    def test_without_one_it_is_high_and_says_what_is_missing(self, launches: tuple[date, ...]) -> None:
        advice = recommend(PLATFORMSH, said("staging", LAUNCH), replace(KNOWN, launches=launches))
        assert advice.code == "High"
        assert [each.missing for each in advice.unmet] == [Missing.LAUNCH]

    def test_with_a_workaround_it_is_not_critical(self) -> None:
        known = replace(KNOWN, launches=(TODAY,))
        advice = recommend(PLATFORMSH, said("staging", LAUNCH, workaround="temporary"), known)
        assert (advice.code, advice.unmet[0].missing) == ("High", Missing.WORKAROUND)

    def test_means_nothing_in_production(self) -> None:
        assert recommend(PLATFORMSH, said("production", LAUNCH), replace(KNOWN, launches=(TODAY,))).code == ""


class TestAPlansFeature:
    def test_is_never_asked(self) -> None:
        assert FEATURE not in texts(PLATFORMSH, "staging", KNOWN)

    def test_makes_critical_outside_production_what_is_critical_in_it(self) -> None:
        known = replace(KNOWN, features=frozenset({"non-production 24/7 support"}))
        assert DOWN in texts(PLATFORMSH, "staging", known)
        assert recommend(PLATFORMSH, said("staging", DOWN), known).code == "Critical"
        assert recommend(PLATFORMSH, said("staging", DOWN), KNOWN).code == ""


class TestOroCloud:
    def test_asks_whether_there_are_workarounds_in_production_alone(self) -> None:
        assert asks_workaround(OROCLOUD, "production")
        assert not asks_workaround(OROCLOUD, "staging")

    def test_a_workaround_leaves_p2(self) -> None:
        text = "the complete unavailability of the production application"
        assert recommend(OROCLOUD, said("production", text), KNOWN).code == "P1"
        with_one = recommend(OROCLOUD, said("production", text, workaround="temporary"), KNOWN)
        assert (with_one.code, with_one.because, len(with_one.unmet)) == ("P2", (), 1)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("the application is functioning but in severely reduced capacity", "P2"),
            ("involves partial or non-critical loss of functionality", "P3"),
            ("cosmetic issues", "P4"),
            ("A recommendation for future product enhancement or modification.", "ER"),
        ],
    )
    def test_finds_each_priority(self, text: str, code: str) -> None:
        for environment in ENVIRONMENTS:
            assert recommend(OROCLOUD, said(environment, text), KNOWN).code == code

    def test_p1_is_offered_for_production_alone(self) -> None:
        groups = offered(OROCLOUD, "production", KNOWN)
        assert groups[0].heading == "There are no workarounds, and the issue causes"
        assert "cosmetic issues" in texts(OROCLOUD, "staging", KNOWN)
        assert "the complete unavailability of the production application" not in texts(OROCLOUD, "staging", KNOWN)


class TestCriticalFunctions:
    @pytest.mark.parametrize(("vendor", "code"), [(PLATFORMSH, "Critical"), (OROCLOUD, "P1"), (APPS, "P1")])
    def test_one_that_is_stopped_means_the_most_urgent_priority(self, vendor: tuple[Grade, ...], code: str) -> None:
        advice = recommend(vendor, said("production", functions=("Checkout",)), KNOWN)
        assert (advice.code, advice.functions) == (code, ("Checkout",))

    def test_not_where_that_priority_allows_no_workaround(self) -> None:
        advice = recommend(PLATFORMSH, said("production", workaround="temporary", functions=("Checkout",)), KNOWN)
        assert (advice.code, advice.unmet[0].condition.text) == ("High", "Checkout")

    def test_not_outside_production(self) -> None:
        assert recommend(PLATFORMSH, said("staging", functions=("Checkout",)), KNOWN).code == ""


class TestOtherVendors:
    def test_drud_asks_by_its_severity_definitions(self) -> None:
        down = "Production systems are down (completely non-responsive or not functioning)."
        assert recommend(DRUD, said("production", down), KNOWN).code == "Urgent"
        assert recommend(DRUD, said("production", down, workaround="temporary"), KNOWN).code == "High"

    def test_a_priority_without_criteria_is_asked_by_its_definition(self) -> None:
        assert recommend(APPS, said("staging", "Everything else."), KNOWN).code == "P3"

    def test_commercetools_defines_nothing_so_nothing_is_asked(self) -> None:
        assert scheme("commercetools") == ()


class TestWhateverIsAnswered:
    @given(
        vendor=st.sampled_from([PLATFORMSH, OROCLOUD, DRUD, APPS]),
        environment=st.sampled_from(ENVIRONMENTS),
        workaround=st.sampled_from(["", "none", "temporary"]),
        launches=st.lists(st.integers(-10, 10).map(lambda days: TODAY + timedelta(days)), max_size=2).map(tuple),
        data=st.data(),
    )
    def test_every_criterion_offered_leads_somewhere(
        self,
        vendor: tuple[Grade, ...],
        environment: str,
        workaround: str,
        launches: tuple[date, ...],
        data: st.DataObject,
    ) -> None:
        known = replace(KNOWN, launches=launches)
        choices = [each for group in offered(vendor, environment, known) for each in group.conditions]
        picked = data.draw(st.sets(st.sampled_from(choices), min_size=1))
        answers = Answers(environment, workaround, frozenset(each.key for each in picked))
        advice = recommend(vendor, answers, known)
        codes = [grade.code for grade in vendor]
        assert advice.code in codes or {each.missing for each in advice.unmet} == {Missing.ANSWER}
        one_more = replace(answers, ticked=answers.ticked | {choices[0].key})
        more = recommend(vendor, one_more, known)
        if advice.code and more.code:
            assert codes.index(more.code) <= codes.index(advice.code), "ticking more never makes it less urgent"

    @pytest.mark.parametrize("vendor", [PLATFORMSH, OROCLOUD, DRUD, APPS])
    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    def test_no_criterion_is_asked_twice(self, vendor: tuple[Grade, ...], environment: str) -> None:
        asked = texts(vendor, environment, KNOWN)
        assert len(asked) == len(set(asked)) > 0


def texts(vendor: tuple[Grade, ...], environment: str, known: Known) -> list[str]:
    return [each.text for group in offered(vendor, environment, known) for each in group.conditions]
