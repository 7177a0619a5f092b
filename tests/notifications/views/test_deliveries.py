"""Dead letters: seen with their reason, and sent again."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from supportdesk.accounts.models import AuditEntry
from supportdesk.notifications.actions import send
from supportdesk.notifications.models import Delivery, DeliveryState
from supportdesk.notifications.outbox import Recipient
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Timer
from tests.notifications.conftest import People

pytestmark = pytest.mark.django_db
PATH = "/oro/desk/deliveries/"


@pytest.fixture
def erin(client: Client, people: People) -> Client:
    client.force_login(people.erin.user)
    return client


def dead(people: People, count: int, channel: str = "email") -> list[int]:
    at = timezone.now()
    with vendor_scope(people.vendor):
        keys = [f"{channel}-{number}" for number in range(count)]
        for key in keys:
            recipient = Recipient(channel, "alice@northwind.example", "alice")
            send([recipient], kind="replied", title=f"Subject {key}", body="", path="", key=key, at=at)
        found = Delivery.objects.about(keys)
        found.update(state=DeliveryState.DEAD, last_error="550 no such mailbox", attempts=3)
        Timer.objects.all().delete()
        return list(found.values_list("pk", flat=True))


def test_nothing_was_given_up(erin: Client) -> None:
    assert "Nothing was given up" in erin.get(PATH).content.decode()


def test_each_with_its_reason(erin: Client, people: People) -> None:
    dead(people, 1)
    page = erin.get(PATH).content.decode()
    for words in ("Subject email-0", "alice@northwind.example", "550 no such mailbox", "3 attempts"):
        assert words in page


def test_the_chosen_ones_are_tried_again(erin: Client, people: People) -> None:
    first, second, _third = dead(people, 3)
    page = erin.post(f"{PATH}retrying/", {"delivery": [first, second]}, follow=True).content.decode()
    assert "2 messages are tried again." in page
    with vendor_scope(people.vendor):
        assert Delivery.objects.dead().count() == 1
        assert set(Timer.objects.values_list("subject_id", flat=True)) == {first, second}
        assert AuditEntry.objects.get().data == {"count": 2}


def test_all_of_a_channel_are(erin: Client, people: People) -> None:
    dead(people, 2)
    dead(people, 3, "webhook")
    erin.post(f"{PATH}retrying/", {"all": "1", "channel": "webhook"})
    with vendor_scope(people.vendor):
        assert set(Delivery.objects.dead().values_list("channel", flat=True)) == {"email"}


@pytest.mark.parametrize("data", [{}, {"delivery": "x"}, {"delivery": "9" * 30}, {"delivery": "424242"}])
def test_choosing_nothing_is_no_accident(data: dict[str, str], erin: Client, people: People) -> None:
    dead(people, 1)
    assert "Nothing was chosen" in erin.post(f"{PATH}retrying/", data, follow=True).content.decode()


def test_pages_of_fifty_and_as_many_queries_for_fifty_as_for_one(erin: Client, people: People) -> None:
    dead(people, 1)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert erin.get(PATH).status_code == 200
        return len(captured)

    queries()
    one = queries()
    dead(people, 60, "webhook")
    assert queries() == one
    page = erin.get(PATH).content.decode()
    assert page.count('name="delivery"') == 50
    older = re.search(r'href="(\?[^"]*before=\d+)"', page)
    assert older is not None
    assert erin.get(PATH + older[1].replace("&amp;", "&")).content.decode().count('name="delivery"') == 11


def test_those_of_one_ticket_alone_are_listed_and_tried_again(erin: Client, people: People) -> None:
    first, _second = dead(people, 2)
    with vendor_scope(people.vendor):
        Delivery.objects.filter(pk=first).update(ticket_number=12)
    page = erin.get(f"{PATH}?ticket=12").content.decode()
    assert "Only those of ticket #12." in page
    assert "Subject email-0" in page
    assert "Subject email-1" not in page
    answer = erin.post(f"{PATH}retrying/", {"all": "1", "ticket": "12"})
    assert answer.headers["Location"] == f"{PATH}?state=dead&ticket=12"
    with vendor_scope(people.vendor):
        assert set(Timer.objects.values_list("subject_id", flat=True)) == {first}
    assert "Subject email-1" in erin.get(f"{PATH}?ticket=x").content.decode()
