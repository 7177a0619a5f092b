"""Working together on tickets: merged, linked, split, out of scope, timed; on a desk and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from supportdesk.accounts.models import Membership
from supportdesk.tenancy.scope import vendor_scope
from tests.browser.axe import faults_of
from tests.browser.live import LiveDesk, database_now
from tests.browser.visit import Visit
from tests.cast import Desk
from tickets import actions
from tickets.models import Ticket

Begin = Callable[..., Visit]


@pytest.fixture
def file(live: LiveDesk, desks: dict[str, Desk]) -> Callable[..., int]:
    """Files a ticket at a vendor in somebody's name; answers its number."""

    def file(vendor: str, subject: str, *, by: str = "alice", **said: object) -> int:
        desk = desks[vendor]
        with live.at_hand(), vendor_scope(desk.vendor):
            code = str(said.pop("priority", "P1" if vendor == "orocloud" else "High"))
            facts: dict[str, object] = {"body": "It answers 502 since the morning.", "project": desk.project}
            who: Membership = getattr(desk, by)
            ticket: Ticket = actions.open_ticket(
                by=who,
                at=database_now(),
                subject=subject,
                priority=desk.priority(code),
                **(facts | said),  # type: ignore[arg-type]
            )
            return ticket.number

    return file


def clean(visit: Visit, what: str) -> None:
    """Looked at by axe and by people."""
    visit.shoot(what)
    visit.fits()
    assert faults_of(visit.page) == []


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_linked_then_merged_and_undone(visit: Begin, file: Callable[..., int], width: int, dark: bool) -> None:
    one = file("orocloud", f"The checkout answers 502 ({width})")
    two = file("orocloud", f"Payments fail since this morning ({width})")
    carol = visit("carol", "orocloud", width=width, dark=dark)
    carol.go(f"desk/tickets/{one}/")
    carol.page.get_by_text("Linked tickets").click()
    carol.page.get_by_text("Link with another ticket").click()
    carol.page.get_by_label("This ticket is").select_option("Duplicate of")
    carol.page.get_by_label("Number or words").fill(f"Payments fail ({width})")
    carol.page.locator(f"#link-options option[value='{two}']").wait_for(state="attached")
    carol.press("Link")
    carol.sees(f"Linked with #{two}.")
    clean(carol, "ticket-linked")
    carol.page.get_by_role("button", name=f"Remove the link with #{two}").click()
    carol.press("Undo")
    carol.sees("Linked again.")

    carol.page.get_by_role("link", name="Merge into another ticket").click()
    carol.page.get_by_label("Merge into").fill(str(two))
    carol.page.locator("#into-options option:only-child").wait_for(state="attached")
    carol.press("Show what happens")
    carol.sees("The earlier receipt counts")
    clean(carol, "merge")
    carol.press(f"Merge into #{two}")
    carol.page.wait_for_url(f"**/desk/tickets/{two}/**")
    carol.sees(f"From #{one}")
    clean(carol, "merged")
    alice = visit("alice", "orocloud", width=width, dark=dark)
    alice.go(f"tickets/{one}/")
    clean(alice, "merged-portal")
    alice.page.get_by_role("link", name=f"Go on in #{two}").click()
    alice.sees(f"From #{one}")
    carol.page.get_by_role("button", name="Undo").first.click()
    carol.sees("Separated again.")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_what_was_typed_goes_along_to_the_ticket_that_goes_on(
    visit: Begin, file: Callable[..., int], live: LiveDesk, desks: dict[str, Desk], width: int, dark: bool
) -> None:
    closed, goes_on = file("orocloud", "Checkout is down"), file("orocloud", "Checkout answers 502")
    carol, desk = visit("carol", "orocloud", width=width, dark=dark), desks["orocloud"]
    box = carol.page.get_by_label("Your message")
    carol.go(f"desk/tickets/{goes_on}/")
    box.fill("We look into it.")
    carol.go(f"desk/tickets/{closed}/")
    carol.page.get_by_text("Internal note", exact=True).click()
    box.fill("It is the cache again.")
    carol.page.get_by_text("Reply", exact=True).click()
    expect(box).to_have_value("")
    box.fill("The cache is emptied.")
    with live.at_hand(), vendor_scope(desk.vendor):
        of = Ticket.objects.get(number=closed)
        actions.merge(of, into=Ticket.objects.get(number=goes_on), by=desk.dan, at=database_now())
    carol.press("Send reply")
    carol.sees("Not sent yet: this ticket was merged into another while you were writing")
    expect(box).to_have_value("The cache is emptied.")
    clean(carol, "moved")
    carol.press(f"Take this text to #{goes_on}")
    carol.page.wait_for_url(f"**/desk/tickets/{goes_on}/#composer")
    carol.sees(f"What you wrote on #{closed} is below; it is not sent yet.")
    expect(box).to_have_value("We look into it.\n\nThe cache is emptied.")
    carol.shoot("moved-there")
    carol.page.get_by_text("Internal note", exact=True).click()
    expect(box).to_have_value("It is the cache again.")
    carol.page.get_by_text("Reply", exact=True).click()
    carol.press("Send reply")
    carol.sees("Reply sent to Alice.")
    conversation = carol.page.get_by_role("region", name="Conversation")
    expect(conversation.get_by_text("The cache is emptied.")).to_be_visible()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_what_is_written_goes_where_the_ticket_went(
    visit: Begin, file: Callable[..., int], live: LiveDesk, desks: dict[str, Desk], width: int, dark: bool
) -> None:
    desk = desks["orocloud"]
    gone, into = file("orocloud", f"Checkout 502 again ({width})"), file("orocloud", f"Everything is down ({width})")
    carol = visit("carol", "orocloud", width=width, dark=dark)
    carol.go(f"desk/tickets/{gone}/")
    carol.page.get_by_text("Internal note", exact=True).first.click()
    carol.page.get_by_label("Your message").fill(f"The cache was full ({width}).")
    carol.page.get_by_label("Attach files").set_input_files(
        {"name": "trace.log", "mimeType": "text/plain", "buffer": b"boom"}
    )
    with live.at_hand(), vendor_scope(desk.vendor):
        tickets = {number: Ticket.objects.get(number=number) for number in (gone, into)}
        actions.merge(tickets[gone], into=tickets[into], by=desk.dan, at=database_now())
    carol.page.get_by_role("button", name="Add internal note").click()
    carol.sees("Not sent yet: this ticket was merged into another while you were writing")
    expect(carol.page.get_by_label("Your message")).to_have_value(f"The cache was full ({width}).")
    clean(carol, "merged-while-writing")
    carol.press(f"Send it to #{into}")
    carol.page.wait_for_url(f"**/desk/tickets/{into}/**")
    note = carol.page.get_by_role("article").filter(has_text=f"The cache was full ({width}).")
    expect(note).to_be_visible()
    expect(note.get_by_role("link", name="trace.log")).to_be_visible()
    carol.go(f"desk/tickets/{gone}/")
    carol.sees(f"#{into} Everything is down ({width})")
    clean(carol, "writing-on-merged")


