from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import NoScope, all_vendors, vendor_scope
from supportdesk.timers import actions as timers
from supportdesk.timers.models import Timer

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


def only_timer() -> Timer:
    return Timer.objects.get()


def test_a_timer_is_named_by_kind_and_subject_and_setting_it_again_replaces_it(oro: Vendor) -> None:
    with vendor_scope(oro):
        timers.set("alarm", 1, NOON)
        timers.set("alarm", 1, NOON + timedelta(hours=1))
        assert only_timer().due_at == NOON + timedelta(hours=1)


def test_setting_anew_changes_the_epoch(oro: Vendor) -> None:
    with vendor_scope(oro):
        timers.set("alarm", 1, NOON)
        before = only_timer().epoch
        timers.set("alarm", 1, NOON + timedelta(hours=1))
        assert only_timer().epoch > before


def test_setting_to_the_same_instant_writes_nothing(oro: Vendor) -> None:
    with vendor_scope(oro):
        timers.set("alarm", 1, NOON)
        before = only_timer().epoch
        timers.set("alarm", 1, NOON)
        assert only_timer().epoch == before


def test_setting_forgets_earlier_failures_and_ends_a_quarantine(oro: Vendor) -> None:
    with vendor_scope(oro):
        timers.set("alarm", 1, NOON)
        Timer.objects.update(attempts=8, last_error="ValueError", quarantined_at=NOON)
        timers.set("alarm", 1, NOON)
        timer = only_timer()
        assert (timer.attempts, timer.last_error, timer.quarantined_at) == (0, "", None)


def test_clearing_and_setting_to_none_are_the_same(oro: Vendor) -> None:
    with vendor_scope(oro):
        timers.set_many("alarm", {1: NOON, 2: NOON})
        timers.clear("alarm", 1)
        timers.set("alarm", 2, None)
        timers.clear("alarm", 3)
        assert not Timer.objects.exists()


def test_many_are_set_and_cleared_in_two_statements(oro: Vendor) -> None:
    with vendor_scope(oro):
        timers.set_many("alarm", dict.fromkeys(range(25), NOON))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            timers.set_many(
                "alarm", {subject: NOON + timedelta(hours=1) if subject % 2 else None for subject in range(50)}
            )
        assert len(queries) == 2
        assert list(Timer.objects.order_by("subject_id").values_list("subject_id", flat=True)) == list(range(1, 50, 2))


def test_each_vendor_has_timers_of_its_own(oro: Vendor, drud: Vendor) -> None:
    with vendor_scope(oro):
        timers.set("alarm", 1, NOON)
    with vendor_scope(drud):
        timers.set("alarm", 1, NOON + timedelta(hours=1))
        timers.clear("alarm", 1)
    with vendor_scope(oro):
        assert only_timer().due_at == NOON


def test_a_timer_belongs_to_one_vendor_so_it_cannot_be_set_in_a_sweep(oro: Vendor) -> None:
    with pytest.raises(NoScope), all_vendors("a test"):
        timers.set("alarm", 1, NOON)
    with pytest.raises(NoScope):
        timers.set("alarm", 1, NOON)


class TestFence:
    @pytest.fixture
    def fence(self, oro: Vendor) -> int:
        with vendor_scope(oro):
            timers.set("send", 1, NOON)
            return only_timer().epoch

    def test_finish_removes_the_timer(self, oro: Vendor, fence: int) -> None:
        with vendor_scope(oro):
            assert timers.finish("send", 1, fence=fence)
            assert not Timer.objects.exists()

    def test_retry_sets_it_to_another_instant_and_takes_the_fence_away(self, oro: Vendor, fence: int) -> None:
        with vendor_scope(oro):
            assert timers.retry("send", 1, fence=fence, due_at=NOON + timedelta(minutes=5), error="503")
            timer = only_timer()
            assert (timer.due_at, timer.last_error) == (NOON + timedelta(minutes=5), "503")
            assert not timers.finish("send", 1, fence=fence)

    def test_whoever_was_overtaken_changes_nothing(self, oro: Vendor, fence: int) -> None:
        with vendor_scope(oro):
            timers.set("send", 1, NOON + timedelta(hours=1))
            assert not timers.finish("send", 1, fence=fence)
            assert not timers.retry("send", 1, fence=fence, due_at=NOON, error="late")
            assert only_timer().due_at == NOON + timedelta(hours=1)

    def test_a_fence_stays_stale_when_the_timer_was_removed_and_made_again(self, oro: Vendor, fence: int) -> None:
        with vendor_scope(oro):
            timers.clear("send", 1)
            timers.set("send", 1, NOON)
            assert not timers.finish("send", 1, fence=fence)
            assert Timer.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestWakingThePump:
    @pytest.fixture
    def ears(self) -> object:
        listener = connection.copy()
        with listener.cursor() as cursor:
            cursor.execute("LISTEN timers")
        yield listener
        listener.close()

    @pytest.mark.parametrize(("minutes", "heard"), [(-1, 1), (0, 1), (10, 0)])
    def test_only_what_is_due_at_once_wakes_it_and_once_a_transaction(
        self, oro: Vendor, ears: object, minutes: int, heard: int
    ) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT statement_timestamp()")
            now = cursor.fetchone()[0]
        with vendor_scope(oro):
            timers.set("alarm", 1, now + timedelta(minutes=minutes))
            timers.set_many("alarm", dict.fromkeys((2, 3, 4), now + timedelta(minutes=minutes)))
        with ears.cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute("SELECT 1")
        assert len(ears.connection.notifies) == heard  # type: ignore[attr-defined]
