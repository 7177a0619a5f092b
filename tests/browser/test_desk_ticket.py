"""A ticket on the desk, worked on by two people at once: claims and replies that cross, notes, handing over, macros."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, expect

from supportdesk.accounts.models import Team, TeamMember
from supportdesk.tenancy.scope import vendor_scope
from tests.browser.axe import faults_of
from tests.browser.live import LiveDesk, database_now
from tests.browser.visit import Visit
from tests.cast import Desk
from tickets import actions
from tickets.models import Message, Ticket
from tickets.models.message import MessageKind

VENDOR = "drud"
THEMES = [pytest.param(False, id="light"), pytest.param(True, id="dark")]
SIZES = [1280, 390]
Everybody = tuple[LiveDesk, dict[str, Desk]]


@pytest.fixture
def file(everybody: Everybody) -> Iterator[Callable[[str], Ticket]]:
    """Alice files a ticket at Drud, now; it is resolved at the end, so that it is on top of no other test's queue."""
    live, desks = everybody
    desk = desks[VENDOR]
    filed: list[Ticket] = []

    def file(subject: str) -> Ticket:
        with live.at_hand(), vendor_scope(desk.vendor):
            ticket = actions.open_ticket(
                by=desk.alice,
                at=database_now(),
                project=desk.project,
                priority=desk.priority("High"),
                subject=subject,
                body="The station's site answers 502 since this morning.",
            )
        filed.append(ticket)
        return ticket

    yield file
    with live.at_hand(), vendor_scope(desk.vendor):
        for each in filed:
            actions.resolve(each, by=desk.dan, at=database_now())


def says(everybody: Everybody, ticket: Ticket, who: str, body: str) -> None:
    live, desks = everybody
    with live.at_hand(), vendor_scope(desks[VENDOR].vendor):
        actions.reply(ticket, by=getattr(desks[VENDOR], who), at=database_now(), body=body)


def public_messages(everybody: Everybody, ticket: Ticket) -> list[str]:
    live, desks = everybody
    with live.at_hand(), vendor_scope(desks[VENDOR].vendor):
        return list(
            Message.objects.filter(ticket=ticket, kind=MessageKind.PUBLIC).order_by("pk").values_list("body", flat=True)
        )


def opens(visit: Visit, ticket: Ticket) -> None:
    visit.go(f"desk/tickets/{ticket.number}/")
    expect(visit.page.get_by_role("heading", level=1)).to_have_text(ticket.subject)


def box(visit: Visit) -> Locator:
    return visit.page.get_by_label("Your message")


def test_two_agents_collide(everybody: Everybody, file: Callable[[str], Ticket], visit: Callable[..., Visit]) -> None:
    """Both see each other; of two claims one wins; of two replies that cross the second is held back and shown."""
    ticket = file("The site answers 502")
    carol, dan = visit("carol", VENDOR), visit("dan", VENDOR)
    opens(carol, ticket)
    opens(dan, ticket)
    carol.sees("Dan is here too")

    dan.page.route("**/activity/**", lambda route: route.fulfill(status=304))  # his page does not know it yet
    carol.press("Assign to me")
    carol.sees("You have it")
    dan.press("Assign to me")
    dan.sees("Somebody was quicker: this ticket is now with Carol.")
    dan.page.unroute("**/activity/**")

    box(dan).fill("We restarted the web server.")
    carol.sees("Dan is replying")
    carol.shoot("collide-1-replying")
    carol.write("We see it and are looking into it.")
    dan.sees("Carol wrote while you were writing.")
    dan.page.get_by_role("button", name="Send reply").click()
    held = dan.page.get_by_role("alert").filter(has_text="Held back")
    expect(held).to_contain_text("We see it and are looking into it.")
    expect(box(dan)).to_have_value("We restarted the web server.")
    dan.shoot("collide-2-held")
    assert public_messages(everybody, ticket)[1:] == ["We see it and are looking into it."]

    box(dan).fill("We have restarted the web server meanwhile.")
    held.get_by_role("button", name="Send it anyway").click()
    expect(dan.group("Conversation")).to_contain_text("We have restarted the web server meanwhile.")
    assert len(public_messages(everybody, ticket)) == 3


