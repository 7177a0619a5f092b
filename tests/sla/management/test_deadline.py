"""`manage.py deadline` gives the documents' figures for every plan and priority of the five contracts."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from plans.actions import load_contract
from tests.cast import contract_of
from tests.factories import LONG_AGO

pytestmark = pytest.mark.django_db

FRIDAY = "2026-03-06T14:30:00Z"
"""Friday 15:30 in Paris and Berlin, 16:30 in Kyiv, 07:30 in Denver."""

BEST_EFFORT = None
FIRST, UPDATE, RESOLUTION = "first_response", "update", "resolution"

WEDNESDAY: dict[tuple[str, str], str | None] = {(FIRST, "contract"): "2026-03-11T14:30:00Z"}

DOCUMENTS: list[tuple[str, str, str, str, dict[tuple[str, str], str | None]]] = [
    (
        "platformsh-apps enterprise P1",
        "P1 tickets: 2hrs or less from reception of your support request in the ticket system, 24/7 coverage",
        "contract",
        "2 hours around the clock",
        {(FIRST, "contract"): "2026-03-06T16:30:00Z"},
    ),
    (
        "platformsh-apps enterprise P2",
        "P2 tickets: 4hrs or less from reception of your support request in the ticket system.",
        "contract",
        "1 h 30 min on Friday until 17:00 Paris, 2 h 30 min on Monday",
        {(FIRST, "contract"): "2026-03-09T10:30:00Z"},
    ),
    (
        "platformsh-apps enterprise P3",
        "P3 tickets: best effort.",
        "contract",
        "never due",
        {(FIRST, "contract"): BEST_EFFORT},
    ),
    (
        "platformsh-apps standard P1",
        "P1 tickets: 4hrs or less from reception of your support request in the ticket system.",
        "contract",
        "in business hours: no 24/7 coverage is named for Standard",
        {(FIRST, "contract"): "2026-03-09T10:30:00Z"},
    ),
    (
        "platformsh-apps standard P2",
        "P2 tickets: 1 business day or less from reception of your support request in the ticket system.",
        "contract",
        "the same clock time on Monday",
        {(FIRST, "contract"): "2026-03-09T14:30:00Z"},
    ),
    (
        "platformsh-apps standard P3",
        "P3 tickets: best effort.",
        "contract",
        "never due",
        {(FIRST, "contract"): BEST_EFFORT},
    ),
    (
        "drud standard Urgent",
        "Urgent | 60 minutes 24x7; using a reply within the ticket once every hour",
        "internal",
        "one hour each",
        {(FIRST, "internal"): "2026-03-06T15:30:00Z", (UPDATE, "internal"): "2026-03-06T15:30:00Z"},
    ),
    (
        "drud standard High",
        "High | 2 hours 24x5; using a reply within the ticket once every hour",
        "internal",
        "two hours, and one",
        {(FIRST, "internal"): "2026-03-06T16:30:00Z", (UPDATE, "internal"): "2026-03-06T15:30:00Z"},
    ),
    (
        "drud standard Medium",
        "Medium | 8 hours 24x5; using a reply within the ticket once every hour",
        "internal",
        "15:30 in Denver",
        {(FIRST, "internal"): "2026-03-06T22:30:00Z", (UPDATE, "internal"): "2026-03-06T15:30:00Z"},
    ),
    (
        "drud standard Low",
        "Low | 8 hours 24x5; using a reply within the ticket once every hour",
        "internal",
        "15:30 in Denver",
        {(FIRST, "internal"): "2026-03-06T22:30:00Z", (UPDATE, "internal"): "2026-03-06T15:30:00Z"},
    ),
    (
        "platformsh standard Critical",
        "Critical | 24/7 within 1 Hour | 4 hours",
        "contract",
        "one and four hours",
        {(FIRST, "contract"): "2026-03-06T15:30:00Z", (RESOLUTION, "contract"): "2026-03-06T18:30:00Z"},
    ),
    (
        "platformsh standard High",
        "High | 1 business day | Best Effort",
        "contract",
        "the same clock time on Monday",
        {(FIRST, "contract"): "2026-03-09T14:30:00Z", (RESOLUTION, "contract"): BEST_EFFORT},
    ),
    (
        "platformsh standard Normal",
        "Normal | 1-2 business days | Best Effort",
        "contract",
        "the upper end: Tuesday",
        {(FIRST, "contract"): "2026-03-10T14:30:00Z", (RESOLUTION, "contract"): BEST_EFFORT},
    ),
    (
        "platformsh standard Low",
        "Low | Best Effort | Best Effort",
        "contract",
        "never due",
        {(FIRST, "contract"): BEST_EFFORT, (RESOLUTION, "contract"): BEST_EFFORT},
    ),
    (
        "commercetools premium S1",
        "20 minutes Updates every 30 minutes or as stated in the previous update while the Incident is ongoing",
        "contract",
        "around the clock",
        {(FIRST, "contract"): "2026-03-06T14:50:00Z", (UPDATE, "contract"): "2026-03-06T15:00:00Z"},
    ),
    (
        "commercetools premium S2",
        "S2: Incident | 24/7 | 90 minutes",
        "contract",
        "around the clock",
        {(FIRST, "contract"): "2026-03-06T16:00:00Z"},
    ),
    (
        "commercetools premium S3",
        "S3: Problem | 24/5 - Monday-Friday except regional holiday periods | 6 hours during Support hours",
        "contract",
        "Friday evening in Berlin",
        {(FIRST, "contract"): "2026-03-06T20:30:00Z"},
    ),
    (
        "commercetools premium S4",
        "S4: Question, suggestion, or other Support request | 24/5 | 24 hours during Support hours",
        "contract",
        "8 h 30 min until Friday midnight in Berlin, the rest on Monday",
        {(FIRST, "contract"): "2026-03-09T14:30:00Z"},
    ),
    (
        "commercetools standard S1",
        "Twice as fast Support response time targets and a 20 minute response time target for Critical Incidents",
        "contract",
        "twice Premium's 20 minutes",
        {(FIRST, "contract"): "2026-03-06T15:10:00Z"},
    ),
    (
        "commercetools standard S2",
        "Twice as fast Support response time targets",
        "contract",
        "twice 90 minutes",
        {(FIRST, "contract"): "2026-03-06T17:30:00Z"},
    ),
    (
        "commercetools standard S3",
        "Twice as fast Support response time targets",
        "contract",
        "twice 6 hours: 03:30 on Monday in Berlin",
        {(FIRST, "contract"): "2026-03-09T02:30:00Z"},
    ),
    (
        "commercetools standard S4",
        "Twice as fast Support response time targets",
        "contract",
        "twice 24 hours: 15:30 on Tuesday in Berlin",
        {(FIRST, "contract"): "2026-03-10T14:30:00Z"},
    ),
    (
        "orocloud enterprise P1",
        "4 hours for P1 issues",
        "contract",
        "around the clock",
        {(FIRST, "contract"): "2026-03-06T18:30:00Z"},
    ),
    *(
        (
            f"orocloud enterprise {priority}",
            "24 business hours for P2-P4 issues; Working hours of the support team are M-F 09:00-17:00 (EEST).",
            "contract",
            "half an hour on Friday, two days, and 7 h 30 min on Wednesday",
            WEDNESDAY,
        )
        for priority in ("P2", "P3", "P4")
    ),
    (
        "orocloud enterprise ER",
        "an initial response to the tickets within: 24 business hours for P2-P4 issues, 4 hours for P1 issues",
        "contract",
        "nothing is promised",
        {},
    ),
]


def asked(words: str, *options: str, at: str = FRIDAY) -> str:
    out = StringIO()
    call_command("deadline", *words.split(), "--at", at, *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def figures(words: str) -> dict[tuple[str, str], str | None]:
    return {(each["metric"], each["audience"]): each["due_at"] for each in json.loads(asked(words, "--json"))}


def load(slug: str) -> None:
    contract, text = contract_of(slug)
    load_contract(contract, by=None, at=LONG_AGO, source_text=text)


@pytest.mark.parametrize(
    ("words", "document", "audience", "reading", "expected"), DOCUMENTS, ids=[row[0] for row in DOCUMENTS]
)
def test_the_figures_of_the_documents_from_the_files(
    words: str, document: str, audience: str, reading: str, expected: dict[tuple[str, str], str | None]
) -> None:
    assert figures(words) == expected, f"{document}: {reading}"
    assert all(who == audience for _, who in expected)


@pytest.mark.parametrize("slug", ["platformsh-apps", "drud", "platformsh", "commercetools", "orocloud"])
def test_the_same_figures_from_the_database(slug: str) -> None:
    load(slug)
    rows = [(words, expected) for words, *_, expected in DOCUMENTS if words.split()[0] == slug]
    assert rows
    for words, expected in rows:
        assert figures(words) == expected, words


def test_every_plan_and_priority_of_every_contract_stands_in_the_table() -> None:
    known = {row[0] for row in DOCUMENTS}
    for slug in ("platformsh-apps", "drud", "platformsh", "commercetools", "orocloud"):
        contract, _ = contract_of(slug)
        assert {f"{slug} {plan.slug} {code}" for plan in contract.plans for code in contract.priority_codes()} <= known


def test_json_is_a_list_of_exactly_these_keys() -> None:
    [answer] = json.loads(asked("platformsh-apps enterprise P3", "--json"))
    assert answer == {
        "metric": "first_response",
        "audience": "contract",
        "due_at": None,
        "best_effort": True,
        "promise": answer["promise"],
    }
    assert json.loads(asked("orocloud enterprise ER", "--json")) == []


def test_the_text_says_when_in_both_zones_and_why() -> None:
    text = asked("orocloud enterprise P3")
    assert "due Wed 11 Mar 2026 14:30 UTC (Wed 11 Mar 2026 16:30 Europe/Kyiv)" in text
    assert "24 business hours for P2-P4 issues" in text
    assert "M–F 09:00–17:00, Europe/Kyiv" in text
    assert "Fri 6 Mar 2026 16:30–17:00 (30 min)" in text
    assert "Wed 11 Mar 2026 09:00–16:30 (7 h 30 min)" in text


def test_of_a_range_the_text_shows_the_lower_end_too() -> None:
    text = asked("platformsh standard Normal")
    assert "due Tue 10 Mar 2026 14:30 UTC" in text
    assert "earliest  Mon 9 Mar 2026 14:30 UTC" in text


def test_a_derived_target_says_what_it_follows_from() -> None:
    assert "2 × Premium" in asked("commercetools standard S3")


def test_the_offset_of_the_instant_counts() -> None:
    assert asked("orocloud enterprise P1", at="2026-03-06T16:30:00+02:00") == asked("orocloud enterprise P1")


def test_a_file_that_was_read_for_want_of_the_database_is_named() -> None:
    told: Any = StringIO()
    call_command("deadline", "drud", "standard", "Low", "--at", FRIDAY, stdout=StringIO(), stderr=told)
    assert "contracts/drud.yaml" in told.getvalue()


def test_either_offering_answers_when_both_promise_the_same() -> None:
    load("platformsh-apps")
    whole = asked("platformsh-apps enterprise P1", "--json")
    assert whole == asked("platformsh-apps enterprise P1", "--json", "--offering", "commerce")
    assert whole == asked("platformsh-apps enterprise P1", "--json", "--offering", "drupal-commerce")


@pytest.mark.parametrize("is_loaded", [False, True], ids=["from the file", "from the database"])
@pytest.mark.parametrize(
    ("words", "options", "at", "sentence"),
    [
        ("nobody enterprise P1", (), FRIDAY, r"no vendor 'nobody': commercetools, drud, orocloud, platformsh"),
        ("../orocloud enterprise P1", (), FRIDAY, r"no vendor '\.\./orocloud'"),
        ("platformsh-apps gold P1", (), FRIDAY, r"no plan 'gold': enterprise, standard"),
        ("platformsh-apps enterprise P9", (), FRIDAY, r"no priority 'P9': P1, P2, P3"),
        ("platformsh-apps enterprise P1", ("--offering", "x"), FRIDAY, r"'x': .*commerce"),
        ("platformsh-apps enterprise P1", (), "yesterday", r"--at: expected an instant .*'yesterday'"),
        ("platformsh-apps enterprise P1", (), "2026-03-06T14:30", r"--at: .* offset from UTC"),
        ("platformsh-apps enterprise P1", (), "9999-12-31T23:00Z", r"--at: expected a year"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence_that_names_the_choices(
    words: str, options: tuple[str, ...], at: str, sentence: str, is_loaded: bool
) -> None:
    if is_loaded:
        load("platformsh-apps")
    with pytest.raises(CommandError, match=sentence) as error:
        asked(words, *options, at=at)
    assert "\n" not in str(error.value)
