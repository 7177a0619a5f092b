from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers import actions as timers
from supportdesk.timers import registry, tasks
from supportdesk.timers.models import Timer

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


@pytest.fixture
def epoch(oro: Vendor) -> int:
    with vendor_scope(oro):
        timers.set("send", 1, NOON)
        return Timer.objects.get().epoch


def test_a_run_begins_under_a_fence_of_its_own_and_ends_the_timer(oro: Vendor, epoch: int) -> None:
    fences: list[int] = []

    def handler(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
        fences.append(fence)
        with vendor_scope(vendor_id):
            assert timers.finish("send", subject_id, fence=fence)

    registry.register("send", handler, lane="task")
    assert tasks.carry_out("send", {1: epoch}, vendor_id=oro.pk)
    assert fences[0] > epoch
    with vendor_scope(oro):
        assert not Timer.objects.exists()


def test_of_two_copies_in_the_queue_only_the_first_runs(oro: Vendor, epoch: int) -> None:
    ran: list[int] = []

    def handler(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
        ran.append(fence)

    registry.register("send", handler, lane="task")
    assert tasks.carry_out("send", {1: epoch}, vendor_id=oro.pk)
    assert not tasks.carry_out("send", {1: epoch}, vendor_id=oro.pk)
    assert len(ran) == 1


def test_a_run_that_outlives_its_lease_can_no_longer_settle_anything(oro: Vendor, epoch: int) -> None:
    settled: list[bool] = []

    def second(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
        with vendor_scope(vendor_id):
            settled.append(timers.finish("send", subject_id, fence=fence))

    def first(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
        registry.ENTRIES["send"] = registry.Leased(second, registry.LEASE)
        tasks.carry_out("send", {1: fence}, vendor_id=vendor_id)  # the lease ended and another worker took over
        second(subject_id, vendor_id=vendor_id, fence=fence, at=at)

    registry.register("send", first, lane="task")
    tasks.carry_out("send", {1: epoch}, vendor_id=oro.pk)
    assert settled == [True, False]


def test_an_error_of_our_own_is_kept_and_set_aside_at_the_eighth_time(oro: Vendor, epoch: int) -> None:
    def handler(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
        raise LookupError("no such template")

    registry.register("send", handler, lane="task")
    for attempt in range(1, 9):
        with vendor_scope(oro):
            epoch = Timer.objects.get().epoch
        assert tasks.carry_out("send", {1: epoch}, vendor_id=oro.pk)
        with vendor_scope(oro):
            timer = Timer.objects.get()
        assert (timer.attempts, timer.last_error) == (attempt, "LookupError: no such template")
    assert timer.quarantined_at is not None
    assert not tasks.carry_out("send", {1: timer.epoch}, vendor_id=oro.pk)


def test_a_timer_cleared_while_its_task_waited_in_the_queue_is_not_run(oro: Vendor, epoch: int) -> None:
    def handler(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
        raise AssertionError("must not run")

    registry.register("send", handler, lane="task")
    with vendor_scope(oro):
        timers.clear("send", 1)
    assert not tasks.run.run("send", 1, oro.pk, epoch)


def test_retries_that_the_handler_asks_for_count_attempts(oro: Vendor, epoch: int) -> None:
    def handler(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
        with vendor_scope(vendor_id):
            timers.retry("send", subject_id, fence=fence, due_at=at + timedelta(seconds=5), error="503")

    registry.register("send", handler, lane="task")
    for expected in (1, 2, 3):
        with vendor_scope(oro):
            epoch = Timer.objects.get().epoch
        tasks.carry_out("send", {1: epoch}, vendor_id=oro.pk, at=NOON)
        with vendor_scope(oro):
            timer = Timer.objects.get()
        assert (timer.attempts, timer.due_at) == (expected, NOON + timedelta(seconds=5))
