"""Five lives of tickets, done by the real actions at past instants: why each clock was due when it was, in a dialog
over the ticket, on a desk and on a phone, by day and by night."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from supportdesk.accounts.models import User
from tests.browser.live import LiveDesk
from tests.browser.visit import Visit
from tests.cast import Desk
from tests.sla.scenarios import COMMERCETOOLS, DRUD, ORO, PLATFORM, REOPENED, Scenario, perform

SHOWN = {
    ORO.name: ("First response", ["Closed on Mon 9 Mar 2026, Women's Day.", "Due at Thu 12 Mar 2026 16:30."]),
    DRUD.name: (
        "First response (internal)",
        ["Fri 6 Mar 2026 23:50–24:00 (10 min)", "Due at Mon 9 Mar 2026 01:50.", "15 min late"],
    ),
    COMMERCETOOLS.name: (
        "Next update",
        ["the next update was stated for Sun 8 Mar 2026 04:34, instead of Sun 8 Mar 2026 04:04.", "20 min late"],
    ),
    PLATFORM.name: ("First response", ["the end of the range, which begins at Fri 6 Mar 2026 15:00."]),
    REOPENED.name: ("Resolution", ["Due at Mon 9 Mar 2026 17:50.", "Met at Mon 9 Mar 2026 14:40."]),
}
"""Of each scenario the chip that is pressed, and what is then said."""


@pytest.fixture(scope="module")
def filed(everybody: tuple[LiveDesk, dict[str, Desk]]) -> dict[str, int]:
    """The tickets' numbers by the scenarios' names; everybody reads in the vendor's own zone."""
    live, desks = everybody
    numbers = {}
    with live.at_hand():
        for scenario in (ORO, DRUD, COMMERCETOOLS, PLATFORM, REOPENED):
            desk = desks[scenario.vendor]
            User.objects.filter(email__endswith=f"@{scenario.vendor}.example").update(zone=desk.vendor.zone)
            numbers[scenario.name] = perform(scenario, desk).number
    return numbers


@pytest.mark.parametrize(
    ("scenario", "person", "width", "dark"),
    [
        (ORO, "carol", 1280, False),
        (ORO, "alice", 390, False),
        (DRUD, "carol", 1280, True),
        (DRUD, "carol", 390, False),
        (COMMERCETOOLS, "carol", 1280, False),
        (COMMERCETOOLS, "alice", 390, True),
        (PLATFORM, "carol", 1280, True),
        (PLATFORM, "alice", 390, False),
        (REOPENED, "carol", 1280, False),
        (REOPENED, "alice", 390, True),
    ],
    ids=lambda value: value.vendor + "-" + value.priority if isinstance(value, Scenario) else str(value),
)
def test_a_clock_explains_itself_in_sentences_and_as_a_picture(
    visit: Callable[..., Visit], filed: dict[str, int], scenario: Scenario, person: str, width: int, dark: bool
) -> None:
    reader = visit(person, scenario.vendor, width=width, dark=dark)
    place = "desk/tickets" if person == "carol" else "tickets"
    reader.go(f"{place}/{filed[scenario.name]}/")
    label, sentences = SHOWN[scenario.name]
    chip = reader.page.locator("a.chip").filter(has=reader.page.get_by_text(label, exact=True)).first
    chip.click()
    dialog = reader.page.get_by_role("dialog")
    for sentence in sentences:
        expect(dialog).to_contain_text(sentence)
    picture = dialog.locator(".band__picture")
    expect(picture).to_be_visible()
    reader.fits()
    _overlaps_nothing(reader)
    reader.shoot(f"explained-{scenario.priority.lower()}-{person}", whole=False)


def test_earlier_runs_are_one_press_away(visit: Callable[..., Visit], filed: dict[str, int]) -> None:
    carol = visit("carol", REOPENED.vendor)
    carol.go(f"desk/tickets/{filed[REOPENED.name]}/")
    carol.page.locator("a.chip").filter(has_text="Resolution").first.click()
    dialog = carol.page.get_by_role("dialog")
    dialog.get_by_role("link", name=re.compile("Resolution")).click()
    expect(dialog).to_contain_text("priority changed from High to Critical; same start, same pauses: due at")
    expect(dialog).to_contain_text("Paused Mon 9 Mar 2026 09:30–10:10 (40 min): the logs, please.")
    expect(dialog).to_contain_text("Paused Mon 9 Mar 2026 11:00–11:45 (45 min): a maintenance window.")
    carol.shoot("explained-paused-twice", whole=False)


def test_customers_do_not_read_why_the_desk_waited(visit: Callable[..., Visit], filed: dict[str, int]) -> None:
    alice = visit("alice", REOPENED.vendor, width=390)
    alice.go(f"tickets/{filed[REOPENED.name]}/")
    alice.page.locator("a.chip").filter(has_text="Resolution").first.click()
    dialog = alice.page.get_by_role("dialog")
    dialog.get_by_role("link", name=re.compile("Resolution")).click()
    expect(dialog).to_contain_text("Paused Mon 9 Mar 2026 11:00–11:45 (45 min): waiting for your answer.")
    expect(dialog).not_to_contain_text("maintenance")
    alice.shoot("explained-paused-twice-customer", whole=False)


def _overlaps_nothing(reader: Visit) -> None:
    """That no two names of days or hours under the strip run into each other."""
    hidden = reader.page.evaluate(
        """() => {
            const seen = (text) => getComputedStyle(text).display !== "none";
            const texts = [...document.querySelectorAll("dialog .band__picture text")].filter(seen);
            const boxes = texts.map((text) => text.getBoundingClientRect());
            return boxes.filter((box, place) => place && box.left < boxes[place - 1].right).length;
        }"""
    )
    assert hidden == 0