def test_a_message_is_split_off(visit: Begin, file: Callable[..., int], live: LiveDesk, desks: dict[str, Desk]) -> None:
    number = file("orocloud", "Two matters in one")
    desk = desks["orocloud"]
    with live.at_hand(), vendor_scope(desk.vendor):
        ticket = Ticket.objects.get(number=number)
        actions.reply(ticket, by=desk.alice, at=database_now(), body="By the way, the logo is blurred.")
    carol = visit("carol", "orocloud")
    carol.go(f"desk/tickets/{number}/")
    message = carol.page.get_by_role("article").filter(has_text="the logo is blurred")
    message.hover()
    message.get_by_role("link", name="Split off into a new ticket").click()
    clean(carol, "split")
    carol.page.get_by_label("Subject of the new ticket").fill("Blurred logo")
    carol.press("File the new ticket")
    expect(carol.page.get_by_role("heading", name="Blurred logo")).to_be_visible()
    carol.sees(re.compile(f"split it off from #{number}"))
    clean(carol, "split-off")


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (390, False)])
def test_out_of_scope_is_forwarded_to_sales(visit: Begin, file: Callable[..., int], width: int, dark: bool) -> None:
    number = file("drud", f"Please tune the performance of our theme ({width})", priority="Medium")
    carol = visit("carol", "drud", width=width, dark=dark)
    carol.go(f"desk/tickets/{number}/")
    carol.page.get_by_text("Scope", exact=True).click()
    carol.page.get_by_role("link", name="Decide the scope").click()
    clean(carol, "scope-choices")
    carol.page.get_by_role("link", name=re.compile("Consultative support")).click()
    carol.page.get_by_label("Reason").fill("Wants the theme tuned.")
    clean(carol, "scope-forward")
    carol.press("Forward and tell the customer")
    carol.sees("our sales colleagues take this over")
    clean(carol, "scope-decided")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_a_fee_is_asked_for_and_agreed_to(visit: Begin, file: Callable[..., int], width: int, dark: bool) -> None:
    number = file("drud", f"Our site runs version 6 ({width})", priority="Medium")
    carol = visit("carol", "drud", width=width, dark=dark)
    carol.go(f"desk/tickets/{number}/scope/?exclusion=legacy-versions")
    carol.page.get_by_label("Reason").fill("Version 6 is no longer supported.")
    carol.page.get_by_label("What it costs").fill("4 hours at 150 USD")
    carol.press("Ask the customer to agree")
    carol.sees("No work yet: the customer has not agreed to the fee")
    carol.go(f"desk/tickets/{number}/issues/")
    carol.page.get_by_label("What is asked for").select_option("Hotfix")
    carol.page.get_by_label("Title of the issue").fill("Cache is never cleared")
    carol.page.get_by_label("Address of the issue").fill("https://tracker.example/7")
    clean(carol, "issue")
    carol.press("Add the issue")
    clean(carol, "fee-and-hotfix")
    alice = visit("alice", "drud", width=width, dark=dark)
    alice.go(f"tickets/{number}/")
    clean(alice, "fee-portal")
    alice.page.get_by_role("link", name="Read and answer").click()
    clean(alice, "fee-answer")
    alice.press("I agree")
    alice.sees("Additional fee agreed")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_the_timer_runs_on_and_the_day_shows_it(visit: Begin, file: Callable[..., int], width: int, dark: bool) -> None:
    number = file("platformsh-apps", f"Flickering cart ({width})", priority="P2")
    dan = visit("dan", "platformsh-apps", width=width, dark=dark)
    dan.go(f"desk/tickets/{number}/")
    dan.press("Assign to me")
    dan.sees("You have it")
    dan.page.get_by_text("Time and calls").click()
    dan.press("Start the timer")
    dan.sees(re.compile(r"The timer runs"))
    dan.page.get_by_role("link", name="Arrange a call-back").click()
    dan.page.get_by_label("Telephone number").fill("+49 30 901820")
    dan.page.get_by_label("Call at").fill(dan.page.evaluate("new Date(Date.now() + 9e5).toISOString().slice(0, 16)"))
    clean(dan, "call-arranged")
    dan.go(f"desk/tickets/{number}/conference/")
    dan.press("Put it on the ticket")
    dan.sees("the customer has the same link")
    clean(dan, "timer")
    dan.go("desk/day/")
    dan.sees(f"Flickering cart ({width})")
    expect(dan.page.locator("[data-timer]")).to_have_text(re.compile(r"\d+ (s|min)"))
    clean(dan, "day")
    dan.press("Stop and log")
    dan.sees(re.compile(rf"minutes? logged on #{number}"))
    alice = visit("alice", "platformsh-apps", width=width, dark=dark)
    alice.go(f"tickets/{number}/")
    expect(alice.page.get_by_role("link", name="Join")).to_be_visible()
    clean(alice, "meeting-portal")
    dan.go("desk/time/")
    clean(dan, "time")
    dan.go(f"desk/tickets/{number}/")
    dan.page.get_by_role("link", name=re.compile("^Correct .* of Dan")).click()
    dan.sees("What it said before stays in the audit log.")
    clean(dan, "time-entry")
    dan.press("Delete")
    dan.sees(re.compile("taken off this ticket"))
    clean(dan, "time-undo")
    dan.press("Undo")
    dan.sees(re.compile("1 minute is back on this ticket|minutes are back on this ticket"))
