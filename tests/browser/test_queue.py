"""The queue as an agent works in it: by keyboard alone, many tickets at once, filtered, searched, kept current."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, expect

from supportdesk.tenancy.scope import vendor_scope
from tests.browser.axe import faults_of
from tests.browser.live import LiveDesk, database_now
from tests.browser.test_accessibility import THEMES
from tests.browser.visit import Visit
from tests.cast import Desk
from tests.factories import TeamFactory
from tickets import actions, listing, selecting
from tickets.models import Callback, Ticket
from tickets.models.saved_view import Sharing

VENDOR = "orocloud"
SUBJECTS = (
    ("P1", "The shop answers 502 at the checkout"),
    ("P2", "Search index does not follow the catalogue"),
    ("P2", "Invoices are sent twice"),
    ("P3", "Export of customers stops half-way"),
    ("P4", "How do we add a second language?"),
)


@pytest.fixture
def filed(live: LiveDesk, desks: dict[str, Desk], clear: Callable[[str], None]) -> list[Ticket]:
    """Five tickets of Alice's, two of them tagged, in a queue where other tests have left nothing above them."""
    clear(VENDOR)
    desk = desks[VENDOR]
    with live.at_hand(), vendor_scope(desk.vendor):
        at = database_now()
        tickets = [
            actions.open_ticket(
                by=desk.alice, at=at, project=desk.project, priority=desk.priority(code), subject=subject, body="It is."
            )
            for code, subject in SUBJECTS
        ]
        for ticket in tickets[1:3]:
            actions.tag(ticket, tag=actions.tag_named("elasticsearch"), by=desk.carol, at=at)
        actions.tag(tickets[1], tag=actions.tag_named("catalogue"), by=desk.carol, at=at)
        TeamFactory.create(slug="frontline", name="Frontline")
    return tickets


def row(visit: Visit, ticket: Ticket) -> Locator:
    return visit.page.locator(f'#queue tr[data-number="{ticket.number}"]')


def walk_to(visit: Visit, ticket: Ticket) -> None:
    """Down the rows with J until this one has the focus."""
    link = row(visit, ticket).locator("a[data-row]")
    for _step in range(40):
        visit.page.keyboard.press("j")
        if link.evaluate("each => each === document.activeElement"):
            return
    raise AssertionError("J never came there")


