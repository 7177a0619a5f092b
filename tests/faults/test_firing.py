"""Clocks come due while workers are killed, start together, or meet a row that is broken: each is broken once, dated
at its due instant, and everybody concerned is told once.

``FAULTS_FULL=1`` kills two hundred workers instead of forty.
"""

from __future__ import annotations

import os
import random
import signal
import time
from datetime import timedelta
from pathlib import Path

import pytest

from sla.models import Clock
from sla.reactions import TIMER
from supportdesk.notifications.models import KeptMail
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.health import engine
from supportdesk.timers.models import Heartbeat, Timer
from supportdesk.timers.watch import Watch, look
from tests.cast import Desk
from tests.faults.figures import Figures
from tests.faults.messages import Record
from tests.faults.promises import LEASE_AND_MORE, SOON, breached, check_once, crowd, everybody_is_told, overdue
from tests.sla.test_reactions import HOUR, filed
from tests.workers import PATIENCE, Workers, database_now, eventually
from tickets import actions
from tickets.models import Event
from tickets.models.event import Kind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]

KILLS = 200 if os.environ.get("FAULTS_FULL") else 40
CLOCKS = 5_000
HERD = 10_000
LATER = timedelta(seconds=8)
"""Within this even a busy machine files a ticket and stops a worker."""


def test_workers_killed_at_random_while_clocks_come_due(
    desk: Desk, workers: Workers, figures: Figures, record_property: Record
) -> None:
    """A new worker is killed within a moment of finding what came due since the last one died: before, in the middle
    of or after its transaction. A rehearsal and the first one are watched, to learn how long that takes here, so that
    the clocks come due over all of the killing, however slow the machine is."""
    chance = random.Random(KILLS)
    workers.start("first").kill()  # what all of them load is loaded
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
    with figures.recovery(within=60):
        workers.start("survivor")
        eventually(lambda: not overdue(desk), workers.log)
    eventually(lambda: breached(desk) == CLOCKS, workers.log, seconds=spread.total_seconds() + LEASE_AND_MORE)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, CLOCKS)
    again = KeptMail.objects.count() - KeptMail.objects.values("message_id").distinct().count()
    record_property("kills", f"{KILLS} in {lasted:.0f} s, {fired_before_death} of them after firing")
    record_property("died with clocks overdue", met_by_death)
    record_property("e-mails sent again", again)
    figures.check(fire=60, send=LEASE_AND_MORE, oldest=60)


@pytest.mark.parametrize("boundary", ["before-fire", "after-fire"])
def test_killed_before_and_after_the_commit_that_breaks_promises(
    boundary: str, desk: Desk, workers: Workers, figures: Figures, tmp_path: Path
) -> None:
    """None of the effects, or all of them; never half."""
    crowd(desk, 200, due_at=database_now())
    mark = tmp_path / boundary
    mortal = workers.start("mortal", SUPPORTDESK_KILL_AT=f"{boundary}:{mark}")
    assert mortal.wait(PATIENCE) == -signal.SIGKILL
    assert mark.exists()
    count = breached(desk)
    assert count == (0 if boundary == "before-fire" else 200)
    with vendor_scope(desk.vendor):
        assert Event.objects.filter(kind=Kind.SLA_BREACHED).count() == count
    with figures.recovery(within=30):
        workers.start("survivor")
        eventually(lambda: breached(desk) == 200, workers.log)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, 200)
    figures.check(fire=30, send=LEASE_AND_MORE, oldest=30)


def test_killed_before_the_due_instant_and_started_after_it(desk: Desk, workers: Workers, figures: Figures) -> None:
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
    with figures.recovery(within=30):
        workers.start("second")
        eventually(lambda: breached(desk) == 1, workers.log)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, 1)
    figures.check(fire=60, send=60, oldest=60)
    with vendor_scope(desk.vendor):
        assert Event.objects.get(kind=Kind.SLA_BREACHED).at == due_at
    overdue = KeptMail.objects.filter(subject__contains="Overdue: First response").values_list("recipients", flat=True)
    assert sorted(overdue) == [f"{name}@orocloud.example" for name in ("carol", "dan", "erin")]


def test_a_herd_at_one_moment_and_several_pumps(
    desk: Desk, workers: Workers, figures: Figures, record_property: Record
) -> None:
    """Four workers are awake when ten thousand clocks come due at one instant: each is fired by one of them."""
    for name in ("first", "second", "third", "fourth"):
        workers.start(name)
    crowd(desk, HERD, due_at=database_now() + SOON)
    eventually(lambda: breached(desk) == HERD, workers.log)
    eventually(lambda: everybody_is_told(desk), workers.log, seconds=LEASE_AND_MORE)
    check_once(desk, HERD)
    eventually(lambda: sum(Heartbeat.objects.values_list("fired", flat=True)) >= HERD, workers.log)
    record_property("fired by each", sorted(Heartbeat.objects.values_list("fired", flat=True)))
    figures.check(fire=30, send=LEASE_AND_MORE, oldest=30)


def test_a_broken_row_is_set_aside_while_the_others_fire(desk: Desk, workers: Workers, figures: Figures) -> None:
    """At its eighth failure, which the operators are told of."""
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
    health = engine()
    assert (health.reason, health.quarantined) == ("", 1)
    at = database_now()
    began = Watch(began_at=at - HOUR)
    _, word = look(began, reason="", oldest_due_seconds=0, set_aside=health.quarantined, at=at)
    assert word is not None
    assert word.subject == "supportdesk has set timers aside"
    figures.check(fire=30, send=LEASE_AND_MORE, oldest=30)
