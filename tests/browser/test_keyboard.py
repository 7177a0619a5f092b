"""The portal without a mouse: from signing in to resolved by keys alone, the place of the focus always in sight."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from supportdesk.tenancy.scope import vendor_scope
from tests.browser.live import LiveDesk, database_now
from tests.browser.visit import PASSWORD, Visit
from tests.cast import Desk
from tickets import actions
from tickets.models import Ticket

FARTHEST = 150
"""Presses of Tab, more than any page here has stops."""


class Keys:
    """Hands on the keyboard. ``to``: with Tab to a control, which shows that it has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    def to(self, target: Locator, *, key: str = "Tab") -> None:
        expect(target).to_be_visible()
        for _press in range(FARTHEST):
            if target.evaluate("element => element === document.activeElement"):
                break
            self.press(key)
        expect(target).to_be_focused()
        expect(target).to_be_in_viewport()
        ring = target.evaluate(
            """element => [element, element.closest("label, .choice, .search, .uploads__drop, .composer") ?? element]
                .map((each) => getComputedStyle(each))
                .some((style) => style.outlineStyle !== "none" || style.boxShadow !== "none")"""
        )
        assert ring, f"nothing shows that {target} has the focus"

    def write(self, target: Locator, text: str) -> None:
        self.to(target)
        self.page.keyboard.insert_text(text)

    def choose(self, target: Locator) -> None:
        """One of several radio buttons: to the group with Tab, within it with the arrows."""
        name = target.get_attribute("name")
        for _press in range(FARTHEST):
            if self.page.evaluate("name => document.activeElement.name === name", name):
                break
            self.press("Tab")
        self.to(target, key="ArrowDown")
        if not target.is_checked():
            self.press("Space")
        expect(target).to_be_checked()


def test_from_signing_in_to_resolved(visit: Callable[..., Visit], live: LiveDesk, desks: dict[str, Desk]) -> None:
    alice = visit("alice", "orocloud", sign_in=False)
    page, keys = alice.page, Keys(alice.page)
    signs_in(alice, keys)
    files(page, keys)
    found = re.search(r"/tickets/(\d+)/", page.url)
    assert found is not None
    is_answered(live, desks["orocloud"], int(found[1]))
    page.reload()
    keys.write(page.get_by_label("Your message"), "It works again, thank you.")
    keys.press("Control+Enter")
    expect(page.get_by_role("region", name="Conversation").get_by_text("It works again")).to_be_visible()
    keys.to(page.get_by_role("button", name="Mark as resolved", exact=True))
    keys.press("Enter")
    expect(alice.group("Where it stands").get_by_text("Resolved", exact=True).first).to_be_visible()
    rates(alice, keys)


def signs_in(alice: Visit, keys: Keys) -> None:
    page = alice.page
    page.goto("/accounts/login/")
    keys.write(page.get_by_label("Email"), "alice@orocloud.example")
    keys.write(page.get_by_label("Password"), PASSWORD)
    keys.press("Enter")
    page.wait_for_url("**/orocloud/**")
    keys.to(page.get_by_role("link", name="Skip to the content"))
    keys.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    keys.to(page.get_by_role("main").get_by_role("link", name="File a ticket").first)
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("File a ticket")


def files(page: Page, keys: Keys) -> None:
    category = page.get_by_label("Category")
    keys.to(category)
    page.keyboard.type("Technical")
    expect(category.locator("option:checked")).to_have_text("Technical Request")
    keys.press("Tab")
    expect(page.get_by_label("License key")).to_be_visible()
    keys.write(page.get_by_label("License key"), "NW-2041-7")
    keys.write(page.get_by_label("Company name"), "Northwind")
    keys.choose(page.get_by_role("radio", name="Staging", exact=True))
    keys.write(page.get_by_label("Subject"), "The import has stopped")
    keys.write(page.get_by_label("Description"), "Since 08:10, without a word in the log.")
    keys.choose(page.get_by_role("radio", name=re.compile(r"^P3\b")))
    keys.to(page.get_by_role("button", name="File the ticket", exact=True))
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("The import has stopped")


def is_answered(live: LiveDesk, desk: Desk, number: int) -> None:
    with live.at_hand(), vendor_scope(desk.vendor):
        ticket = Ticket.objects.get(number=number)
        actions.reply(ticket, by=desk.carol, at=database_now(), body="Please try again.")


def rates(alice: Visit, keys: Keys) -> None:
    page = alice.page
    keys.to(alice.group("How was the outcome?").get_by_role("link", name="Good", exact=True))
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Rate the outcome")
    keys.choose(page.get_by_role("radio", name="Good", exact=True))
    keys.to(page.get_by_role("button", name="Save", exact=True))
    keys.press("Enter")
    alice.sees("You rated the outcome")
