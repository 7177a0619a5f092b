"""Clocks come due while workers are killed, start together, or meet a row that is broken: each is broken once, dated
at its due instant, and everybody concerned is told once.

``FAULTS_FULL=1`` kills two hundred workers instead of forty.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db.models import F

from sla.models import Clock
from sla.reactions import TIMER
from supportdesk.notifications.models import Delivery, DeliveryState, KeptMail, Notice
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Heartbeat, Timer
from tests.cast import Desk, make_desk
from tests.crowd import copies
from tests.sla.test_reactions import HOUR, filed
from tests.workers import Workers, database_now, eventually
from tickets import actions
from tickets.models import Event, Ticket
from tickets.models.event import Kind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

KILLS = 200 if os.environ.get("FAULTS_FULL") else 40
CLOCKS = 5_000
SOON = timedelta(seconds=2)
LATER = timedelta(seconds=20)
"""Within this even a busy machine files a ticket and stops a worker."""
LEASE_AND_MORE = 300.0


@pytest.fixture
def desk() -> Desk:
    """OroCloud's, with a first ticket that was answered long ago: the pattern of the others."""
    return make_desk("orocloud")


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
        references = set(Delivery.objects.values_list("reference", flat=True))
    # A worker that is killed after the e-mail went out and before it wrote so sends it again, under the same identity.
    assert set(KeptMail.objects.values_list("message_id", flat=True)) == references


def report(record: Callable[[str, object], None], **figures: object) -> None:
    for name, value in figures.items():
        record(name, value)


def test_workers_killed_at_random_while_clocks_come_due(
    desk: Desk, workers: Workers, record_property: Callable[[str, object], None]
) -> None:
    """A new worker is killed within a moment of finding what came due since the last one died: before, in the middle
    of or after its transaction. A rehearsal and the first one are watched, to learn how long that takes here, so that
    the clocks come due over all of the killing, however slow the machine is."""
    chance = random.Random(KILLS)
    began = time.monotonic()
    workers.start("rehearsal").kill()
    spread = timedelta(seconds=1.2 * KILLS * (time.monotonic() - began))
    begin = database_now() + SOON
    crowd(desk, CLOCKS, due_at=begin, every=spread / CLOCKS)
    eventually(lambda: database_now() > begin, workers.log)
    typical, fired_before_death, met_by_death = 0.0, 0, 0
    began_killing = time.monotonic()
    for number in range(KILLS):
        before = breached(desk)
        worker = workers.start(f"mortal-{number}")
        began = time.monotonic()
        if number == 0:
            eventually(lambda: breached(desk) > 0, workers.log)
            typical = time.monotonic() - began
        else:
            time.sleep(chance.uniform(0, 2 * typical))
        worker.send_signal(signal.SIGKILL)
        worker.wait(10)
        fired_before_death += breached(desk) > before
        met_by_death += overdue(desk) > 0
    lasted = time.monotonic() - began_killing
    workers.start("survivor")
    eventually(lambda: breached(desk) == CLOCKS, workers.log, seconds=spread.total_seconds() + LEASE_AND_MORE)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, CLOCKS)
    report(
        record_property,
        kills=KILLS,
        seconds=round(lasted),
        fired_before_death=fired_before_death,
        died_with_clocks_overdue=met_by_death,
        emails_sent_again=KeptMail.objects.count() - KeptMail.objects.values("message_id").distinct().count(),
    )


def test_killed_before_the_due_instant_and_started_after_it(desk: Desk, workers: Workers) -> None:
    first = workers.start("first")
    with vendor_scope(desk.vendor):
        ticket = filed(desk, at=database_now() - 4 * HOUR + LATER)
        actions.assign(ticket, to=desk.carol, by=desk.carol, at=database_now())
        due_at = Clock.objects.get(ticket=ticket).due_at
    assert due_at is not None
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    assert database_now() < due_at
    eventually(lambda: database_now() > due_at, workers.log)
    assert breached(desk) == 0
    workers.start("second")
    eventually(lambda: breached(desk) == 1, workers.log)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, 1)
    with vendor_scope(desk.vendor):
        assert Event.objects.get(kind=Kind.SLA_BREACHED).at == due_at
    overdue = KeptMail.objects.filter(subject__contains="Overdue: First response").values_list("recipients", flat=True)
    assert sorted(overdue) == [f"{name}@orocloud.example" for name in ("carol", "dan", "erin")]


def test_several_workers_and_pumps_at_one_moment(
    desk: Desk, workers: Workers, record_property: Callable[[str, object], None]
) -> None:
    """Two workers are awake when two thousand clocks come due at one instant."""
    workers.start("first")
    workers.start("second")
    crowd(desk, 2_000, due_at=database_now() + SOON)
    eventually(lambda: breached(desk) == 2_000, workers.log)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, 2_000)
    eventually(lambda: sum(Heartbeat.objects.values_list("fired", flat=True)) >= 2_000, workers.log)
    report(record_property, fired_by_each=sorted(Heartbeat.objects.values_list("fired", flat=True)))


def test_a_broken_row_is_set_aside_while_the_others_fire(desk: Desk, workers: Workers) -> None:
    due_at = database_now() + timedelta(seconds=8)
    crowd(desk, 300, due_at=due_at)
    with vendor_scope(desk.vendor):
        poisoned = Clock.objects.open().order_by("pk")[150]
        Clock.objects.filter(pk=poisoned.pk).update(target_key="contract.first_response.P0")
        Timer.objects.filter(kind=TIMER, subject_id=poisoned.ticket_id).update(attempts=7)
    workers.start("only")
    eventually(lambda: breached(desk) == 299, workers.log)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    with vendor_scope(desk.vendor):
        [timer] = Timer.objects.filter(quarantined_at__isnull=False)
        assert timer.subject_id == poisoned.ticket_id
        assert "UnknownTargetError" in timer.last_error
        assert "contract.first_response.P0" in timer.last_error
    check_once(desk, 299)