def test_a_note_cannot_be_sent_by_accident(
    everybody: Everybody, file: Callable[[str], Ticket], visit: Callable[..., Visit]
) -> None:
    """What was written as a note never stands where a reply is sent from, not even after a reload."""
    ticket = file("Deploys hang")
    carol = visit("carol", VENDOR)
    opens(carol, ticket)
    carol.page.keyboard.press("n")
    expect(carol.page.get_by_role("radio", name="Internal note")).to_be_checked()
    box(carol).press_sequentially("The customer must not read this. @Da")
    carol.page.get_by_role("option", name="Dan").wait_for()
    carol.shoot("note-1-mention")
    box(carol).press("Enter")
    expect(box(carol)).to_have_value("The customer must not read this. @Dan ")
    carol.page.get_by_role("radio", name="Reply", exact=True).check(force=True)
    expect(box(carol)).to_have_value("")
    carol.page.reload()
    carol.page.get_by_role("radio", name="Reply", exact=True).check(force=True)
    expect(carol.page.get_by_role("button", name="Send reply")).to_be_visible()
    expect(box(carol)).to_have_value("")
    carol.page.get_by_role("radio", name="Internal note").check(force=True)
    expect(box(carol)).to_have_value("The customer must not read this. @Dan ")
    expect(carol.page.get_by_role("button", name="Send reply")).to_be_hidden()
    box(carol).press("Control+Enter")
    carol.sees("Note added, Dan is told. Customers cannot see it.")
    assert len(public_messages(everybody, ticket)) == 1

    dan = visit("dan", VENDOR)
    dan.go("inbox/")
    dan.sees("Carol mentioned you: Deploys hang")


def test_the_day_of_a_drud_agent(
    everybody: Everybody, file: Callable[[str], Ticket], visit: Callable[..., Visit]
) -> None:
    """ "Make sure you respond to the customer acknowledging the ticket", "assign it to yourself", reply hourly, "set
    the status … to pending, which puts the ball in their court", and hand over what one cannot solve."""
    live, desks = everybody
    desk = desks[VENDOR]
    with live.at_hand(), vendor_scope(desk.vendor):
        group = Team.objects.get(slug="ddev-live-support")
        TeamMember.objects.get_or_create(team=group, membership=desk.dan)
    ticket = file("Certificates are not renewed")
    carol = visit("carol", VENDOR)
    opens(carol, ticket)
    carol.page.keyboard.press("v")
    carol.sees("Tier Two alone decides the severity.")
    carol.page.keyboard.press("Escape")
    carol.page.keyboard.press("T")
    carol.sees("You have it")
    carol.page.keyboard.press("r")
    box(carol).fill("We have your request and are starting on it.")
    carol.page.get_by_label("Next update", exact=True).select_option("1 h")
    box(carol).press("Control+Enter")
    carol.sees(re.compile("Carol promised the next update by"))
    expect(carol.group("Conversation")).to_contain_text("We have your request")

    carol.page.keyboard.press("r")
    box(carol).fill("Please clear your browser's cache and look again.")
    carol.page.get_by_label("Send and set the status").click()
    carol.shoot("day-1-send-and-set")
    carol.page.get_by_role("button", name="Send and set Pending").click()
    carol.sees(re.compile("Carol set the status: Pending"))

    carol.page.keyboard.press("h")
    dialog = carol.page.get_by_role("dialog", name="Hand over")
    dialog.get_by_label("DDEV Live Support").check()
    dialog.get_by_label(re.compile("What have you tried")).fill("The renewal job is not mine to read.")
    carol.shoot("day-2-hand-over")
    dialog.get_by_role("button", name="Hand over").click()
    carol.sees("Handed over to DDEV Live Support: its agents are told.")
    carol.sees(re.compile("Carol handed it over to DDEV Live Support: nobody has it"))
    carol.shoot("day-3-handed-over")

    dan = visit("dan", VENDOR)
    dan.go("inbox/")
    dan.sees("High for DDEV Live Support, nobody has it: Certificates are not renewed")


def test_a_macro_and_a_canned_response(
    everybody: Everybody, file: Callable[[str], Ticket], visit: Callable[..., Visit]
) -> None:
    """Made by a lead in the settings, used by an agent by keyboard: what it will do is shown before it is done."""
    ticket = file("Deploys fail")
    dan = visit("dan", VENDOR)
    dan.go("desk/macros/")
    dan.shoot("macro-0-empty")
    dan.go("desk/macros/new/")
    dan.page.get_by_label("Title").fill("Acknowledge and take it")
    dan.page.get_by_label("Reply to the customer").fill("Hello {{customer.first_name}}, we are starting on it.")
    dan.page.get_by_label("Promise the next update").select_option("1 h")
    dan.page.get_by_label("Status").select_option("In progress")
    dan.page.get_by_label("Assignee").select_option("Whoever uses the macro")
    dan.page.get_by_label("Everybody at the desk").check()
    dan.shoot("macro-1-form")
    dan.press("Save")
    dan.sees("“Acknowledge and take it” is saved.")
    dan.shoot("macro-2-list")
    dan.go("desk/responses/new/")
    dan.page.get_by_label("Title").fill("Clear the cache")
    dan.page.get_by_label("Text").fill("Please clear the cache of #{{ticket.number}}.")
    expect(dan.page.locator("#preview")).to_contain_text("Please clear the cache of #1042.")
    dan.page.get_by_label("Everybody at the desk").check()
    dan.shoot("response-1-form")
    dan.press("Save")
    dan.shoot("response-2-list")

    carol = visit("carol", VENDOR)
    opens(carol, ticket)
    carol.page.keyboard.press("m")
    dialog = carol.page.get_by_role("dialog", name="Use a macro")
    dialog.get_by_label("Find a macro").press_sequentially("acknow")
    carol.shoot("macro-3-choose")
    dialog.get_by_label("Find a macro").press("Enter")
    expect(dialog.get_by_label(re.compile("The reply"))).to_have_value("Hello Alice, we are starting on it.")
    for step in ("Assign to Carol", "Reply to Alice", "Promise the next update within 1 h", "Status: In progress"):
        expect(dialog).to_contain_text(step)
    carol.shoot("macro-4-preview")
    dialog.get_by_role("button", name="Do it").click()
    carol.sees("“Acknowledge and take it” is done.")
    carol.sees("You have it")
    expect(carol.group("Conversation")).to_contain_text("Hello Alice, we are starting on it.")
    carol.shoot("macro-5-done")

    carol.page.keyboard.press("r")
    box(carol).fill("One thing:")
    box(carol).press("Escape")
    carol.page.keyboard.press(";")
    picker = carol.page.get_by_role("dialog", name="Insert a canned response")
    picker.get_by_label("Search the canned responses").fill("cache")
    picker.get_by_role("button", name="Insert Clear the cache").wait_for()
    carol.shoot("response-3-picker")
    picker.get_by_role("button", name="Insert Clear the cache").click()
    expect(box(carol)).to_have_value(f"One thing: Please clear the cache of #{ticket.number}.")


