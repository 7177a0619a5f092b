"""From filing to reopening, at each of the five vendors in its own words, on a desk and on a phone.

Issue 2's walk: the customer files, the agent sees it on top with what is left, takes it, answers, waits for the
customer (a clock that is still running pauses and says so), the customer answers, resolves, and reopens.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.visit import Visit


@dataclass(frozen=True)
class Words:
    """How a vendor calls things, and what it promises at the priority that cannot wait."""

    vendor: str
    priority: str
    promised: str
    """On the form, beside the priority; empty where nothing is promised by the clock."""
    clock: str
    """At the desk, until the first answer."""
    due: str
    """What is left of it just after filing."""
    received: str
    working: str
    waiting: str
    waiting_for_you: str
    still_running: str = ""
    """The clock that runs on after the first answer, if any."""
    while_waiting: str = ""
    """What becomes of it while the customer is waited for: it "pauses", "runs" on, or "ends" until work goes on."""
    category: str = ""
    questions: dict[str, str] = field(default_factory=dict)
    attachment: bool = False


APPS = Words(
    vendor="platformsh-apps",
    priority="P1",
    promised="Choose P1 and we answer by",
    clock="First response",
    due=r"due in (2 h|1 h 59 min)",
    received="Received",
    working="In progress",
    waiting="Waiting for customer",
    waiting_for_you="Waiting for you",
    category="Availability",
    attachment=True,
)
DRUD = Words(
    vendor="drud",
    priority="Urgent",
    promised="",
    clock="First response (internal)",
    due=r"due in (1 h|59 min)",
    received="Received",
    working="In progress",
    waiting="Pending",
    waiting_for_you="Pending",
    still_running="Next update (internal)",
    while_waiting="ends",
    category="Problem resolution",
)
PLATFORM = Words(
    vendor="platformsh",
    priority="Critical",
    promised="Choose Critical and we answer by",
    clock="First response",
    due=r"due in (1 h|59 min)",
    received="Received",
    working="In progress",
    waiting="Waiting for customer",
    waiting_for_you="Waiting for you",
    still_running="Resolution",
    while_waiting="pauses",
)
COMMERCE = Words(
    vendor="commercetools",
    priority="S1",
    promised="Choose S1 and we answer by",
    clock="First response",
    due=r"due in (20|19) min",
    received="Received",
    working="In progress",
    waiting="Waiting for customer",
    waiting_for_you="Waiting for you",
    still_running="Next update",
    while_waiting="runs",
)
ORO = Words(
    vendor="orocloud",
    priority="P1",
    promised="Choose P1 and we answer by",
    clock="First response",
    due=r"due in (4 h|3 h 59 min)",
    received="Waiting for triage",
    working="In progress",
    waiting="Waiting for customer",
    waiting_for_you="Waiting for customer",
    category="Technical Request",
    questions={"License key": "NW-2041-7", "Company name": "Northwind"},
)
WALKS = [
    pytest.param(words, width, id=f"{words.vendor}-{width}")
    for width in (1280, 390)
    for words in (APPS, DRUD, PLATFORM, COMMERCE, ORO)
]


@pytest.mark.parametrize(("words", "width"), WALKS)
def test_from_filing_to_reopening(
    words: Words, width: int, visit: Callable[..., Visit], clear: Callable[[str], None]
) -> None:
    clear(words.vendor)
    subject = f"The shop answers 502 at the checkout ({width})"
    alice = visit("alice", words.vendor, width=width)
    number = files(alice, words, subject)
    carol = visit("carol", words.vendor, width=width)
    finds_it_on_top(carol, words, subject)
    takes_it(carol, words)
    answers(carol, words)
    waits_for_the_customer(carol, words)
    is_told_to_answer_and_does(alice, words, number)
    sees_the_clock_run_again(carol, words)
    resolves_and_reopens(alice, words)
    expect(carol.page.get_by_text("Reopened").filter(visible=True).first).to_be_visible()
    carol.shoot("8-desk-reopened")


def files(alice: Visit, words: Words, subject: str) -> int:
    page = alice.page
    page.get_by_role("main").get_by_role("link", name="File a ticket").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("File a ticket")
    if words.category:
        page.get_by_label("Category").select_option(label=words.category)
    for question, answer in words.questions.items():
        page.get_by_label(question).fill(answer)
    page.get_by_label("Production", exact=True).check()
    page.get_by_label("Subject").fill(subject)
    page.get_by_label("Description").fill("Since 08:10 **nobody** can pay.\n\n```\nupstream prematurely closed\n```")
    if words.attachment:
        log: FilePayload = {"name": "checkout.log", "mimeType": "text/plain", "buffer": b"08:10 502 /checkout\n" * 40}
        page.get_by_label("Attachments").set_input_files([log])
    priorities = alice.group("Priority")
    if words.promised:
        expect(priorities).to_contain_text(words.promised)
    else:
        expect(priorities).not_to_contain_text("we answer by")
    page.get_by_role("radio", name=re.compile(rf"^{words.priority}\b")).check()
    alice.shoot("1-portal-form")
    alice.fits()
    alice.press("File the ticket")
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    alice.sees(re.compile(r"Your request is filed as #\d+"))
    expect(alice.group("Where it stands").get_by_text(words.received, exact=True).first).to_be_visible()
    if words.attachment:
        expect(page.get_by_role("link", name="checkout.log").first).to_be_visible()
    alice.shoot("2-portal-filed")
    alice.fits()
    found = re.search(r"/tickets/(\d+)/", page.url)
    assert found is not None
    return int(found[1])


def finds_it_on_top(carol: Visit, words: Words, subject: str) -> None:
    page = carol.page
    expect(page.get_by_role("heading", level=1)).to_have_text("All open")
    rows = page.get_by_role("table").locator("tbody tr")
    expect(rows.first).to_contain_text(subject)
    expect(rows.first).to_contain_text(words.priority)
    expect(rows.first).to_contain_text(re.compile(words.due))
    assert rows.count() >= 3
    carol.shoot("3-desk-queue")
    carol.fits()
    page.get_by_role("link", name=subject).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(subject)
    clocks = carol.group("Clocks")
    expect(clocks).to_contain_text(words.clock)
    expect(clocks).to_contain_text(re.compile(words.due))
    expect(page.get_by_role("region", name="Conversation").get_by_text("nobody")).to_be_in_viewport()


def takes_it(carol: Visit, words: Words) -> None:
    carol.press("Assign to me")
    carol.sees("You have it")
    carol.sees(re.compile("Carol took it"))


def answers(carol: Visit, words: Words) -> None:
    carol.write("We see it too and are looking into it.")
    clocks = carol.group("Clocks")
    expect(clocks.get_by_role("link").filter(has_text=words.clock)).to_contain_text("met")
    if words.still_running:
        expect(clocks.get_by_role("link").filter(has_text=words.still_running)).to_contain_text("due in")
    carol.shoot("4-desk-answered")
    carol.fits()


def waits_for_the_customer(carol: Visit, words: Words) -> None:
    carol.press(words.waiting)
    carol.sees(re.compile(f"Carol set the status: {words.waiting}"))
    clocks = carol.group("Clocks")
    if words.while_waiting == "runs":
        expect(clocks.get_by_role("link").filter(has_text=words.still_running)).to_contain_text("due in")
    else:
        expect(clocks).not_to_contain_text("due in")
    if words.while_waiting == "pauses":
        clock = clocks.get_by_role("link").filter(has_text=words.still_running)
        expect(clock).to_contain_text("waiting for customer")
    carol.shoot("5-desk-waiting")


def is_told_to_answer_and_does(alice: Visit, words: Words, number: int) -> None:
    alice.go("tickets/?scope=mine&status=waiting")
    alice.page.get_by_role("link", name=re.compile(r"The shop answers 502")).first.click()
    assert alice.page.url.endswith(f"/tickets/{number}/")
    alice.sees("The support team is waiting for your answer")
    stands = alice.group("Where it stands")
    expect(stands.get_by_text(words.waiting_for_you, exact=True).first).to_be_visible()
    if words.while_waiting == "pauses":
        expect(stands).to_contain_text("waiting for your answer")
    expect(alice.page.get_by_role("region", name="Conversation")).to_contain_text("We see it too")
    alice.shoot("6-portal-waiting")
    alice.write("It began after last night's deployment.")
    expect(alice.page.get_by_text("The support team is waiting for your answer")).to_have_count(0)
    expect(stands.get_by_text(words.working, exact=True).first).to_be_visible()


def sees_the_clock_run_again(carol: Visit, words: Words) -> None:
    """The page follows by itself."""
    expect(carol.page.get_by_text("It began after last night's deployment.")).to_be_visible()
    if words.still_running:
        clock = carol.group("Clocks").get_by_role("link").filter(has_text=words.still_running).last
        expect(clock).to_contain_text("due in")
    expect(carol.page.get_by_role("button", name=words.waiting, exact=True)).to_be_visible()


def resolves_and_reopens(alice: Visit, words: Words) -> None:
    stands = alice.group("Where it stands")
    alice.press("Mark as resolved")
    expect(stands.get_by_text("Resolved", exact=True).first).to_be_visible()
    alice.sees(re.compile("You marked it as resolved"))
    alice.press("Reopen")
    expect(stands.get_by_text("Reopened", exact=True).first).to_be_visible()
    alice.sees(re.compile("You reopened it"))
    alice.shoot("7-portal-reopened")
    alice.fits()
