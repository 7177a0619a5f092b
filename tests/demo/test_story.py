"""The story files: well formed, and true to the contracts."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from plans.contract import read_file
from supportdesk.demo.people import CASTS
from supportdesk.demo.story import Story, Teller, storybook

CONTRACTS = Path(__file__).parent.parent.parent / "contracts"
VENDORS = [cast.vendor for cast in CASTS]
KNOWN = {name: name for name in ("site", "host", "slug", "org", "requester")}


def texts(story: Story) -> list[str]:
    forms = [value for value in story.fields.values() if isinstance(value, str)]
    return [
        *story.subjects,
        story.body,
        story.path,
        *story.files.values(),
        *forms,
        *(turn.text for turn in story.turns if turn.kind != "team"),
    ]


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_word_of_every_text_is_known(vendor: str) -> None:
    book = storybook(vendor)
    for story in book.stories:
        teller = Teller(book.words, KNOWN, Random(1))
        for text in texts(story):
            assert "[[" not in teller.fill(text)


@pytest.mark.parametrize("vendor", VENDORS)
def test_stories_speak_of_the_contracts_own_priorities_categories_fields_and_teams(vendor: str) -> None:
    contract, _ = read_file(CONTRACTS / f"{vendor}.yaml")
    codes = {priority.code for priority in contract.priorities}
    categories = {category.slug: category for category in contract.categories}
    told = set()
    for story in storybook(vendor).stories:
        told |= set(story.priorities)
        assert set(story.priorities) <= codes
        assert not story.category or story.category in categories
        asked = {field.key for field in categories[story.category].fields} if story.category else set()
        assert set(story.fields) <= asked
        required = (
            {field.key for field in categories[story.category].fields if field.required} if story.category else set()
        )
        assert required <= set(story.fields)
        assert {turn.text for turn in story.turns if turn.kind == "team"} <= set(contract.teams)
    assert told == codes


@pytest.mark.parametrize("vendor", VENDORS)
def test_each_vendor_has_twenty_stories_and_every_agents_answer_is_before_the_thanks(vendor: str) -> None:
    stories = storybook(vendor).stories
    assert len(stories) >= 20
    for story in stories:
        kinds = [turn.kind for turn in story.turns]
        assert kinds[0] not in ("customer", "colleague", "solved", "back")
        closed = [place for place, kind in enumerate(kinds) if kind in ("resolve", "solved")]
        after = [kinds[place + 1] for place in closed if place + 1 < len(kinds)]
        assert set(after) <= {"back"}, "only somebody who comes back writes after the end"


def test_a_word_stays_the_same_through_one_telling() -> None:
    teller = Teller({"order": ("1####",), "sku": ("[[order]]-B",)}, {}, Random(3))
    order = teller.fill("[[order]]")
    assert len(order) == 5
    assert teller.fill("[[sku]] [[order]]") == f"{order}-B {order}"
