"""Promises that come due together, and what has become of them: each is broken once, dated at its due instant, and
everybody concerned is told once."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta

from django.db.models import F

from sla.models import Clock
from supportdesk.notifications.models import Delivery, DeliveryState, KeptMail, Notice
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import Desk
from tests.crowd import copies
from tests.sla.test_reactions import HOUR, filed
from tests.workers import database_now
from tickets import actions
from tickets.models import Event, Ticket
from tickets.models.event import Kind

SOON = timedelta(seconds=2)
LEASE_AND_MORE = 300.0


def crowd(desk: Desk, count: int, *, due_at: datetime, every: timedelta = timedelta(0)) -> None:
    """Carol's and Dan's P1 tickets, whose first responses come due one after the other."""
    with vendor_scope(desk.vendor):
        pattern = filed(desk, at=database_now() - HOUR)
        copies(pattern, count, due_at=due_at, every=every, assignees=[desk.carol, desk.dan])
        actions.resolve(pattern, by=desk.carol, at=database_now())


def breached(desk: Desk) -> int:
    with vendor_scope(desk.vendor):
        return Clock.objects.filter(breached_at__isnull=False).count()


def overdue(desk: Desk) -> int:
    """Clocks that are past their due instant and that nobody has noticed."""
    with vendor_scope(desk.vendor):
        return Clock.objects.open().filter(breached_at__isnull=True, due_at__lt=database_now()).count()


def everybody_is_told(desk: Desk) -> bool:
    with vendor_scope(desk.vendor):
        return not Delivery.objects.exclude(state=DeliveryState.SENT).exists()


def concerned(desk: Desk, ticket: Ticket) -> set[int]:
    """The assignee and the vendor's leads."""
    return {desk.dan.pk, desk.erin.pk} | ({ticket.assignee_id} if ticket.assignee_id else set())


def check_once(desk: Desk, count: int) -> None:
    """Every clock is broken once, at its due instant, and everybody concerned heard of each of them once."""
    with vendor_scope(desk.vendor):
        broken = dict(Clock.objects.filter(breached_at=F("due_at")).values_list("pk", "due_at"))
        assert len(broken) == count == Clock.objects.filter(breached_at__isnull=False).count()
        events = list(Event.objects.filter(kind=Kind.SLA_BREACHED).select_related("ticket"))
        assert {event.data["clock"]: event.at for event in events} == broken
        assert len(events) == count
        wanted = Counter((f"event-{event.pk}", pk) for event in events for pk in concerned(desk, event.ticket))
        told = Counter(Notice.objects.filter(kind=Kind.SLA_BREACHED).values_list("key", "membership_id"))
        assert told == wanted
        by_email: Counter[int] = Counter()
        for person, title in Delivery.objects.filter(kind=Kind.SLA_BREACHED).values_list("membership_id", "subject"):
            together = re.match(r"(\d+) promises", title)
            by_email[person] += int(together[1]) if together else 1
        assert by_email == Counter(pk for _, pk in wanted)
        references = set(Delivery.objects.filter(channel="email").values_list("reference", flat=True))
    # A worker that is killed after the e-mail went out and before it wrote so sends it again, under the same identity.
    assert set(KeptMail.objects.values_list("message_id", flat=True)) == references
