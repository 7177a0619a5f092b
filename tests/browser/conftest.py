from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.hashers import make_password
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from supportdesk.accounts.models import User
from supportdesk.tenancy.scope import vendor_scope
from tests.browser.live import LiveDesk, database_now, live_desk
from tests.browser.visit import PASSWORD, Visit
from tests.cast import Desk, make_desk
from tickets import actions
from tickets.models import Ticket

OFFERS = {
    "platformsh-apps": ("enterprise", "drupal-commerce", "P3"),
    "drud": ("standard", "ddev-live", "Low"),
    "platformsh": ("standard", "help-desk", "Normal"),
    "commercetools": ("premium", "platform", "S4"),
    "orocloud": ("enterprise", "cloud", "P4"),
}
"""Of each vendor the plan that Northwind has bought, its offering, and a priority that can wait."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium with an empty profile; without one these tests are skipped, and fail in CI."""
    program = shutil.which("chromium")
    if program is None:
        why = "chromium is not installed (on Debian and Ubuntu: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    # Playwright's loop runs in this thread; what the tests ask of the database they ask between its steps.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def everybody(
    chromium: Browser,
    django_db_blocker: DjangoDbBlocker,
    django_db_modify_db_settings: None,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[LiveDesk, dict[str, Desk]]]:
    """The running desk with the five contracts and, at each vendor, the cast and two tickets that can wait."""
    with live_desk(django_db_blocker, tmp_path_factory.mktemp("media")) as live:
        with live.at_hand():
            desks = {slug: make_desk(slug, plan=plan, offering=offer) for slug, (plan, offer, _) in OFFERS.items()}
            User.objects.update(password=make_password(PASSWORD), zone="Europe/Paris")
            for slug, desk in desks.items():
                _file_what_can_wait(desk, OFFERS[slug][2])
        yield live, desks


@pytest.fixture
def live(everybody: tuple[LiveDesk, dict[str, Desk]]) -> Iterator[LiveDesk]:
    """The running desk; what web and worker complain of fails the test."""
    desk = everybody[0]
    before = len(desk.complaints())
    yield desk
    assert desk.complaints()[before:] == [], "\n".join(desk.log[-60:])


@pytest.fixture
def desks(everybody: tuple[LiveDesk, dict[str, Desk]]) -> dict[str, Desk]:
    return everybody[1]


@pytest.fixture
def visit(chromium: Browser, live: LiveDesk) -> Iterator[Callable[..., Visit]]:
    """``visit("alice", "orocloud", width=390)``: that person, signed in, in a browser of their own.

    At the end of the test no page may have written an error to its console, run into the content security policy,
    raised in a script, or been answered with a server error.
    """
    visits: list[Visit] = []

    def begin(name: str, vendor: str, *, width: int = 1280, dark: bool = False, sign_in: bool = True) -> Visit:
        visits.append(Visit(chromium, live.address, name, vendor, width=width, dark=dark))
        if sign_in:
            visits[-1].sign_in()
        return visits[-1]

    yield begin
    for each in visits:
        each.end()
    complaints = [complaint for each in visits for complaint in each.complaints]
    assert not complaints, "\n".join(complaints)


CAN_WAIT = ("How do we export last year's orders?", "The logo looks blurred on a large screen")


@pytest.fixture
def clear(live: LiveDesk, desks: dict[str, Desk]) -> Callable[[str], None]:
    """``clear("drud")``: that vendor's queue holds what can wait and nothing that other tests have left there."""

    def empty(vendor: str) -> None:
        with live.at_hand(), vendor_scope(desks[vendor].vendor):
            for ticket in Ticket.objects.open().exclude(subject__in=CAN_WAIT):
                actions.resolve(ticket, by=desks[vendor].dan, at=database_now())

    return empty


def _file_what_can_wait(desk: Desk, code: str) -> None:
    with vendor_scope(desk.vendor):
        for subject in CAN_WAIT:
            actions.open_ticket(
                by=desk.bob,
                at=database_now(),
                project=desk.project,
                priority=desk.priority(code),
                subject=subject,
                body="It can wait.",
                is_shared=True,
            )
