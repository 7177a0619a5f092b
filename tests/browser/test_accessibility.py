"""The desk pages on which people work all day break no rule of WCAG 2.2 A and AA that axe knows, in light and dark."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from plans.states import State
from supportdesk.tenancy.scope import vendor_scope
from tests.browser.axe import faults_of
from tests.browser.live import LiveDesk, database_now
from tests.browser.visit import Visit
from tests.cast import Desk
from tickets import actions
from tickets.models import Ticket

VENDOR = "platformsh"
THEMES = [pytest.param(False, id="light"), pytest.param(True, id="dark")]
SIZES = [1280, 390]


@pytest.fixture(scope="module")
def told(everybody: tuple[LiveDesk, dict[str, Desk]]) -> Ticket:
    """A ticket with all that a conversation can hold, waiting for the customer, its clock paused."""
    live, desks = everybody
    desk = desks[VENDOR]
    with live.at_hand(), vendor_scope(desk.vendor):
        ticket = actions.open_ticket(
            by=desk.alice,
            at=database_now(),
            project=desk.project,
            priority=desk.priority("Critical"),
            subject="Checkout fails for cards from abroad",
            body="# What happens\n\n- pay\n- `500`\n\n> quoted\n\n[the page](https://shop.example/) is **down**",
            files=[SimpleUploadedFile("checkout.log", b"500 /checkout\n" * 9, content_type="text/plain")],
        )
        actions.assign(ticket, to=desk.carol, by=desk.carol, at=database_now())
        actions.triage(ticket, severity=desk.priority("High"), by=desk.carol, at=database_now())
        actions.note(ticket, by=desk.carol, at=database_now(), body="The bank says it is **us**.")
        actions.reply(ticket, by=desk.carol, at=database_now(), body="Which cards?\n\n```\ncurl -v\n```")
        actions.set_state(ticket, State.WAITING, by=desk.carol, at=database_now())
    return ticket


def test_axe_is_awake(visit: Callable[..., Visit]) -> None:
    anybody = visit("nobody", VENDOR, sign_in=False)
    anybody.page.set_content('<html lang="en"><title>A page</title><p style="color: #bbb">Pale</p><input></html>')
    assert {fault.split()[1] for fault in faults_of(anybody.page)} == {"color-contrast:", "label:"}


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("dark", THEMES)
def test_the_desk(told: Ticket, visit: Callable[..., Visit], dark: bool, width: int) -> None:
    erin = visit("erin", VENDOR, width=width, dark=dark)
    faults: list[str] = []
    for name, path in (
        ("queue", "desk/"),
        ("ticket", f"desk/tickets/{told.number}/"),
        ("new", "desk/tickets/new/"),
        ("inbox", "inbox/"),
        ("people", "people/"),
    ):
        erin.go(path)
        faults += examine(erin, f"desk-{name}")
    faults += examine_explanation(erin, f"desk/tickets/{told.number}/")
    assert not faults, "\n".join(faults)


def examine(visit: Visit, name: str) -> list[str]:
    visit.shoot(f"page-{name}")
    visit.fits()
    return faults_of(visit.page)


def examine_explanation(visit: Visit, path: str) -> list[str]:
    """As a page of its own, and in the dialog over the ticket."""
    visit.go(path)
    chip = visit.group("Clocks").get_by_role("link").filter(has_text="Resolution")
    address = chip.get_attribute("href")
    assert address is not None
    chip.click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_text("Times are shown in").wait_for()
    visit.shoot("page-desk-dialog")
    faults = faults_of(visit.page)
    visit.page.goto(address)
    return faults + examine(visit, "desk-explanation")
