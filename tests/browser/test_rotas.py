"""Who is on call, in the browser: a calendar that is dragged over, a shift that changes hands, layers previewed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from escalation import actions
from escalation.models import Rota, Unit
from supportdesk.tenancy.scope import vendor_scope
from tests.browser.axe import faults_of
from tests.browser.live import LiveDesk, database_now
from tests.browser.visit import Visit
from tests.cast import Desk

VENDOR = "commercetools"


@pytest.fixture(scope="module")
def slug(everybody: tuple[LiveDesk, dict[str, Desk]]) -> str:
    """A rota of daily turns, Carol and Dan, with Erin behind them; beside it one of office hours with a gap."""
    live, desks = everybody
    desk = desks[VENDOR]
    with live.at_hand(), vendor_scope(desk.vendor):
        now = database_now()
        since = (now - timedelta(days=2)).date()

        def layer(name: str, *people: object) -> actions.LayerTerms:
            return actions.LayerTerms(
                name=name,
                people=people,  # type: ignore[arg-type]
                starts_on=since,
                hands_over_at=now.time().replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None),
                length=1,
                unit=Unit.DAYS,
                zone="Europe/Berlin",
            )

        rota: Rota = actions.make_rota(
            name="Night watch",
            zone="Europe/Berlin",
            layers=[layer("Primary", desk.carol, desk.dan), layer("Secondary", desk.erin)],
            by=desk.dan,
            at=now,
        )
        office = {day: [["08:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
        layers = [replace(layer("Desk", desk.erin, desk.dan), week=office), layer("Standby")]
        actions.make_rota(name="Office hours", zone="Europe/Berlin", layers=layers, by=desk.dan, at=now)
        return rota.slug


def test_a_stretch_is_dragged_and_covered(slug: str, visit: Callable[..., Visit]) -> None:
    dan = visit("dan", VENDOR)
    dan.go(f"desk/rotas/{slug}/")
    later = dan.page.get_by_role("link", name="Later")
    later.click()
    dan.page.wait_for_load_state()
    row = dan.page.locator("tr[data-layer]").first
    box = row.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    dan.page.mouse.move(box["x"] + box["width"] * 0.5, y)
    dan.page.mouse.down()
    dan.page.mouse.move(box["x"] + box["width"] * 0.55, y, steps=4)
    dan.page.mouse.move(box["x"] + box["width"] * 0.6, y, steps=4)
    dan.page.mouse.up()
    dialog = dan.page.get_by_role("dialog", name="Cover a shift")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("Until")).not_to_have_value("")
    dialog.get_by_label("Who covers").select_option(label="Erin")
    dialog.get_by_label("Reason").fill("School concert")
    dan.press("Cover it")
    dan.sees("Erin covers from")
    expect(dan.page.locator("a.shift--changed").first).to_be_visible()
    dan.press("Undo")
    dan.sees("Erin no longer covers.")


def test_a_shift_changes_hands(slug: str, visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    carol.go("desk/shifts/")
    carol.page.get_by_role("link", name="Find cover").last.click()
    carol.page.get_by_label("Note").fill("My sister gets married")
    carol.press("Ask")
    carol.sees("Everybody on the rota was asked.")
    erin = visit("erin", VENDOR, width=390)
    erin.go("desk/shifts/")
    erin.sees("My sister gets married")
    erin.press("Take the shift of Carol")
    erin.sees("The shift is yours.")
    carol.go("desk/shifts/")
    carol.sees("Erin took it from Carol")


def test_two_shifts_are_swapped(slug: str, visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    carol.go("desk/shifts/")
    carol.page.get_by_role("link", name="Find cover").nth(2).click()
    offered = carol.page.get_by_label("In return")
    offered.select_option(index=4)
    carol.page.get_by_label("Note").fill("Tuesdays suit me better")
    carol.shoot("swap-asked")
    carol.press("Ask")
    carol.sees("was asked to swap.")
    names = carol.page.locator(".requests__back").inner_text()
    other = visit("dan" if "Dan" in names else "erin", VENDOR, width=390)
    other.go("desk/shifts/")
    other.sees("asks you to swap")
    other.fits()
    other.shoot("swap-offered")
    assert faults_of(other.page) == []
    other.press("Swap shifts with Carol")
    other.sees("Swapped: the shift is yours")
    other.press("Undo")
    other.sees("Swapped back: both shifts are as they were.")


def test_all_rotas_in_one_table_by_keyboard(slug: str, visit: Callable[..., Visit]) -> None:
    dan = visit("dan", VENDOR)
    dan.go("desk/rotas/")
    expect(dan.page.locator(".rota-now")).to_be_visible()
    title = dan.page.locator("#week-title")
    expect(title).to_contain_text("The coming week")
    dan.page.keyboard.press("l")
    expect(title).to_contain_text("All rotas")
    expect(dan.page.locator(".rota-now")).to_have_count(0)
    dan.page.keyboard.press("t")
    expect(title).to_contain_text("The coming week")
    dan.page.get_by_role("region", name="Table of all rotas").focus()
    dan.page.keyboard.press("Tab")
    expect(dan.page.locator(".rota-grid__rota > a").first).to_be_focused()
    dan.page.keyboard.press("Tab")
    dan.page.keyboard.press("Enter")
    dan.sees("On call")
    expect(dan.page).to_have_url(re.compile(r"/shift/\?"))


def test_layers_are_previewed_before_they_hold(slug: str, visit: Callable[..., Visit]) -> None:
    dan = visit("dan", VENDOR)
    dan.go(f"desk/rotas/{slug}/settings/")
    preview = dan.group("The next four weeks would be")
    expect(preview.get_by_text("Nobody’s shifts change.")).to_be_visible()
    dan.page.get_by_label("Place 1 in Primary").select_option(label="Erin")
    expect(preview.get_by_text("Erin instead of Carol").first).to_be_visible()
    dan.press("Add a layer")
    expect(dan.page.get_by_role("textbox", name="Name")).to_have_count(4)


@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
@pytest.mark.parametrize("width", [1280, 390])
def test_every_page_is_for_everybody(slug: str, visit: Callable[..., Visit], width: int, dark: bool) -> None:
    dan = visit("dan", VENDOR, width=width, dark=dark)
    pages = (
        ("rotas", "desk/rotas/"),
        ("rota-week", f"desk/rotas/{slug}/"),
        ("rota-month", f"desk/rotas/{slug}/?view=month"),
        ("rota-settings", f"desk/rotas/{slug}/settings/"),
        ("rota-cover", f"desk/rotas/{slug}/cover/"),
        ("my-shifts", "desk/shifts/"),
        ("time-off", "desk/time-off/"),
        ("assignment", "desk/assignment/"),
    )
    for name, path in pages:
        dan.go(path)
        dan.fits()
        dan.shoot(name)
        assert faults_of(dan.page) == [], path
    dan.go("desk/shifts/")
    dan.page.get_by_role("link", name="Find cover").first.click()
    dan.page.get_by_label("Note").wait_for()
    dan.fits()
    dan.shoot("shift")
    assert faults_of(dan.page) == []
