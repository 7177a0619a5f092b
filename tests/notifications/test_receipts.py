"""What carriers report of single messages, in any order, and who hears of a loss."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from supportdesk.notifications import receipts
from supportdesk.notifications.inbound import Receipt
from supportdesk.notifications.models import Delivery
from supportdesk.tenancy.scope import vendor_scope
from tests.notifications.conftest import People

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 13, 2, 10, tzinfo=UTC)
LATER = NIGHT + timedelta(seconds=40)
NOBODY = Receipt("CA1", "lost", "no-answer")
ANSWERED = Receipt("CA1", "seen")


@pytest.fixture
def lost() -> Iterator[list[int]]:
    told: list[int] = []

    def listen(deliveries: Sequence[Delivery], *, at: datetime) -> None:
        told.extend(each.pk for each in deliveries)

    before = list(receipts.listeners)
    receipts.listeners[:] = [listen]
    yield told
    receipts.listeners[:] = before


@pytest.fixture
def call(people: People) -> Iterator[Delivery]:
    with vendor_scope(people.vendor):
        yield Delivery.objects.create(
            channel="voice",
            address="+380447654321",
            key="page-7-0-1:voice",
            occasion="page-7-0-1",
            kind="page",
            subject="P1",
            state="sent",
            reference="CA1",
            queued_at=NIGHT,
            sent_at=NIGHT,
        )


def written(call: Delivery, *reports: Receipt) -> Delivery:
    for number, each in enumerate(reports):
        receipts.write(call.pk, each, at=LATER + timedelta(seconds=number))
    call.refresh_from_db()
    return call


def test_an_answered_call_was_delivered_and_seen_at_that_instant(call: Delivery, lost: list[int]) -> None:
    found = written(call, ANSWERED, ANSWERED)
    assert (found.delivered_at, found.seen_at, found.lost_at, found.state) == (LATER, LATER, None, "sent")
    assert lost == []


def test_a_text_that_arrived_was_seen_by_nobody_yet(call: Delivery) -> None:
    found = written(call, Receipt("CA1", "delivered"))
    assert (found.delivered_at, found.seen_at, found.has_failed) == (LATER, None, False)


def test_a_loss_is_told_once(call: Delivery, lost: list[int]) -> None:
    found = written(call, NOBODY, NOBODY)
    assert (found.lost_at, found.lost_because, found.delivered_at, found.state) == (LATER, "no-answer", None, "sent")
    assert found.has_failed
    assert lost == [call.pk]


def test_whoever_got_it_has_got_it(call: Delivery, lost: list[int]) -> None:
    assert not written(call, ANSWERED, NOBODY).has_failed
    assert lost == []


def test_what_arrives_after_it_was_thought_lost_is_not_lost(call: Delivery) -> None:
    found = written(call, NOBODY, Receipt("CA1", "delivered"))
    assert (found.lost_at, found.lost_because, found.has_failed) == (None, "", False)


def test_the_loss_of_an_attempt_that_another_has_followed_is_none(call: Delivery, lost: list[int]) -> None:
    assert not written(call, Receipt("CA0", "lost", "failed")).has_failed
    assert lost == []


def test_a_report_may_be_quicker_than_our_own_note_of_what_was_sent(call: Delivery, lost: list[int]) -> None:
    Delivery.objects.update(state="sending", sent_at=None, reference="")
    assert written(call, NOBODY).has_failed
    assert lost == [call.pk]


def test_of_what_is_not_there_nothing_is_written(call: Delivery, lost: list[int]) -> None:
    receipts.write(call.pk + 1, NOBODY, at=LATER)
    assert lost == []


@pytest.mark.parametrize(
    "wrong", [{"lost_at": NIGHT, "delivered_at": NIGHT}, {"lost_because": "busy"}, {"seen_at": NIGHT}]
)
def test_the_database_refuses_what_cannot_be(wrong: dict[str, object], call: Delivery) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.update(**wrong)
