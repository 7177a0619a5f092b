"""Who hears of alarms, and in how many messages."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from sla.notices import AT_ONCE, LISTED
from supportdesk.jinja import instant
from supportdesk.notifications.actions import muted
from supportdesk.notifications.models import Delivery, Notice
from supportdesk.timers.firing import fire_due
from tests.cast import MONDAY, Desk
from tests.crowd import copies
from tests.sla.test_reactions import HOUR, filed
from tickets.models import Event
from tickets.models.event import Kind

LATER = MONDAY + 30 * HOUR


def broken(desk: Desk, count: int) -> None:
    """So many of Carol's clocks come due at one moment, their warnings behind them, and are fired."""
    ticket = filed(desk)
    if count > 1:
        copies(ticket, count - 1, due_at=MONDAY + 4 * HOUR, assignees=[desk.carol])
    ticket.assignee = desk.carol
    ticket.save(update_fields=["assignee"])
    fire_due(until=LATER)
    assert Event.objects.filter(kind=Kind.SLA_BREACHED).count() == count


def emails_to_carol(desk: Desk) -> list[tuple[str, str]]:
    sent = Delivery.objects.filter(membership=desk.carol, kind=Kind.SLA_BREACHED).order_by("pk")
    return list(sent.values_list("subject", "body"))


def test_a_few_breaches_are_an_email_each(in_oro: Desk) -> None:
    broken(in_oro, AT_ONCE)
    assert len({subject for subject, _ in emails_to_carol(in_oro)}) == AT_ONCE
    assert Notice.objects.of(in_oro.carol).filter(kind=Kind.SLA_BREACHED).count() == AT_ONCE


def test_says_when_in_the_vendors_time_and_names_it(in_oro: Desk) -> None:
    in_oro.vendor.zone = "Europe/Kyiv"
    in_oro.vendor.save(update_fields=["zone"])
    broken(in_oro, 1)
    [(_, body)] = emails_to_carol(in_oro)
    event = Event.objects.get(kind=Kind.SLA_BREACHED)
    assert f"It was due at {instant(datetime.fromisoformat(event.data['due_at']), 'Europe/Kyiv')} and" in body
    assert " EET" in body


def test_many_at_once_are_one_email_that_names_them_and_a_notice_each(in_oro: Desk) -> None:
    broken(in_oro, AT_ONCE + 1)
    [(subject, body)] = emails_to_carol(in_oro)
    assert subject == f"{AT_ONCE + 1} promises are overdue"
    assert [f"#{number}," in body for number in range(1, AT_ONCE + 2)] == [True] * (AT_ONCE + 1)
    assert Notice.objects.of(in_oro.carol).filter(kind=Kind.SLA_BREACHED).count() == AT_ONCE + 1


def test_very_many_are_named_up_to_a_limit(in_oro: Desk) -> None:
    broken(in_oro, LISTED + 7)
    [(_, body)] = emails_to_carol(in_oro)
    lines = body.splitlines()
    assert (len(lines), lines[-1]) == (LISTED + 1, "- and 7 more")


def test_what_happened_before_a_history_was_brought_in_is_nobodys_news(in_oro: Desk) -> None:
    with muted(before=MONDAY + 5 * HOUR):
        broken(in_oro, AT_ONCE + 1)
    assert emails_to_carol(in_oro) == []
    assert not Notice.objects.filter(kind=Kind.SLA_BREACHED).exists()


def test_any_number_is_told_in_the_same_queries(in_oro: Desk) -> None:
    ticket = filed(in_oro)
    counted = []
    for hour, count in ((1, AT_ONCE + 1), (2, 60)):
        copies(ticket, count, due_at=MONDAY + hour * HOUR, assignees=[in_oro.carol])
        with CaptureQueriesContext(connection) as queries:
            fire_due(until=MONDAY + hour * HOUR + HOUR / 2)
        counted.append(len(queries))
    assert counted[0] == counted[1]
