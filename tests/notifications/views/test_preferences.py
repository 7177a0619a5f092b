"""One's own choices, and telephone numbers that are proved by a code."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from supportdesk.notifications.models import ContactMethod, Delivery, Preference
from supportdesk.tenancy.scope import vendor_scope
from tests.notifications.conftest import People

pytestmark = pytest.mark.django_db
PATH = "/oro/me/notifications/"
NUMBER = "+380441234567"


@pytest.fixture
def carol(client: Client, people: People, settings: Settings) -> Client:
    settings.DEMO = True
    client.force_login(people.carol.user)
    return client


def preference(people: People) -> Preference:
    with vendor_scope(people.vendor):
        found: Preference = Preference.objects.get()
        return found


def choose(client: Client, **data: Any) -> Any:
    everything = {f"email-{slug}": "on" for slug in ("new", "mine", "replies", "progress", "wishes", "clocks")}
    values = everything | {"quiet_from": "22:00", "quiet_to": "07:00", "bundle": "2"} | data
    return client.post(PATH, {name: value for name, value in values.items() if value})


def contact(people: People) -> ContactMethod:
    with vendor_scope(people.vendor):
        found: ContactMethod = ContactMethod.objects.get()
        return found


def code_of(people: People) -> str:
    with vendor_scope(people.vendor):
        subject = Delivery.objects.order_by("-id").values_list("subject", flat=True)[0]
    found = re.search(r"\d{6}", subject)
    assert found is not None
    return found[0]


def test_customers_choose_among_what_concerns_them(client: Client, people: People) -> None:
    client.force_login(people.alice.user)
    page = client.get(PATH).content.decode()
    assert "Replies" in page
    assert "New tickets" not in page
    assert "What you asked for" in page
    assert "customers ask" not in page
    assert "Pages for" not in page


def test_the_defaults_are_kept_as_defaults(carol: Client, people: People) -> None:
    assert choose(carol).status_code == 302
    found = preference(people)
    assert (found.email_off, found.sms_on, found.quiet_from, found.bundle_minutes) == ([], [], None, None)


def test_choices_are_kept(carol: Client, people: People) -> None:
    choose(carol, **{"email-replies": "", "has_quiet": "on", "bundle": "15"})
    found = preference(people)
    assert (found.email_off, found.quiet_from, found.quiet_to) == (["replies"], time(22), time(7))
    assert found.bundle_minutes == 15


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"quiet_to": ""}, "This field is required"),
        ({"quiet_to": "22:00"}, "another time"),
        ({"bundle": "7"}, "valid choice"),
    ],
)
def test_what_is_wrong_is_said(data: dict[str, str], words: str, carol: Client) -> None:
    answer = choose(carol, has_quiet="on", **data)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_texts_cannot_be_chosen_without_a_verified_number(carol: Client, people: People) -> None:
    choose(carol, **{"sms-clocks": "on"})
    assert preference(people).sms_on == []


def test_a_number_is_proved_by_the_code_that_was_sent_to_it(carol: Client, people: People) -> None:
    carol.post("/oro/me/numbers/", {"number": "+380 44 123 45 67", "takes_texts": "on"})
    found = contact(people)
    assert (found.number, found.verified_at, found.takes_calls) == (NUMBER, None, False)
    code = code_of(people)
    assert code not in found.code_hash
    path = f"/oro/me/numbers/{found.pk}/verification/"
    wrong = "000000" if code != "000000" else "111111"
    assert "not the code" in carol.post(path, {"code": wrong}).content.decode()
    assert carol.post(path, {"code": f"{code[:3]} {code[3:]}"}).status_code == 302
    assert contact(people).verified_at is not None
    choose(carol, **{"sms-clocks": "on"})
    assert preference(people).sms_on == ["clocks"]


def test_a_code_can_be_guessed_five_times_and_for_ten_minutes(carol: Client, people: People) -> None:
    carol.post("/oro/me/numbers/", {"number": NUMBER, "takes_texts": "on"})
    found, code = contact(people), code_of(people)
    path = f"/oro/me/numbers/{found.pk}/verification/"
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(5):
        carol.post(path, {"code": wrong})
    assert "no longer valid" in carol.post(path, {"code": code}).content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        carol.post(f"/oro/me/numbers/{found.pk}/code/")
    fresh = code_of(people)
    with time_machine.travel(timezone.now() + timedelta(minutes=11, seconds=1)):
        assert "no longer valid" in carol.post(path, {"code": fresh}).content.decode()
    assert contact(people).verified_at is None


def test_another_code_is_not_sent_at_once(carol: Client, people: People) -> None:
    carol.post("/oro/me/numbers/", {"number": NUMBER, "takes_texts": "on"})
    page = carol.post(f"/oro/me/numbers/{contact(people).pk}/code/", follow=True).content.decode()
    assert "wait half a minute" in page
    with vendor_scope(people.vendor):
        assert Delivery.objects.count() == 1


def test_ten_codes_a_day_are_enough(carol: Client, people: People) -> None:
    for digit in range(11):
        carol.post("/oro/me/numbers/", {"number": f"+38044123456{digit % 10}", "takes_texts": "on"})
        with vendor_scope(people.vendor):
            ContactMethod.objects.all().delete()
    with vendor_scope(people.vendor):
        assert Delivery.objects.count() == 10


@pytest.mark.parametrize("number", ["044 123 45 67", "+38044", "nonsense", "+999 123 456 789"])
def test_numbers_that_cannot_be_called(number: str, carol: Client, people: People) -> None:
    assert carol.post("/oro/me/numbers/", {"number": number, "takes_texts": "on"}).status_code == 422
    with vendor_scope(people.vendor):
        assert not ContactMethod.objects.exists()


def test_nobody_reaches_another_persons_number(carol: Client, people: People, client: Client) -> None:
    carol.post("/oro/me/numbers/", {"number": NUMBER, "takes_texts": "on"})
    found = contact(people)
    client.force_login(people.erin.user)
    for part in ("code", "verification", "removal"):
        assert client.post(f"/oro/me/numbers/{found.pk}/{part}/").status_code == 404


def test_without_a_service_the_page_says_who_can_help(carol: Client, settings: Settings) -> None:
    settings.DEMO = False
    assert "An admin can set one up." in carol.get(PATH).content.decode()
    answer = carol.post("/oro/me/numbers/", {"number": NUMBER, "takes_texts": "on"})
    assert "has to set up Twilio" in answer.content.decode()
