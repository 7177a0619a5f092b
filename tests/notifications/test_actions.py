"""Who is to be told is told once, however often the telling is repeated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from supportdesk.accounts.models import Membership, Role, User
from supportdesk.notifications.actions import KIND, Recipient, muted, send, tell
from supportdesk.notifications.models import Delivery, Notice
from supportdesk.tenancy.scope import NoScope, vendor_scope
from supportdesk.timers.models import Timer
from tests import factories
from tests.notifications.conftest import People

NOON = datetime(2026, 3, 13, 12, 0, tzinfo=UTC)


def told(people: list[Membership], **changes: Any) -> None:
    tell(
        people,
        **{
            "kind": "replied",
            "title": "Checkout is down — new reply",
            "body": "We found it.",
            "path": "/oro/tickets/12/",
            "key": "message-7",
            "at": NOON,
            "ticket_number": 12,
            **changes,
        },
    )


def test_a_notice_and_an_email_each_with_a_timer_for_the_email(people: People) -> None:
    with vendor_scope(people.vendor):
        told([people.alice, people.carol])
        assert Notice.objects.of(people.alice).get().title == "Checkout is down — new reply"
        deliveries = {each.membership_id: each for each in Delivery.objects.all()}
        assert deliveries[people.alice.pk].address == "alice@northwind.example"
        assert set(deliveries) == {people.alice.pk, people.carol.pk}
        due = dict(Timer.objects.filter(kind=KIND).values_list("subject_id", "due_at"))
        assert due == {each.pk: NOON for each in deliveries.values()}


def test_telling_again_under_the_same_key_tells_only_who_was_not_told(people: People) -> None:
    with vendor_scope(people.vendor):
        told([people.alice])
        epochs = list(Timer.objects.values_list("epoch", flat=True))
        told([people.alice, people.alice, people.carol], title="Other words")
        assert Notice.objects.count() == Delivery.objects.count() == 2
        assert Notice.objects.of(people.alice).get().title == "Checkout is down — new reply"
        assert epochs[0] in Timer.objects.values_list("epoch", flat=True)


def test_another_key_is_another_message(people: People) -> None:
    with vendor_scope(people.vendor):
        told([people.alice])
        told([people.alice], key="message-8")
        assert Delivery.objects.count() == 2


def test_the_inbox_alone_sends_nothing(people: People) -> None:
    with vendor_scope(people.vendor):
        told([people.alice], channels=("inbox",))
        assert Notice.objects.count() == 1
        assert not Delivery.objects.exists()
        assert not Timer.objects.exists()


def test_inactive_people_are_left_out(people: People) -> None:
    people.carol.is_active = False
    with vendor_scope(people.vendor):
        told([people.carol])
        assert not Notice.objects.exists()


def test_what_is_rolled_back_was_never_told(people: People) -> None:
    with vendor_scope(people.vendor):
        with transaction.atomic():
            told([people.alice])
            transaction.set_rollback(True)
        assert not Notice.objects.exists()
        assert not Timer.objects.exists()


def test_a_title_is_one_line(people: People) -> None:
    with vendor_scope(people.vendor):
        told([people.alice], title="Checkout\r\nBcc: mallory@elsewhere.example " + "x" * 400)
        title = Notice.objects.get().title
        assert title.startswith("Checkout Bcc: mallory")
        assert len(title) == 300


def test_a_tickets_messages_belong_to_one_thread(people: People) -> None:
    with vendor_scope(people.vendor):
        told([people.alice])
        told([people.alice], key="message-8")
        told([people.alice], key="message-9", ticket_number=13)
        first, second, third = Delivery.objects.order_by("id").values_list("headers", flat=True)
        assert first == second
        assert first["References"] == first["In-Reply-To"]
        assert third["References"] != first["References"]


def test_addresses_that_are_nobodys_here_can_be_sent_to(people: People) -> None:
    with vendor_scope(people.vendor):
        for _ in range(2):
            send(
                [Recipient("email", "bob@northwind.example", "bob@northwind.example")],
                kind="invitation",
                title="You are invited",
                body="Come in.",
                path="/accounts/invitation/abc/",
                key="invitation-3",
                at=NOON,
            )
        delivery = Delivery.objects.get()
        assert (delivery.address, delivery.membership_id) == ("bob@northwind.example", None)


def test_of_what_happened_before_the_muting_nobody_is_told(people: People) -> None:
    with vendor_scope(people.vendor):
        with muted(before=NOON):
            told([people.alice], at=NOON - timedelta(seconds=1))
            assert not Notice.objects.exists()
            assert not Delivery.objects.exists()
            told([people.alice], at=NOON)
        assert Notice.objects.count() == Delivery.objects.count() == 1


def test_nobody_can_be_told_without_a_scope(people: People) -> None:
    with pytest.raises(NoScope):
        told([people.alice])


def test_nobody_of_another_vendor_can_be_told(people: People) -> None:
    elsewhere = factories.VendorFactory.create(slug="elsewhere")
    with vendor_scope(elsewhere):
        told([people.alice])
        with pytest.raises(IntegrityError), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)


@pytest.mark.parametrize("loaded", [True, False])
def test_the_queries_are_as_many_for_fifty_people_as_for_one(people: People, loaded: bool) -> None:
    with vendor_scope(people.vendor):
        users = User.objects.bulk_create(User(name=f"Agent {n}", email=f"agent{n}@oro.example") for n in range(50))
        Membership.objects.bulk_create(Membership(user=user, role=Role.AGENT, tier=2) for user in users)

        def queries_for(count: int) -> int:
            staff = Membership.objects.filter(tier=2)
            staff = staff.select_related("user") if loaded else staff
            chosen = list(staff[:count])
            assert len(chosen) == count
            with CaptureQueriesContext(connection) as queries:
                told(chosen, key=f"message-{count}")
            return len(queries)

        assert queries_for(1) == queries_for(50) == 4
