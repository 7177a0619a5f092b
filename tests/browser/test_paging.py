"""A night in the browser: an urgent ticket wakes who is on call, who answers by the e-mail's link; then it is over."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.db import transaction
from playwright.sync_api import expect

from escalation.models import Page
from plans.actions import load_contract
from supportdesk.accounts.models import Membership
from supportdesk.notifications import receipts
from supportdesk.notifications.incidents import KIND_OF_INCIDENT
from supportdesk.notifications.models import Delivery, DeliveryState, KeptMail
from supportdesk.tenancy.scope import vendor_scope
from tests.browser.axe import faults_of
from tests.browser.live import LiveDesk, database_now
from tests.browser.visit import Visit
from tests.cast import Desk, contract_of, without_policies
from tests.escalation.nights import on_call
from tickets import actions
from tickets.models import Event, Ticket
from tickets.models.event import Kind

VENDOR = "drud"
PATIENCE = 40.0


@pytest.fixture(scope="module")
def paging(everybody: tuple[LiveDesk, dict[str, Desk]]) -> Iterator[Desk]:
    """Drud's desk with its policies, Dan on call and Carol behind him; without them again afterwards."""
    live, desks = everybody
    desk = desks[VENDOR]
    contract, text = contract_of(VENDOR)
    with live.at_hand():
        load_contract(contract, by=None, at=database_now(), source_text=text)
        with vendor_scope(desk.vendor):
            on_call(desk.dan, desk.carol, rota="DDEV Live on-call")
    yield desk
    with live.at_hand():
        load_contract(without_policies(contract), by=None, at=database_now(), source_text=text)


def file_urgent(desk: Desk, subject: str) -> Ticket:
    return actions.open_ticket(
        by=desk.alice,
        at=database_now(),
        project=desk.project,
        priority=desk.priority("Urgent"),
        subject=subject,
        body="Every address answers 503 since ten past two.",
    )


def report(ticket: Ticket, *, to: Membership) -> None:
    """What carriers and services say of the first step: the text arrived, nobody took the call, the incident was
    refused for good."""
    page, at = Page.objects.get(ticket=ticket), database_now()
    step = Event.objects.filter(ticket=ticket, kind=Kind.PAGE_STEP).exclude(data__key="").earliest("pk")
    told = {"kind": "page", "occasion": step.data["key"], "membership": to, "state": "sent", "sent_at": at}
    Delivery.objects.filter(occasion=step.data["key"], channel="sms").delete()
    Delivery.objects.create(channel="sms", key=f"{page.pk}/sms", queued_at=at, delivered_at=at, seen_at=at, **told)
    lost = {"lost_at": at, "lost_because": "no-answer"}
    Delivery.objects.create(channel="voice", key=f"{page.pk}/voice", queued_at=at, **told, **lost)
    refused = Delivery.objects.create(
        channel="victorops",
        address="VictorOps",
        key=f"{page.pk}/victorops",
        kind=KIND_OF_INCIDENT,
        occasion=f"page-{page.pk}-trigger-1",
        payload={"action": "trigger"},
        state=DeliveryState.DEAD,
        last_error="404: no such routing key",
        queued_at=at,
    )
    with transaction.atomic():
        receipts.tell_of_loss([refused], at=at)


def link_in_the_mail(subject: str) -> str:
    """The path in the e-mail that woke Dan."""
    begin = time.monotonic()
    while time.monotonic() - begin < PATIENCE:
        mails = KeptMail.objects.filter(subject__contains=subject, recipients__contains="dan@").order_by("pk")
        for mail in mails:
            found = re.search(r"/drud/answers/[\w-]+/", mail.text)
            if found is not None:
                return found[0]
        time.sleep(0.1)
    raise AssertionError("no e-mail woke Dan")


def test_woken_answered_by_the_link_and_over(live: LiveDesk, paging: Desk, visit: Callable[..., Visit]) -> None:
    with live.at_hand(), vendor_scope(paging.vendor):
        ticket = file_urgent(paging, "Production answers 503")
    with live.at_hand():
        path = link_in_the_mail("Production answers 503")
    carol = visit("carol", VENDOR)
    carol.go("desk/pages/")
    carol.page.get_by_role("link", name="Production answers 503").click()
    carol.sees("Nobody answers for it yet.")
    carol.sees(re.compile("VictorOps is not set up"))
    carol.sees("What comes next, if nobody answers")
    phone = visit("nobody", VENDOR, width=390, sign_in=False)
    phone.page.goto(path)
    phone.sees("For Dan")
    phone.shoot("answer")
    phone.fits()
    phone.press("Acknowledge: I answer for it")
    phone.sees("It is yours.")
    phone.shoot("answered")
    expect(carol.page.get_by_text("Dan answers for it")).to_be_visible()  # the open page follows by itself
    carol.press("Open a bridge")
    expect(carol.page.get_by_role("link", name="Join the bridge")).to_have_attribute(
        "href", re.compile(rf"https://bridge\.drud\.example/{ticket.number}-\d+")
    )
    carol.page.get_by_label("Note on the page").fill("The node was replaced; moving the pod.")
    carol.press("Add the note")
    carol.sees("The node was replaced; moving the pod.")
    carol.shoot("page")
    carol.go(f"desk/tickets/{ticket.number}/")
    carol.sees(re.compile("Dan acknowledged by the e-mail’s link"))
    carol.shoot("page-ticket")
    with live.at_hand(), vendor_scope(paging.vendor):
        actions.resolve(ticket, by=paging.carol, at=database_now())
    carol.go("desk/pages/?view=resolved")
    carol.page.get_by_role("link", name="Production answers 503").click()
    carol.sees(re.compile("Carol resolved the page"))


