"""On a slow connection the form can be used before its scripts have come; nothing chosen or written is lost by that."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, Route, expect

from tests.browser.visit import Visit

LOG: FilePayload = {"name": "checkout.log", "mimeType": "text/plain", "buffer": b"08:10 502 /checkout\n"}


class Slow:
    """What a page asks for at ``addresses`` waits until it is let through."""

    def __init__(self, page: Page, addresses: str) -> None:
        self.page, self.held, self.is_over = page, list[Route](), False
        page.route(addresses, self._hold)

    def waits(self) -> None:
        while not self.held:
            self.page.wait_for_timeout(50)

    def let_through(self) -> None:
        self.is_over = True
        for route in self.held:
            route.continue_()

    def _hold(self, route: Route) -> None:
        if self.is_over:
            route.continue_()
        else:
            self.held.append(route)


def test_what_is_chosen_before_the_scripts_are_there(visit: Callable[..., Visit]) -> None:
    alice = visit("alice", "orocloud", width=390)
    page = alice.page
    scripts = Slow(page, "**/*.js")
    page.goto("/orocloud/tickets/new/", wait_until="commit")
    page.get_by_label("Category").select_option(label="Technical Request")
    page.get_by_label("Subject").fill("Nobody can pay")
    page.get_by_label("Attachments").set_input_files([LOG])
    expect(page.get_by_label("License key")).to_have_count(0)
    scripts.let_through()
    expect(page.get_by_label("License key")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="checkout.log")).to_be_visible()
    expect(page.get_by_text("Draft kept at")).to_be_visible()
    expect(page.get_by_label("Subject")).to_have_value("Nobody can pay")


def test_what_the_browser_puts_back_when_one_returns(visit: Callable[..., Visit]) -> None:
    alice = visit("alice", "orocloud")
    page = alice.page
    alice.go("tickets/new/")
    page.get_by_label("Category").select_option(label="Technical Request")
    page.get_by_label("License key").fill("NW-2041-7")
    alice.go("solutions/")
    page.go_back()
    expect(page.get_by_label("Category").locator("option:checked")).to_have_text("Technical Request")
    expect(page.get_by_label("License key")).to_be_visible()


def test_what_is_changed_while_an_answer_is_on_its_way(visit: Callable[..., Visit]) -> None:
    """The answer brings the priorities anew: the one just chosen stays chosen."""
    alice = visit("alice", "platformsh")
    page = alice.page
    alice.go("tickets/new/")
    page.wait_for_load_state("networkidle")
    answer = Slow(page, "**/tickets/new/choices/")
    page.get_by_role("radio", name="Development", exact=True).check()
    page.get_by_role("radio", name="Low").check()
    answer.waits()
    with page.expect_response("**/tickets/new/choices/"):
        answer.let_through()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("radio", name="Low")).to_be_checked()
