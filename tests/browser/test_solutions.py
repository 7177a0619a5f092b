"""Solutions: a customer finds an article while filing a ticket, an agent writes one and sends it."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.visit import Visit


def test_written_published_found_and_sent(visit: Callable[..., Visit]) -> None:
    erin = visit("erin", "orocloud")
    erin.go("desk/solutions/sections/")
    erin.page.get_by_label("Name").fill("Guides")
    erin.page.get_by_label("Customers and your team").check()
    erin.press("Add the section")
    writes(erin)
    reads(visit("alice", "orocloud", width=390))
    carol = visit("carol", "orocloud", dark=True)
    sends(carol)


def writes(erin: Visit) -> None:
    page = erin.page
    erin.go("solutions/")
    page.get_by_role("link", name="Write an article").click()
    page.get_by_label("Section").select_option(label="Guides")
    page.get_by_label("Title").fill("Restoring last night's backup")
    page.get_by_label("Text").fill("## Where it is\n\nUnder **Backups**.")
    erin.press("Preview")
    expect(page.get_by_role("heading", name="Where it is")).to_be_visible()
    erin.press("Save as a draft")
    erin.sees("Saved as a draft.")
    erin.press("Publish for customers")
    erin.sees("Published. Customers can read it now.")
    erin.fits()


def reads(alice: Visit) -> None:
    page = alice.page
    alice.go("tickets/new/")
    page.get_by_label("Subject").press_sequentially("We lost a backup")
    suggestion = page.get_by_role("link", name="Restoring last night's backup")
    expect(suggestion).to_be_visible()
    alice.fits()
    alice.go("solutions/")
    page.get_by_role("searchbox", name="Search the solutions").press_sequentially("restor")
    expect(page.locator("mark")).to_have_text("Restoring")
    page.get_by_role("link", name="Restoring last night's backup").click()
    alice.press("Yes")
    expect(page.get_by_role("button", name="Yes", exact=True)).to_have_attribute("aria-pressed", "true")
    page.get_by_label("What helped, or could be better?").fill("Short.")
    alice.press("Send the comment")
    alice.sees("The authors read every comment")
    alice.fits()


def sends(carol: Visit) -> None:
    page = carol.page
    carol.go("desk/")
    page.get_by_role("table").locator("a[data-row]").first.click()
    page.get_by_label("Your message").fill("Please see")
    carol.press("Insert an article")
    page.get_by_role("searchbox", name="Search the solutions").fill("backup")
    carol.press("Insert Restoring last night's backup")
    written = page.get_by_label("Your message").input_value()
    assert re.fullmatch(
        r"Please see \[Restoring last night's backup\]\(http://\S+/restoring-last-nights-backup/\)", written
    )
    carol.press("Send reply")
    conversation = page.get_by_role("region", name="Conversation")
    expect(conversation.get_by_role("link", name="Restoring last night's backup")).to_be_visible()