def test_handing_over_and_resolving_by_hand(live: LiveDesk, paging: Desk, visit: Callable[..., Visit]) -> None:
    with live.at_hand(), vendor_scope(paging.vendor):
        ticket = file_urgent(paging, "Builds stand still")
    dan = visit("dan", VENDOR)
    dan.go(f"desk/tickets/{ticket.number}/")
    dan.group("Paging").or_(dan.page.locator("#ticket-paging")).get_by_role("button", name="Acknowledge").click()
    dan.go("desk/pages/?view=mine")
    dan.page.get_by_role("link", name="Builds stand still").click()
    dan.press("Next step now")
    dan.press("Acknowledge")  # what was said leaves, and covers no button any more
    dan.sees("Dan answers for it")
    dan.press("Hand to…")
    dan.page.get_by_label("Colleague").select_option(label="Carol")
    dan.press("Hand it over")
    dan.sees("Carol is asked to answer for it.")
    dan.press("Resolve…")
    dan.page.get_by_label(re.compile("Why")).fill("False alarm")
    dan.page.get_by_role("dialog").get_by_role("button", name="Resolve", exact=True).click()
    dan.sees(re.compile("Dan resolved the page: False alarm"))
    with live.at_hand(), vendor_scope(paging.vendor):
        actions.resolve(ticket, by=paging.carol, at=database_now())


def test_a_policy_is_written_and_tried_before_it_is_saved(paging: Desk, visit: Callable[..., Visit]) -> None:
    erin = visit("erin", VENDOR)
    erin.go("desk/policies/")
    erin.page.get_by_role("link", name="Edit Handed to DDEV Live Support").click()
    erin.page.get_by_label("Name").fill("Handed over")
    erin.press("Add a step")
    erin.page.get_by_label("Step 5", exact=True).select_option(label="Wait")
    erin.page.locator(".step").nth(4).get_by_label("Minutes").fill("15")
    erin.press("See what it comes to")
    erin.sees(re.compile("not for tickets like this one|At once|by inbox"))
    erin.shoot("builder")
    erin.press("Save the policy")
    erin.sees("Saved. What is open already runs on as it was.")
    erin.sees("Wait 15 min")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("dark", [pytest.param(False, id="light"), pytest.param(True, id="dark")])
def test_the_pages_break_no_rule(
    live: LiveDesk, paging: Desk, visit: Callable[..., Visit], dark: bool, width: int
) -> None:
    with live.at_hand(), vendor_scope(paging.vendor):
        subject = f"Unreachable at {width}{' by night' if dark else ''}"
        ticket = file_urgent(paging, subject)
    with live.at_hand():
        path = link_in_the_mail(subject)
    erin = visit("erin", VENDOR, width=width, dark=dark)
    faults: list[str] = []
    erin.go("desk/pages/")
    faults += examined(erin, "pages")
    erin.page.get_by_role("link", name=subject, exact=True).click()
    erin.sees("What was done")
    faults += examined(erin, "page-open")
    with live.at_hand(), vendor_scope(paging.vendor):
        report(ticket, to=paging.dan)
    erin.sees("VictorOps did not take the incident")  # the open page follows by itself
    erin.sees("not taken")
    faults += examined(erin, "page-reported")
    for name, address in (
        ("policies", "desk/policies/"),
        ("policy", f"desk/policies/urgent-and-high/?dry-number={ticket.number}"),
        ("builder", "desk/policies/urgent-and-high/edit/"),
        ("by-hand", f"desk/tickets/{ticket.number}/pages/"),
        ("ticket", f"desk/tickets/{ticket.number}/"),
    ):
        erin.go(address)
        faults += examined(erin, name)
    erin.page.goto(path)
    faults += examined(erin, "answer")
    dan = visit("dan", VENDOR, width=width, dark=dark)
    dan.go("inbox/")
    notice = dan.page.get_by_role("listitem").filter(has=dan.page.get_by_role("link", name=f": {subject}", exact=False))
    expect(notice.get_by_role("button", name="Acknowledge").first).to_be_visible()
    faults += examined(dan, "inbox")
    notice.get_by_role("button", name="Acknowledge").first.click()
    dan.sees("It is yours: nobody further is woken.")
    dan.go(f"desk/tickets/{ticket.number}/")
    dan.sees("Dan acknowledged from the inbox")
    expect(dan.page.locator("#ticket-paging")).to_contain_text("Dan answers for it")
    faults += examined(dan, "ticket-acknowledged")
    assert not faults, "\n".join(faults)
    with live.at_hand(), vendor_scope(paging.vendor):
        actions.resolve(ticket, by=paging.carol, at=database_now())


def examined(visit: Visit, name: str) -> list[str]:
    visit.shoot(f"paging-{name}")
    visit.fits()
    return faults_of(visit.page)
