"""A promise is broken while people watch: on the timeline, by e-mail and on the open page, dated at the due instant.

How soon after it depends on the machine: it is printed and not asserted. On a free one 0.1 s, 0.2 s and 1.5 s.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from supportdesk.notifications.models import KeptMail
from supportdesk.tenancy.scope import vendor_scope
from tests.browser.live import LiveDesk, database_now
from tests.browser.visit import Visit
from tests.cast import Desk
from tickets import actions
from tickets.models import Event, Ticket
from tickets.models.event import Kind

PROMISED = timedelta(hours=4)
"""OroCloud: "4 hours for P1 issues"."""
AHEAD = timedelta(seconds=45)
"""Until the breach: a busy machine has to show the page before it."""
PATIENCE = timedelta(seconds=120)


def test_a_breach_is_on_the_timeline_in_the_mail_and_on_the_open_page(
    live: LiveDesk, desks: dict[str, Desk], visit: Callable[..., Visit], capsys: pytest.CaptureFixture[str]
) -> None:
    oro = desks["orocloud"]
    dan = visit("dan", "orocloud")
    with live.at_hand(), vendor_scope(oro.vendor):
        due_at = database_now() + AHEAD
        ticket = called_in(oro, due_at)
    dan.go(f"desk/tickets/{ticket.number}/")
    expect(dan.group("Clocks")).to_contain_text(re.compile(r"due in \d+ s"))
    with live.at_hand(), vendor_scope(oro.vendor):
        on_timeline, in_mail = watch(ticket, due_at)
    conversation = dan.page.get_by_role("region", name="Conversation")
    expect(conversation).to_contain_text(re.compile("First response was due .*: breached"))
    with live.at_hand():
        on_page = database_now() - due_at
    expect(dan.group("Clocks")).to_contain_text("overdue by")
    dan.shoot("breach-desk")
    dan.page.goto("/demo/mail/")
    dan.sees(re.compile(rf"Overdue: First response of #{ticket.number}"))
    dan.shoot("breach-mail")
    with live.at_hand(), vendor_scope(oro.vendor):
        (breach,) = Event.objects.filter(ticket=ticket, kind=Kind.SLA_BREACHED)
        mails = KeptMail.objects.filter(subject__contains=f"Overdue: First response of #{ticket.number}")
        told = sorted(mails.values_list("recipients", flat=True))
        actions.resolve(ticket, by=oro.carol, at=database_now())
    with capsys.disabled():
        print(  # noqa: T201 - a figure for whoever runs it
            f"\nafter the due instant: timeline {on_timeline.total_seconds():.2f} s, "
            f"e-mail {in_mail.total_seconds():.2f} s, open page {on_page.total_seconds():.2f} s"
        )
    assert breach.at == due_at, "the instant recorded is the true one"
    assert [name.split("@")[0] for name in told] == ["carol", "dan", "erin"], "assignee and leads, each once"


def called_in(oro: Desk, due_at: datetime) -> Ticket:
    """A ticket that Carol files and takes for Alice, who made contact so long ago that the answer is due then."""
    ticket = actions.open_ticket(
        by=oro.carol,
        requester=oro.alice,
        at=database_now(),
        contact_at=due_at - PROMISED,
        project=oro.project,
        priority=oro.priority("P1"),
        subject="Nobody can sign in since the night",
        body="She called and could not say more.",
    )
    actions.assign(ticket, to=oro.carol, by=oro.carol, at=database_now())
    return ticket


def watch(ticket: Ticket, due_at: datetime) -> tuple[timedelta, timedelta]:
    """How long after the due instant the breach stood on the timeline, and its e-mail to Dan was sent."""
    subject = f"Overdue: First response of #{ticket.number}"
    looks = {
        "timeline": Event.objects.filter(ticket=ticket, kind=Kind.SLA_BREACHED),
        "mail": KeptMail.objects.filter(subject__contains=subject, recipients__contains="dan@"),
    }
    found: dict[str, timedelta] = {}
    while len(found) < len(looks):
        for name, rows in looks.items():
            if name not in found and rows.exists():
                found[name] = database_now() - due_at
        assert database_now() < due_at + PATIENCE, f"only {found}"
        time.sleep(0.02)
    return found["timeline"], found["mail"]