def test_from_triage_to_resolved_by_keyboard_alone(filed: list[Ticket], visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    keys = carol.page.keyboard
    heading = carol.page.get_by_role("heading", level=1)
    keys.press("g")
    keys.press("t")
    expect(heading).to_have_text("Waiting for triage")
    walk_to(carol, filed[0])
    keys.press("v")
    menu = carol.page.locator('[data-bulk-key="v"][open]')
    expect(menu.get_by_role("button").first).to_be_focused()
    keys.press("Enter")
    carol.sees(re.compile(r"1 ticket has severity"))
    expect(row(carol, filed[0]).locator("a[data-row]")).to_be_focused()
    keys.press("a")
    expect(carol.page.locator('[data-bulk-key="a"][open]').get_by_role("button").first).to_be_focused()
    keys.press("Enter")
    carol.sees("1 ticket assigned to Carol.")
    expect(row(carol, filed[0]).locator("a[data-row]")).to_be_focused()
    keys.press("r")
    expect(heading).to_have_text(SUBJECTS[0][1])
    expect(carol.page.get_by_label("Your message")).to_be_focused()
    keys.type("It was the cache; the shop answers again.")
    keys.press("Control+Enter")
    expect(carol.page.get_by_role("region", name="Conversation")).to_contain_text("It was the cache")
    keys.press("g")
    keys.press("m")
    expect(heading).to_have_text("Mine")
    walk_to(carol, filed[0])
    keys.press("e")
    carol.sees("1 ticket set to Resolved.")
    expect(row(carol, filed[0])).to_have_count(0)


def test_many_at_once_and_undone(filed: list[Ticket], visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    keys = carol.page.keyboard
    walk_to(carol, filed[1])
    keys.press("x")
    expect(row(carol, filed[1]).get_by_role("checkbox")).to_be_checked()
    row(carol, filed[2]).get_by_role("checkbox").check()
    expect(carol.page.get_by_role("region", name="Selected tickets")).to_contain_text("2 selected")
    keys.press("a")
    expect(carol.page.locator('[data-bulk-key="a"][open]')).to_be_visible()
    carol.shoot("queue-selected")
    carol.page.get_by_role("button", name="Dan", exact=True).click()
    carol.sees("2 tickets assigned to Dan.")
    for ticket in filed[1:3]:
        expect(row(carol, ticket).locator(".assignee")).to_contain_text("Dan")
    carol.shoot("queue-undo")
    carol.press("Undo")
    carol.sees("2 tickets are as they were.")
    for ticket in filed[1:3]:
        expect(row(carol, ticket).locator(".assignee")).to_contain_text("nobody")


def test_many_at_once_on_a_phone(filed: list[Ticket], visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR, width=390)
    expect(row(carol, filed[1]).get_by_role("checkbox")).to_be_hidden()
    carol.press("Select")
    bar = carol.page.get_by_role("region", name="Selected tickets")
    expect(bar).to_contain_text("Touch the tickets to select")
    expect(bar.get_by_text("Assign")).to_have_count(0)
    row(carol, filed[1]).locator("a[data-row]").tap()
    row(carol, filed[2]).locator(".customer").tap(force=True)
    expect(bar).to_contain_text("2 selected")
    expect(carol.page.get_by_role("heading", level=1)).to_have_text("All open")
    expect(bar.get_by_text("Assign", exact=True)).to_be_visible()
    box = bar.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] == 844, "in reach of the thumb"
    carol.shoot("queue-selecting", whole=False)
    faults = faults_of(carol.page)
    assert not faults, "\n".join(faults)
    bar.get_by_text("Assign", exact=True).tap()
    carol.shoot("queue-selecting-menu", whole=False)
    carol.page.get_by_role("button", name="Dan", exact=True).tap()
    carol.sees("2 tickets assigned to Dan.")
    carol.press("Select")
    bar.get_by_role("button", name="All on this page").tap()
    expect(bar).to_contain_text(re.compile(r"[1-9]\d* selected"))
    carol.press("Done")
    expect(bar).to_be_hidden()
    row(carol, filed[1]).locator("a[data-row]").tap()
    expect(carol.page.get_by_role("heading", level=1)).to_have_text(SUBJECTS[1][1])


def test_tagged_from_the_keyboard(filed: list[Ticket], visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    walk_to(carol, filed[3])
    carol.page.keyboard.press("t")
    expect(carol.page.get_by_label("Tag to add")).to_be_focused()
    carol.page.keyboard.type("Export")
    carol.page.keyboard.press("Enter")
    carol.sees("1 ticket tagged Export.")
    expect(row(carol, filed[3])).to_contain_text("Export")


def test_filtered_kept_and_sorted(filed: list[Ticket], visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    keys = carol.page.keyboard
    keys.press("f")
    carol.page.locator("#filter-place").get_by_text("Priority", exact=True).click()
    carol.page.get_by_label("P2", exact=False).first.check()
    carol.shoot("queue-filter")
    carol.press("Apply")
    expect(carol.page.get_by_role("list", name="Filters")).to_contain_text("Priority is P2")
    expect(row(carol, filed[1])).to_be_visible()
    expect(row(carol, filed[0])).to_have_count(0)
    carol.page.get_by_role("columnheader", name="Subject").get_by_role("link").click()
    expect(carol.page.get_by_role("columnheader", name="Subject")).to_have_attribute("aria-sort", "ascending")
    carol.press("Save as view")
    dialog = carol.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Second in line")
    carol.shoot("queue-save")
    dialog.get_by_role("button", name="Save", exact=True).click()
    expect(carol.page.get_by_role("heading", level=1)).to_have_text("Second in line")
    kept = carol.page.locator("#views").get_by_role("link", name="Second in line")
    expect(kept.locator("[data-count-of]")).to_have_text(re.compile(r"^[1-9]"))
    carol.shoot("queue-saved")
    carol.page.get_by_role("link", name="Take the filter Priority away").click()
    carol.press("Update view")
    carol.sees("“Second in line” is saved as you see it.")


def test_a_call_is_arranged_and_taken_by_keyboard(
    live: LiveDesk, desks: dict[str, Desk], filed: list[Ticket], visit: Callable[..., Visit]
) -> None:
    carol, desk = visit("carol", VENDOR), desks[VENDOR]
    keys = carol.page.keyboard
    heading = carol.page.get_by_role("heading", level=1)
    walk_to(carol, filed[3])
    keys.press("p")
    expect(heading).to_have_text("Arrange a call-back")
    carol.page.get_by_label("Telephone number").fill("+49 30 901820")
    with live.at_hand():
        soon = (database_now() + timedelta(hours=2)).astimezone(ZoneInfo("Europe/Paris"))
    carol.page.get_by_label("Call at").fill(soon.strftime("%Y-%m-%dT%H:%M"))
    carol.press("Arrange the call")
    expect(heading).to_have_text("All open")
    dan = visit("dan", VENDOR)
    dan.page.keyboard.press("g")
    dan.page.keyboard.press("c")
    expect(dan.page.get_by_role("heading", level=1)).to_have_text("Call-backs")
    here = row(dan, filed[3])
    expect(here).to_contain_text("+49 30 901820")
    expect(here).to_contain_text("Carol makes it")
    dan.shoot("queue-calls")
    faults = faults_of(dan.page)
    assert not faults, "\n".join(faults)
    walk_to(dan, filed[3])
    dan.page.keyboard.press("p")
    dan.sees(f"You make the call of #{filed[3].number}.")
    expect(here).to_contain_text("You make this call")
    expect(dan.page.get_by_role("heading", level=1)).to_have_text("Call-backs")
    with live.at_hand(), vendor_scope(desk.vendor):
        assert Callback.objects.open().get(ticket=filed[3].pk).claimed_by == desk.dan


def test_what_is_new_waits_while_the_reader_is_at_a_row(
    live: LiveDesk, desks: dict[str, Desk], filed: list[Ticket], visit: Callable[..., Visit]
) -> None:
    carol, desk = visit("carol", VENDOR), desks[VENDOR]
    walk_to(carol, filed[2])
    here = row(carol, filed[2]).bounding_box()
    with live.at_hand(), vendor_scope(desk.vendor):
        late = actions.open_ticket(
            by=desk.alice,
            at=database_now(),
            project=desk.project,
            priority=desk.priority("P1"),
            subject="The shop is down altogether",
            body="It is.",
        )
        actions.assign(Ticket.objects.get(pk=filed[3].pk), to=desk.dan, by=desk.dan, at=database_now())
    show = carol.page.get_by_role("button", name="1 new · show")
    expect(show).to_be_visible()
    expect(row(carol, late)).to_have_count(0)
    expect(row(carol, filed[3]).locator(".assignee")).to_contain_text("Dan")
    assert row(carol, filed[2]).bounding_box() == here, "nothing moved under the cursor"
    carol.shoot("queue-news")
    show.click()
    expect(row(carol, late)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 1024])
def test_every_column_is_read_without_scrolling(filed: list[Ticket], visit: Callable[..., Visit], width: int) -> None:
    carol = visit("carol", VENDOR, width=width)
    carol.go("desk/?view=all")
    here = row(carol, filed[0])
    for text in ("Waiting for triage", "P1", "Northwind", "Enterprise"):
        expect(here.get_by_text(text, exact=True).first).to_be_visible()
    label, chip = here.locator(".status__label"), here.locator(".due .chip")
    assert label.evaluate("each => each.offsetWidth > 80 && each.scrollWidth <= each.parentElement.clientWidth")
    box = chip.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= width
    carol.fits()
    carol.shoot("queue-columns", whole=False)


def test_the_help_sheet_names_every_key(filed: list[Ticket], visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    carol.page.keyboard.press("?")
    sheet = carol.page.get_by_role("dialog", name="Keyboard")
    for text in ("Next row", "Select the row", "Assign", "Filter", "Go to Mine", "Write an internal note", "Resolve"):
        expect(sheet.get_by_text(text, exact=True).first).to_be_visible()
    carol.shoot("queue-keys")
    carol.page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


def test_the_palette_goes_to_a_ticket_a_view_and_a_person(filed: list[Ticket], visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    heading = carol.page.get_by_role("heading", level=1)
    for typed, title in ((f"#{filed[0].number}", SUBJECTS[0][1]), ("overd", "Overdue"), ("alice", "All tickets")):
        carol.page.keyboard.press("Control+k")
        carol.page.keyboard.type(typed)
        first = carol.page.locator(".palette__item").first
        expect(first).to_contain_text(re.compile(typed.removeprefix("#"), re.IGNORECASE))
        carol.shoot(f"palette-{typed.removeprefix('#')}")
        carol.page.keyboard.press("Enter")
        expect(heading).to_have_text(title)


def test_no_key_fires_while_somebody_types(filed: list[Ticket], visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    carol.page.keyboard.press("/")
    carol.page.keyboard.type("gmxaes?")
    expect(carol.page.locator("[data-search]").first).to_have_value("gmxaes?")
    expect(carol.page.get_by_role("dialog")).to_have_count(0)
    expect(carol.page.get_by_role("heading", level=1)).to_have_text("All open")


def test_search_finds_people_tags_and_words(filed: list[Ticket], visit: Callable[..., Visit]) -> None:
    carol = visit("carol", VENDOR)
    for words, found in (("elasticsearch invoices", filed[2]), ("alice checkout", filed[0]), ("exprot", filed[3])):
        carol.page.keyboard.press("Escape")
        carol.page.keyboard.press("/")
        carol.page.keyboard.press("Control+a")
        carol.page.keyboard.type(words)
        carol.page.keyboard.press("Enter")
        expect(carol.page.locator(f'a[data-row][href$="/{found.number}/"]').first).to_be_visible()
        carol.shoot(f"search-{words.split()[0]}")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", THEMES)
def test_breaks_no_rule_that_axe_knows(
    filed: list[Ticket], visit: Callable[..., Visit], dark: bool, width: int
) -> None:
    dan = visit("dan", VENDOR, width=width, dark=dark)
    faults: list[str] = []
    for name, path in (
        ("queue", "desk/"),
        ("queue-pieces", "desk/?view=all&priority=P1&priority=P2&tag-not=none&sort=-priority"),
        ("queue-any", "desk/?view=all&tag-not=none&any.priority=P1&any.clock=overdue&any.organization=northwind"),
        ("queue-empty", "desk/?view=all&tag=nothing"),
        ("filters-any", "desk/filters/?view=all&any.priority=P1"),
        ("columns", "desk/columns/"),
        ("filter", "desk/filters/assignee/"),
        ("filter-days", "desk/filters/received/?received=2026-01-01..2026-01-05"),
        ("views", "desk/views/"),
        ("tags", "desk/tags/"),
        ("tag", "desk/tags/elasticsearch/"),
        ("search", "desk/search/?q=checkout"),
    ):
        dan.go(path)
        dan.shoot(f"page-{name}")
        dan.fits()
        faults += faults_of(dan.page)
    if width > 640:
        dan.go("desk/")
        dan.page.locator("#queue td .pick__box").first.check()
        expect(dan.page.locator("#bulk-menus").get_by_text("Assign")).to_be_visible()
        faults += faults_of(dan.page)
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("dark", [False, True])
def test_columns_are_chosen(filed: list[Ticket], visit: Callable[..., Visit], dark: bool) -> None:
    carol = visit("carol", VENDOR, dark=dark)
    heads = carol.page.locator("#queue th[scope=col]")
    carol.page.get_by_role("link", name="Columns").click()
    dialog = carol.page.get_by_role("dialog", name="Columns of the queue")
    for name in ("Project", "Group", "Received"):
        dialog.get_by_label(name, exact=True).check()
    dialog.get_by_label("Assignee", exact=True).uncheck()
    carol.shoot("queue-columns-dialog", whole=False)
    faults = faults_of(carol.page)
    dialog.get_by_role("button", name="Show these").click()
    expect(heads.filter(has_text="Received")).to_be_visible()
    expect(heads.filter(has_text="Assignee")).to_have_count(0)
    carol.fits()
    carol.shoot("queue-columns", whole=False)
    faults += faults_of(carol.page)
    assert not faults, "\n".join(faults)
    carol.page.get_by_role("link", name="Columns").click()
    dialog.get_by_role("button", name="The usual ones").click()
    expect(heads.filter(has_text="Assignee")).to_be_visible()
    expect(heads.filter(has_text="Received")).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True])
def test_a_saved_view_has_columns_of_its_own(
    filed: list[Ticket], visit: Callable[..., Visit], live: LiveDesk, desks: dict[str, Desk], dark: bool
) -> None:
    """Arranged by keys; whoever opens it sees them, and their own in every other view."""
    desk = desks[VENDOR]
    with live.at_hand(), vendor_scope(desk.vendor):
        selection = selecting.read_query("view=open&tag-not=none", views=listing.SLUGS)
        view = actions.save_view(
            name=f"Tagged {dark}",
            selection=selection,
            sharing=Sharing.EVERYONE,
            team=None,
            by=desk.dan,
            at=database_now(),
        )
    dan = visit("dan", VENDOR, dark=dark)
    address = f"desk/?{view.query}&saved={view.pk}"
    dan.go(address)
    dan.page.get_by_role("link", name="Columns").click()
    dialog = dan.page.get_by_role("dialog", name="Columns of the queue")
    dialog.get_by_label("for everyone who opens it").check()
    due = dialog.get_by_label("Due", exact=True)
    due.focus()
    for before in ("assignee", "status", "priority", "customer"):
        dan.page.keyboard.press("Alt+ArrowUp")
        expect(dialog.locator(f"li:has(#column-due) + li #column-{before}")).to_have_count(1)
        expect(due).to_be_focused()
    dialog.get_by_role("button", name="Move Project up").click()
    expect(dialog.get_by_role("button", name="Move Project up")).to_be_focused()
    dialog.get_by_label("Assignee", exact=True).uncheck()
    dan.shoot("view-columns-dialog", whole=False)
    faults = faults_of(dan.page)
    due.focus()
    dan.page.keyboard.press("Enter")
    heads = dan.page.locator("#queue th[scope=col]")
    expect(heads).to_have_text(["", "Subject", "Due", "Customer", "Priority", "Status"])
    dan.fits()
    dan.shoot("view-columns", whole=False)
    faults += faults_of(dan.page)
    assert not faults, "\n".join(faults)
    carol = visit("carol", VENDOR, width=1024, dark=dark)
    usual = ["", "Subject", "Customer", "Priority", "Status", "Assignee", "Due"]
    expect(carol.page.locator("#queue th[scope=col]")).to_have_text(usual)
    carol.go(address)
    expect(carol.page.locator("#queue th[scope=col]").nth(2)).to_have_text("Due")
    carol.fits()
    carol.shoot("view-columns", whole=False)
    carol.page.get_by_role("link", name="Columns").click()
    carol.sees(f"“Tagged {dark}” has columns of its own.")
    carol.shoot("view-columns-of-others", whole=False)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [False, True])
def test_any_of_these_is_enough(filed: list[Ticket], visit: Callable[..., Visit], dark: bool, width: int) -> None:
    carol = visit("carol", VENDOR, width=width, dark=dark)
    place, pieces = carol.page.locator("#filter-place"), carol.page.get_by_role("list", name="Filters")
    keys = carol.page.keyboard
    carol.page.wait_for_load_state("networkidle")
    keys.press("f")
    expect(place.get_by_role("link").first).to_be_focused()
    place.get_by_role("link", name="Any of these").press("Enter")
    expect(place.get_by_text("One that holds is enough.")).to_be_visible()
    expect(place.get_by_role("link", name="Status")).to_be_focused()
    carol.shoot("any-menu", whole=False)
    place.get_by_role("link", name="Priority").press("Enter")
    place.get_by_label("P1", exact=False).first.check()
    expect(place.get_by_label("How it counts")).to_have_value("any")
    carol.shoot("any-form", whole=False)
    carol.press("Apply")
    expect(pieces).to_contain_text(re.compile(r"Any of these:\s*Priority is P1"))
    expect(row(carol, filed[0])).to_be_visible()
    expect(row(carol, filed[1])).to_have_count(0)
    pieces.get_by_role("link", name="or …").press("Enter")
    expect(place.get_by_role("link", name="Status")).to_be_focused()
    place.get_by_role("link", name="Tag").press("Enter")
    place.get_by_label("elasticsearch").check()
    carol.press("Apply")
    for ticket, is_there in zip(filed, (True, True, True, False, False), strict=True):
        expect(row(carol, ticket)).to_have_count(int(is_there))
    carol.fits()
    carol.shoot("any-queue", whole=False)
    faults = faults_of(carol.page)
    assert not faults, "\n".join(faults)
    pieces.get_by_role("link", name="Take the filter Priority away from").press("Enter")
    expect(row(carol, filed[0])).to_have_count(0)
    expect(row(carol, filed[1])).to_be_visible()


TONES = """
window.isAway = false;
Object.defineProperty(document, "hidden", { get: () => window.isAway });
Object.defineProperty(document, "visibilityState", { get: () => window.isAway ? "hidden" : "visible" });
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (at) {
  document.documentElement.dataset.tones = Number(document.documentElement.dataset.tones ?? 0) + 1;
  start.call(this, at);
};
"""
"""Writes down what is played, and lets the page believe that its tab is hidden."""


def test_an_urgent_ticket_is_heard_and_marks_a_hidden_tab(
    filed: list[Ticket], visit: Callable[..., Visit], live: LiveDesk, desks: dict[str, Desk]
) -> None:
    """Whichever columns the reader has, and never for a ticket that is less urgent."""

    def file(code: str, subject: str) -> None:
        with live.at_hand(), vendor_scope(desks[VENDOR].vendor):
            desk = desks[VENDOR]
            actions.open_ticket(
                by=desk.alice,
                at=database_now(),
                project=desk.project,
                priority=desk.priority(code),
                subject=subject,
                body="Now.",
            )

    dan = visit("dan", VENDOR)
    dan.context.add_init_script(TONES)
    dan.go("desk/day/")
    dan.press("Turn it on")
    dan.sees("Turn it off")
    with live.at_hand(), vendor_scope(desks[VENDOR].vendor):
        actions.choose_columns(names=["due"], by=desks[VENDOR].dan)
    dan.go("desk/")
    dan.page.get_by_role("heading", level=1).click()
    file("P3", "The logo is too small")
    dan.sees("The logo is too small")
    page = dan.page.locator("html")
    assert page.get_attribute("data-tones") is None
    file("P1", "All shops are down")
    dan.sees("All shops are down")
    expect(page).to_have_attribute("data-tones", "2")
    assert not dan.page.title().startswith("●")
    dan.page.evaluate("isAway = true, document.dispatchEvent(new Event('visibilitychange')), true")
    file("P1", "Nobody can pay")
    expect(dan.page).to_have_title(re.compile("^● All open"))
    expect(page).to_have_attribute("data-tones", "4")
    dan.page.evaluate("isAway = false, document.dispatchEvent(new Event('visibilitychange')), true")
    assert dan.page.title().startswith("All open")
    with live.at_hand(), vendor_scope(desks[VENDOR].vendor):
        actions.choose_columns(names=[], by=desks[VENDOR].dan)
