"""A real worker process, killed and started again: the database remembers what it had to do."""

from __future__ import annotations

import signal
import time
from datetime import datetime, timedelta

import pytest

from supportdesk.accounts.models import Membership, Role, User, Vendor
from supportdesk.notifications.actions import tell
from supportdesk.notifications.models import Delivery, DeliveryState, KeptMail
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Heartbeat
from tests.workers import Workers, database_now, eventually

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.faults]


@pytest.fixture
def alice(oro: Vendor) -> Membership:
    with vendor_scope(oro):
        user = User.objects.create(name="Alice", email="alice@oro.example")
        member: Membership = Membership.objects.create(user=user, role=Role.AGENT)
        return member


def tell_at(alice: Membership, at: datetime, key: str) -> None:
    with vendor_scope(alice.vendor_id):
        tell(
            [alice],
            kind="reminder",
            title="It is time",
            body="",
            path="/oro/inbox/",
            key=key,
            at=at,
            channels=("email",),
        )


def states(vendor: Vendor) -> list[tuple[str, int]]:
    with vendor_scope(vendor):
        return list(Delivery.objects.order_by("id").values_list("state", "attempts"))


def test_killed_before_the_due_instant_and_started_after_it_sends_once(
    oro: Vendor, alice: Membership, workers: Workers
) -> None:
    first = workers.start("first")
    due_at = database_now() + timedelta(seconds=1.5)
    tell_at(alice, due_at, "reminder-1")
    first.send_signal(signal.SIGKILL)
    first.wait(10)
    eventually(lambda: database_now() > due_at, workers.log)
    assert states(oro) == [(DeliveryState.PENDING, 0)]

    second = workers.start("second")
    eventually(lambda: states(oro) == [(DeliveryState.SENT, 1)], workers.log)
    assert KeptMail.objects.count() == 1

    before = time.monotonic()
    tell_at(alice, database_now(), "reminder-2")
    eventually(lambda: KeptMail.objects.count() == 2, workers.log)
    assert time.monotonic() - before < 2

    second.terminate()
    assert second.wait(20) == 0
    assert not Heartbeat.objects.filter(worker="second@test").exists()
    assert KeptMail.objects.count() == 2


def test_two_workers_send_each_message_once(oro: Vendor, alice: Membership, workers: Workers) -> None:
    workers.start("first")
    workers.start("second")
    at = database_now() + timedelta(seconds=1)
    for number in range(40):
        tell_at(alice, at, f"reminder-{number}")
    eventually(lambda: {state for state, _ in states(oro)} == {DeliveryState.SENT}, workers.log)
    assert states(oro) == [(DeliveryState.SENT, 1)] * 40
    assert KeptMail.objects.count() == KeptMail.objects.values("message_id").distinct().count() == 40
