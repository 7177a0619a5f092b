"""Notices before shifts begin: once, in time, and to whoever has the shift by then."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from escalation import actions, shift_notices
from escalation.models import Rota
from supportdesk.accounts.models import Membership
from supportdesk.notifications.models import Delivery, Notice
from supportdesk.timers.firing import fire_due
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.escalation.rows import rota_row, version_row

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""Carol's turn until tomorrow 09:00 UTC; then Dan's."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)


@pytest.fixture
def rota(in_oro: Desk) -> Rota:
    found = rota_row()
    version_row(found, [in_oro.carol, in_oro.dan])
    shift_notices.schedule([found], at=NOON)
    return found


def pump(at: datetime) -> None:
    """All that is due at ``at``, and not later."""
    fire_due(until=at + timedelta(microseconds=1))


def due_at() -> datetime | None:
    return Timer.objects.get(kind=shift_notices.TIMER).due_at


def told(person: Membership) -> list[str]:
    found = Notice.objects.filter(membership=person, key__startswith="shift-").order_by("id")
    return [title.split(":")[0] for title in found.values_list("title", flat=True)]


class TestANotice:
    def test_comes_an_hour_before_by_inbox_and_email(self, in_oro: Desk, rota: Rota) -> None:
        assert due_at() == NINE - HOUR
        pump(NINE - HOUR)
        assert told(in_oro.dan) == ["On call from Tue 3 Mar, 11"]
        assert Delivery.objects.filter(membership=in_oro.dan, kind=shift_notices.SHIFT).count() == 1
        assert told(in_oro.carol) == []
        assert due_at() == NINE + DAY - HOUR

    def test_follows_swaps_and_absences(self, in_oro: Desk, rota: Rota) -> None:
        swap = actions.ask(rota, layer_key=1, starts_at=NINE, ends_at=NINE + DAY, asked=None, by=in_oro.dan, at=NOON)
        actions.take(swap, by=in_oro.erin, at=NOON)
        pump(NINE - HOUR)
        assert told(in_oro.erin) == ["On call from Tue 3 Mar, 11"]
        assert told(in_oro.dan) == []

    def test_of_a_shift_that_goes_on_is_not_sent_again(self, in_oro: Desk, rota: Rota) -> None:
        actions.cover(
            rota, layer_key=1, person=in_oro.carol, starts_at=NINE, ends_at=NINE + DAY, by=in_oro.dan, at=NOON
        )
        for day in range(3):
            pump(NINE + day * DAY)
        assert told(in_oro.carol) == [], "on from Monday to Thursday without a break"

    def test_is_sent_once_however_often_the_rota_changes(self, in_oro: Desk, rota: Rota) -> None:
        pump(NINE - HOUR)
        for minutes in (10, 20):
            at = NINE - HOUR + timedelta(minutes=minutes)
            shift_notices.schedule([rota], at=at)
            pump(at)
        assert told(in_oro.dan) == ["On call from Tue 3 Mar, 11"]

    def test_of_a_shift_that_begins_sooner_comes_at_once(self, in_oro: Desk, rota: Rota) -> None:
        soon = NOON + timedelta(minutes=20)
        actions.cover(
            rota, layer_key=1, person=in_oro.erin, starts_at=soon, ends_at=soon + HOUR, by=in_oro.dan, at=NOON
        )
        assert due_at() == NOON
        pump(NOON)
        assert told(in_oro.erin) == ["On call from Mon 2 Mar, 14"]
        assert due_at() == soon, "and of Carol's coming back an hour before that"

    def test_that_came_late_is_of_what_still_runs(self, in_oro: Desk, rota: Rota) -> None:
        pump(NINE + 5 * DAY + HOUR)
        assert told(in_oro.carol) == ["On call since Sun 8 Mar, 11"]
        assert told(in_oro.dan) == []

    def test_is_not_sent_where_the_rota_says_so_or_is_archived(self, in_oro: Desk, rota: Rota) -> None:
        Rota.objects.filter(pk=rota.pk).update(notice_minutes=0)
        rota.refresh_from_db()
        shift_notices.schedule([rota], at=NOON)
        assert not Timer.objects.filter(kind=shift_notices.TIMER, due_at__isnull=False).exists()

    def test_looks_again_when_nothing_is_ahead(self, in_oro: Desk) -> None:
        bare = rota_row("Bare")
        version_row(bare, [])
        shift_notices.schedule([bare], at=NOON)
        due = due_at()
        assert due is not None
        pump(due)
        assert due_at() == due + timedelta(microseconds=1) + shift_notices.FAR / 2
