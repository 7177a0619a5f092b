"""What is due is fired, in due order, once; what fails is set aside with its error while the rest goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import NoScope, all_vendors, current_vendor_id, vendor_scope
from supportdesk.timers import actions as timers
from supportdesk.timers import lateness, registry
from supportdesk.timers.firing import fire_due, fire_round
from supportdesk.timers.models import Timer
from supportdesk.timers.registry import DueTimer
from tests.timers.recorder import Recorder

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
Row = dict[str, Any]


def rows(vendor: Vendor) -> dict[int, Row]:
    with vendor_scope(vendor):
        return {row["subject_id"]: dict(row) for row in Timer.objects.values()}


def set_due(vendor: Vendor, kind: str = "alarm", **seconds: int) -> None:
    """``set_due(oro, s1=5)``: subject 1 is due five seconds after noon."""
    with vendor_scope(vendor):
        timers.set_many(kind, {int(name[1:]): NOON + SECOND * after for name, after in seconds.items()})


def database_now() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        now: datetime = cursor.fetchone()[0]
        return now


def test_a_batch_of_one_vendor_and_kind_is_handed_over_in_due_order(oro: Vendor, alarms: Recorder) -> None:
    set_due(oro, s1=30, s2=10, s3=20)
    assert fire_due(until=NOON + SECOND * 60) == 3
    assert alarms.calls == [[2, 3, 1]]
    assert alarms.at == [NOON + SECOND * 60]


def test_an_answer_at_the_due_instant_is_in_time(oro: Vendor, alarms: Recorder) -> None:
    set_due(oro, s1=0)
    assert fire_due(until=NOON) == 0
    assert fire_due(until=NOON + timedelta(microseconds=1)) == 1


def test_vendors_are_fired_apart_each_in_its_own_scope(oro: Vendor, drud: Vendor) -> None:
    seen: list[tuple[int | None, list[int]]] = []

    def handler(due: Sequence[DueTimer], *, at: datetime) -> None:
        seen.append((current_vendor_id(), [each.subject_id for each in due]))
        assert set(Timer.objects.values_list("vendor_id", flat=True)) == {current_vendor_id()}

    registry.register("alarm", handler)
    set_due(oro, s1=2, s2=4)
    set_due(drud, s1=1, s2=3)
    assert fire_due(until=NOON + SECOND * 60) == 4
    assert seen == [(drud.pk, [1, 2]), (oro.pk, [1, 2])]


def test_a_fired_timer_does_not_fire_again(oro: Vendor, alarms: Recorder) -> None:
    set_due(oro, s1=0)
    fire_due(until=NOON + SECOND)
    assert fire_due(until=NOON + SECOND * 60) == 0
    assert alarms.subjects == [1]
    assert rows(oro)[1]["due_at"] is None


def test_its_handler_may_set_it_anew(oro: Vendor) -> None:
    def every_minute(due: Sequence[DueTimer], *, at: datetime) -> None:
        timers.set_many("alarm", {each.subject_id: each.due_at + timedelta(minutes=1) for each in due})

    registry.register("alarm", every_minute)
    set_due(oro, s1=0)
    assert sum(fire_due(until=NOON + timedelta(minutes=3)) for _ in range(5)) == 3
    assert rows(oro)[1]["due_at"] == NOON + timedelta(minutes=3)


def test_after_an_outage_the_longest_due_comes_first_batch_by_batch(oro: Vendor, alarms: Recorder) -> None:
    with vendor_scope(oro):
        timers.set_many("alarm", {number: NOON + SECOND * (100 - number) for number in range(1, 26)})
    assert [fire_due(until=NOON + SECOND * 200, limit=10) for _ in range(4)] == [10, 10, 5, 0]
    assert alarms.subjects == list(range(25, 0, -1))


def test_without_until_the_databases_clock_decides(oro: Vendor, alarms: Recorder) -> None:
    now = database_now()
    with vendor_scope(oro):
        timers.set_many("alarm", {1: now - SECOND * 5, 2: now + timedelta(hours=1)})
    result = fire_round()
    assert result.fired == 1
    assert result.next_in == pytest.approx(3600, abs=30)
    assert now <= alarms.at[0] <= now + timedelta(minutes=1)
    late = lateness.take_summary()
    assert late is not None
    assert late.fired == 1
    assert 5 <= late.longest < 60


def test_kinds_that_this_process_does_not_know_wait_for_one_that_does(oro: Vendor, alarms: Recorder) -> None:
    set_due(oro, kind="of-the-next-release", s1=0)
    assert fire_due(until=NOON + SECOND) == 0
    assert rows(oro)[1]["due_at"] == NOON


class TestFailures:
    @pytest.fixture
    def poisoned(self) -> Recorder:
        """Refuses subject 13, after having written something for it."""
        recorder = Recorder()

        def handler(due: Sequence[DueTimer], *, at: datetime) -> None:
            for each in due:
                timers.set("written", each.subject_id, at)
                if each.subject_id == 13:
                    raise ValueError("thirteen")
            recorder(due, at=at)

        registry.register("alarm", handler)
        return recorder

    def test_one_poison_row_does_not_hold_up_the_rest(self, oro: Vendor, poisoned: Recorder) -> None:
        set_due(oro, s12=0, s13=1, s14=2)
        fire_due(until=NOON + SECOND * 60)
        assert poisoned.subjects == [12, 14]
        with vendor_scope(oro):
            written = Timer.objects.filter(kind="written").values_list("subject_id", flat=True)
            assert sorted(written) == [12, 14]

    def test_of_a_hundred_it_is_found_in_few_calls(self, oro: Vendor) -> None:
        calls: list[int] = []

        def handler(due: Sequence[DueTimer], *, at: datetime) -> None:
            calls.append(len(due))
            if any(each.subject_id == 13 for each in due):
                raise ValueError("thirteen")

        registry.register("alarm", handler)
        with vendor_scope(oro):
            timers.set_many("alarm", {subject: NOON + SECOND * subject for subject in range(1, 101)})
        assert fire_due(until=NOON + SECOND * 200) == 100
        assert len(calls) < 16
        assert [subject for subject, row in rows(oro).items() if row["attempts"]] == [13]

    def test_it_keeps_its_error_and_is_tried_again_later_by_the_databases_clock(
        self, oro: Vendor, poisoned: Recorder
    ) -> None:
        set_due(oro, s13=0)
        fire_due()
        row = rows(oro)[13]
        assert (row["attempts"], row["last_error"]) == (1, "ValueError: thirteen")
        assert database_now() < row["due_at"] <= database_now() + SECOND * 2

    def test_at_the_eighth_failure_it_is_set_aside(self, oro: Vendor, poisoned: Recorder) -> None:
        set_due(oro, s13=0)
        far = database_now() + timedelta(days=1)
        assert [fire_due(until=far) for _ in range(10)] == [1] * 8 + [0, 0]
        row = rows(oro)[13]
        assert row["attempts"] == 8
        assert row["quarantined_at"] is not None

    def test_a_success_forgets_the_failures_before_it(self, oro: Vendor, alarms: Recorder) -> None:
        set_due(oro, s1=0)
        with vendor_scope(oro):
            Timer.objects.update(attempts=5, last_error="ValueError")
        fire_due(until=NOON + SECOND)
        assert (rows(oro)[1]["attempts"], rows(oro)[1]["last_error"]) == (0, "")

    def test_an_error_of_the_database_in_one_row_leaves_the_transaction_usable(self, oro: Vendor) -> None:
        done: list[int] = []

        def handler(due: Sequence[DueTimer], *, at: datetime) -> None:
            for each in due:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1 / %s", [each.subject_id - 13])
            done.extend(each.subject_id for each in due)

        registry.register("alarm", handler)
        set_due(oro, s12=0, s13=1, s14=2)
        assert fire_due(until=NOON + SECOND * 60) == 3
        assert done == [12, 14]
        assert "division by zero" in rows(oro)[13]["last_error"]


class TestTaskLane:
    @pytest.fixture
    def sent(self) -> list[tuple[int, int]]:
        return []

    @pytest.fixture(autouse=True)
    def register(self, sent: list[tuple[int, int]]) -> None:
        def handler(subject_id: int, *, vendor_id: int, fence: int, at: datetime) -> None:
            with pytest.raises(NoScope):
                current_vendor_id()
            sent.append((subject_id, fence))

        registry.register("send", handler, lane="task", lease=timedelta(seconds=20))

    @pytest.fixture
    def published(self) -> list[DueTimer]:
        return []

    def test_it_is_left_alone_by_whoever_cannot_publish(self, oro: Vendor) -> None:
        set_due(oro, kind="send", s1=0)
        assert fire_due(until=NOON + SECOND) == 0

    @pytest.mark.django_db(transaction=True)
    def test_it_is_leased_by_the_databases_clock_and_published_after_the_commit(
        self, oro: Vendor, published: list[DueTimer]
    ) -> None:
        set_due(oro, kind="send", s1=0, s2=1)
        states: list[bool] = []

        def publish(due: Sequence[DueTimer]) -> None:
            states.append(connection.in_atomic_block)
            published.extend(due)

        assert fire_due(publish=publish) == 2
        assert [each.subject_id for each in published] == [1, 2]
        assert states == [False]
        assert database_now() < rows(oro)[1]["due_at"] <= database_now() + timedelta(seconds=20)
        assert fire_due(publish=publish) == 0


@pytest.mark.django_db(transaction=True)
class TestSeveralPumps:
    def test_two_share_the_work_and_neither_waits(self, oro: Vendor) -> None:
        set_due(oro, s1=0, s2=1, s3=2, s4=3)
        inside, go_on = threading.Event(), threading.Event()
        calls: list[list[int]] = []

        def handler(due: Sequence[DueTimer], *, at: datetime) -> None:
            calls.append([each.subject_id for each in due])
            if len(calls) == 1:
                inside.set()
                assert go_on.wait(10)

        registry.register("alarm", handler)

        def first_pump() -> None:
            try:
                fire_due(limit=2)
            finally:
                connection.close()

        thread = threading.Thread(target=first_pump)
        thread.start()
        try:
            assert inside.wait(10)
            assert fire_due() == 2
            assert fire_due() == 0
        finally:
            go_on.set()
            thread.join()
        assert calls == [[1, 2], [3, 4]]
        assert fire_due() == 0

    def test_what_a_killed_pump_held_is_fired_by_another(self, oro: Vendor, alarms: Recorder) -> None:
        set_due(oro, s1=0)
        with all_vendors("a pump that is killed in the middle"):
            assert fire_due() == 1
            transaction.set_rollback(True)
        assert fire_due() == 1
        assert alarms.calls == [[1], [1]]

    def test_when_a_person_holds_the_subject_the_pump_gives_way(self, oro: Vendor, drud: Vendor) -> None:
        """An action locks its ticket and then its timer; the pump holds the timer and wants the ticket."""
        fired: list[int] = []

        def handler(due: Sequence[DueTimer], *, at: datetime) -> None:
            wanted.set()
            time.sleep(0.05)  # the person now waits for the timer that this pump holds
            for each in due:
                Vendor.objects.select_for_update().get(pk=each.subject_id)
            fired.extend(each.subject_id for each in due)

        registry.register("alarm", handler)
        with vendor_scope(oro):
            timers.set_many("alarm", {oro.pk: NOON, drud.pk: NOON + SECOND})
        held, wanted, errors = threading.Event(), threading.Event(), []

        def person() -> None:
            try:
                with vendor_scope(oro):
                    Vendor.objects.select_for_update().get(pk=oro.pk)
                    held.set()
                    assert wanted.wait(10)
                    timers.set("alarm", oro.pk, NOON + timedelta(days=20_000))
            except Exception as error:  # noqa: BLE001 - reported by the test
                errors.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=person)
        thread.start()
        try:
            assert held.wait(10)
            assert fire_due() == 1
        finally:
            wanted.set()
            thread.join()
        assert errors == []
        assert fired == [drud.pk]
        assert rows(oro)[oro.pk]["due_at"] == NOON + timedelta(days=20_000)