def test_a_customer_who_writes_while_an_agent_does_is_shown(
    everybody: Everybody, file: Callable[[str], Ticket], visit: Callable[..., Visit]
) -> None:
    ticket = file("Backups fail")
    carol = visit("carol", VENDOR)
    opens(carol, ticket)
    box(carol).fill("Which region is it in?")
    says(everybody, ticket, "alice", "Never mind, it is in Frankfurt.")
    carol.page.get_by_role("button", name="Send reply").click()
    held = carol.page.get_by_role("alert").filter(has_text="Held back")
    expect(held).to_contain_text("it is in Frankfurt")
    held.get_by_role("button", name="Change it first").click()
    expect(box(carol)).to_be_focused()
    box(carol).fill("Thank you, looking there.")
    box(carol).press("Control+Enter")
    expect(carol.group("Conversation")).to_contain_text("Thank you, looking there.")
    assert public_messages(everybody, ticket)[-1] == "Thank you, looking there."


def test_what_is_new_since_the_last_visit_is_marked(
    everybody: Everybody, file: Callable[[str], Ticket], visit: Callable[..., Visit]
) -> None:
    ticket = file("Logs are missing")
    carol = visit("carol", VENDOR)
    opens(carol, ticket)
    expect(carol.page.get_by_text("New since your last visit")).to_have_count(0)
    carol.go("desk/")
    says(everybody, ticket, "alice", "They are still missing.")
    opens(carol, ticket)
    carol.sees("New since your last visit")
    carol.page.keyboard.press("j")
    expect(carol.page.locator(".message:focus")).to_contain_text("They are still missing.")


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("dark", THEMES)
def test_axe_finds_nothing(
    everybody: Everybody, file: Callable[[str], Ticket], visit: Callable[..., Visit], dark: bool, width: int
) -> None:
    live, desks = everybody
    desk = desks[VENDOR]
    ticket = file("Everything at once")
    says(everybody, ticket, "carol", "We are looking.")
    dan = visit("dan", VENDOR)
    opens(dan, ticket)
    box(dan).fill("I have an idea.")
    with live.at_hand(), vendor_scope(desk.vendor):
        actions.note(ticket, by=desk.erin, at=database_now(), body="@Carol this is the **third** time.")
    carol = visit("carol", VENDOR, width=width, dark=dark)
    opens(carol, ticket)
    carol.sees("Dan is replying")
    carol.page.get_by_text("All about Northwind").wait_for()
    faults = _examined(carol, "all-1-page")
    carol.page.get_by_role("radio", name="Internal note").check(force=True)
    box(carol).fill("A note.")
    faults += _examined(carol, "all-2-note")
    carol.page.get_by_role("radio", name="Reply", exact=True).check(force=True)
    box(carol).fill("A reply.")
    says(everybody, ticket, "alice", "One thing more.")
    carol.page.get_by_role("button", name="Send reply").click()
    carol.page.get_by_role("alert").filter(has_text="Held back").wait_for()
    faults += _examined(carol, "all-3-held")
    for name, link in (("all-4-assign", "Assign…"), ("all-5-hand-over", "Hand over…")):
        carol.page.get_by_role("link", name=link).click()
        carol.page.get_by_role("dialog").get_by_role("button").nth(1).wait_for()
        faults += _examined(carol, name)
        carol.page.keyboard.press("Escape")
    assert not faults, "\n".join(faults)


def _examined(visit: Visit, name: str) -> list[str]:
    visit.shoot(name)
    visit.fits()
    return faults_of(visit.page)
