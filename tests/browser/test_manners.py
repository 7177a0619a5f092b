"""Small manners of the desk: what it says lies over nothing that is pressed, and keys do what their user means."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from supportdesk.tenancy.scope import vendor_scope
from tests.browser.conftest import CAN_WAIT
from tests.browser.live import LiveDesk
from tests.browser.test_accessibility import THEMES
from tests.browser.visit import Visit
from tests.cast import Desk
from tickets.models import Ticket

VENDOR = "platformsh"
LIES_OVER = """said => {
  const { left, top, right, bottom } = said.getBoundingClientRect(), under = new Set();
  const pressed = "a[href], button, input, select, textarea, summary";
  for (let x = left + 1; x < right; x += 4) for (let y = top + 1; y < bottom; y += 4)
    for (const each of document.elementsFromPoint(x, y))
      if (!said.contains(each) && each.closest(pressed)) under.add(each.outerHTML.slice(0, 120));
  return [...under];
}"""


@pytest.fixture
def number(live: LiveDesk, desks: dict[str, Desk]) -> int:
    with live.at_hand(), vendor_scope(desks[VENDOR].vendor):
        return Ticket.objects.get(subject=CAN_WAIT[0]).number


def said(visit: Visit, words: str) -> Locator:
    message = visit.page.locator(".flash").filter(has_text=words)
    expect(message).to_be_in_viewport(ratio=1)
    return message


@pytest.mark.parametrize("dark", THEMES)
@pytest.mark.parametrize("width", [1280, 1024, 390])
def test_a_message_lies_over_nothing(number: int, visit: Callable[..., Visit], dark: bool, width: int) -> None:
    erin = visit("erin", VENDOR, width=width, dark=dark)
    erin.go(f"desk/tickets/{number}/")
    erin.press("Save triage")
    message = said(erin, "Triage saved.")
    erin.shoot("message", whole=False)
    assert message.evaluate(LIES_OVER) == []
    erin.fits()
    message.get_by_role("button", name="Dismiss").click()
    expect(message).to_be_hidden()


def test_on_a_phone_it_leaves_when_the_page_is_moved(number: int, visit: Callable[..., Visit]) -> None:
    erin = visit("erin", VENDOR, width=390)
    erin.go(f"desk/tickets/{number}/")
    erin.press("Save triage")
    message = said(erin, "Triage saved.")
    erin.page.evaluate("document.body.dispatchEvent(new Event('touchmove', { bubbles: true }))")
    expect(message).to_be_hidden()


def test_enter_in_the_reason_sets_no_status(number: int, visit: Callable[..., Visit]) -> None:
    """Which of them is meant it cannot know."""
    erin = visit("erin", VENDOR)
    erin.go(f"desk/tickets/{number}/")
    erin.page.get_by_text("Give a reason").click()
    reason = erin.page.get_by_placeholder("Shown on the timeline")
    reason.fill("The customer is away")
    reason.press("Enter")
    erin.page.wait_for_timeout(500)
    expect(reason).to_have_value("The customer is away")
    expect(erin.page.locator(".flash")).to_have_count(0)
    erin.page.get_by_role("button", name="Acknowledged", exact=True).click()
    said(erin, "Status: Acknowledged.")


def test_escape_closes_the_palette_whatever_was_typed(visit: Callable[..., Visit]) -> None:
    erin = visit("erin", VENDOR)
    erin.go("desk/")
    erin.page.keyboard.press("Control+k")
    palette = erin.page.get_by_role("dialog", name="Go to")
    palette.get_by_role("searchbox").fill("north")
    erin.page.keyboard.press("Escape")
    expect(palette).to_be_hidden()


def test_a_sheet_is_ready_to_be_filled_in(number: int, visit: Callable[..., Visit]) -> None:
    erin = visit("erin", VENDOR)
    erin.go(f"desk/tickets/{number}/")
    erin.page.keyboard.press("h")
    expect(erin.page.get_by_role("dialog").get_by_role("radio").first).to_be_focused()


def test_a_form_that_came_back_shows_why_and_one_that_grows_stays_where_it_is(visit: Callable[..., Visit]) -> None:
    erin = visit("erin", VENDOR)
    erin.go("desk/policies/new/")
    steps = erin.page.locator(".builder__steps > li")
    before = steps.count()
    erin.press("Add a step")
    expect(steps).to_have_count(before + 1)
    expect(erin.page.get_by_role("heading", name="Steps")).to_be_in_viewport()
    erin.press("See what it comes to")
    summary = erin.page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_in_viewport()
    expect(summary).to_contain_text("What opens a page: Choose at least one.")
    erin.page.get_by_label("Name").fill("Night guard")
    erin.page.get_by_label("A ticket is opened").check()
    erin.press("See what it comes to")
    expect(summary).to_be_in_viewport()
    expect(summary).to_contain_text("Step 1, Whom: Needed for this step.")
    erin.complaints.clear()  # the browser notes each 422


def test_what_is_chosen_in_a_rota_presses_no_button(visit: Callable[..., Visit]) -> None:
    """The button of the last click keeps the focus where a select takes none, as in Safari."""
    erin = visit("erin", VENDOR)
    erin.go("desk/rotas/new/")
    layers = erin.page.locator(".layer")
    erin.press("Add a layer")
    expect(layers).to_have_count(2)
    added = erin.page.get_by_label("Add somebody to Secondary")
    with erin.page.expect_response("**/desk/rotas/new/"):
        added.evaluate(
            "each => { each.selectedIndex = 1; each.dispatchEvent(new Event('change', { bubbles: true })); }"
        )
    expect(erin.page.get_by_label("Place 1 in Secondary")).to_be_visible()
    expect(layers).to_have_count(2)
    layers.nth(1).get_by_label("A turn lasts").fill("0")
    erin.press("Make the rota")
    summary = erin.page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_contain_text("Secondary, A turn lasts:")
    erin.complaints.clear()  # the browser notes the 422


def test_escape_closes_a_menu_and_keeps_the_selection(visit: Callable[..., Visit]) -> None:
    erin = visit("erin", VENDOR)
    erin.go("desk/")
    erin.page.keyboard.press("j")
    erin.page.keyboard.press("x")
    erin.page.keyboard.press("s")
    menu = erin.page.locator('[data-bulk-key="s"]')
    expect(menu.get_by_role("button").first).to_be_focused()
    erin.page.keyboard.press("Escape")
    expect(erin.page.get_by_text("1 selected")).to_be_visible()
    erin.page.keyboard.press("Escape")
    expect(erin.page.get_by_text("1 selected")).to_be_hidden()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_customer_who_answered_sees_that_it_is_sent(number: int, visit: Callable[..., Visit], width: int) -> None:
    bob = visit("bob", VENDOR, width=width)
    bob.go(f"tickets/{number}/")
    bob.write(f"At {width} px: " + "it is the export of last year that we need. " * 40)
    expect(bob.page.get_by_text("Your reply is sent.")).to_be_in_viewport()


def test_a_key_works_although_its_panel_is_folded(number: int, visit: Callable[..., Visit]) -> None:
    erin = visit("erin", VENDOR)
    erin.go(f"desk/tickets/{number}/")
    expect(erin.page.get_by_role("link", name="Decide the scope")).to_be_hidden()
    erin.page.keyboard.press("o")
    expect(erin.page).to_have_url(re.compile(rf"/tickets/{number}/scope/"))
