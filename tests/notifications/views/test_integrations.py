"""Integrations: admins set them up, nobody sees a secret again, and a test shows the real answer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from supportdesk.accounts.models import AuditEntry
from supportdesk.notifications import sealing
from supportdesk.notifications.actions import send
from supportdesk.notifications.channels.base import Refused, Result, Sent
from supportdesk.notifications.channels.registry import CHANNELS
from supportdesk.notifications.models import Delivery, Integration, IntegrationKind
from supportdesk.notifications.outbox import Recipient
from supportdesk.tenancy.scope import vendor_scope
from tests.notifications.conftest import People
from tests.notifications.wire import pump_until

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "R" * 32


@pytest.fixture
def erin(client: Client, people: People) -> Client:
    client.force_login(people.erin.user)
    return client


def pager(people: People, **more: Any) -> Integration:
    with vendor_scope(people.vendor):
        values = {
            "kind": IntegrationKind.PAGERDUTY,
            "name": "Pager",
            "config": {"region": "us"},
            "sealed": sealing.seal({"routing_key": KEY}),
            "created_at": timezone.now(),
        }
        made: Integration = Integration.objects.create(**(values | more))
        return made


def actions_of(people: People) -> list[str]:
    with vendor_scope(people.vendor):
        return list(AuditEntry.objects.order_by("id").values_list("action", flat=True))


@pytest.mark.parametrize("path", ["desk/integrations/", "desk/integrations/new/slack/", "desk/deliveries/"])
def test_only_admins_come_here(path: str, client: Client, people: People) -> None:
    for who, status in ((people.carol, 403), (people.alice, 403), (people.erin, 200)):
        client.force_login(who.user)
        assert client.get(f"/oro/{path}").status_code == status


def test_none_yet_and_every_service_is_offered(erin: Client) -> None:
    page = erin.get("/oro/desk/integrations/").content.decode()
    for kind in IntegrationKind:
        assert f"/oro/desk/integrations/new/{kind.value}/" in page


def test_setting_one_up(erin: Client, people: People) -> None:
    answer = erin.post(
        "/oro/desk/integrations/new/pagerduty/", {"name": "Pager", "routing_key": KEY, "region": "eu"}, follow=True
    )
    page = answer.content.decode()
    assert KEY not in page
    with vendor_scope(people.vendor):
        made = Integration.objects.get()
        assert made.secrets == {"routing_key": KEY}
        assert (made.config, KEY in made.sealed) == ({"region": "eu"}, False)
    assert actions_of(people) == ["integration.added"]


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("pagerduty", {"name": "Pager", "routing_key": "short", "region": "eu"}, "32 letters and digits"),
        ("pagerduty", {"name": "", "routing_key": KEY, "region": "eu"}, "This field is required"),
        ("webhook", {"name": "Hook", "url": "http://10.0.0.1/"}, "begins with https"),
        ("webhook", {"name": "Hook", "url": "https://u:p@h.example/"}, "begins with https"),
        ("twilio", {"name": "T", "account": "AC1", "token": "x", "sender": "0441"}, "country code"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    kind: str, data: dict[str, str], words: str, erin: Client, people: People
) -> None:
    answer = erin.post(f"/oro/desk/integrations/new/{kind}/", data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    with vendor_scope(people.vendor):
        assert not Integration.objects.exists()


def test_a_name_is_given_once(erin: Client, people: People) -> None:
    pager(people)
    answer = erin.post("/oro/desk/integrations/new/slack/", {"name": "pager", "url": "https://hooks.slack.com/x"})
    assert "Another integration has this name" in answer.content.decode()


def test_says_of_a_secret_that_it_is_kept_only_when_it_is(erin: Client, people: People) -> None:
    sealed = sealing.seal({"url": "https://hooks.slack.com/services/T0/B0/x"})
    found = pager(people, kind=IntegrationKind.SLACK, name="#alerts", config={}, sealed=sealed)
    page = erin.get(f"/oro/desk/integrations/{found.pk}/").content.decode()
    assert (page.count("It is kept, and not shown"), page.count('placeholder="••••')) == (1, 1)
    assert page.index("Webhook address") < page.index("It is kept") < page.index("Signing secret")


def test_a_made_secret_is_shown_once(erin: Client, people: People) -> None:
    answer = erin.post("/oro/desk/integrations/new/webhook/", {"name": "Hook", "url": "https://h.example/"})
    with vendor_scope(people.vendor):
        made = Integration.objects.get()
    assert made.secrets["secret"] in answer.content.decode()
    assert made.secrets["secret"] not in erin.get(f"/oro/desk/integrations/{made.pk}/").content.decode()


def test_what_is_left_empty_stays_and_what_is_written_replaces(erin: Client, people: People) -> None:
    found = pager(people)
    path = f"/oro/desk/integrations/{found.pk}/"
    erin.post(path, {"name": "Pager 2", "routing_key": "", "region": "eu", "signing_secret": "s3cret"})
    with vendor_scope(people.vendor):
        assert Integration.objects.get().secrets == {"routing_key": KEY, "signing_secret": "s3cret"}
        entry = AuditEntry.objects.get(action="integration.changed")
    assert entry.data["secrets_replaced"] == ["signing_secret"]
    assert "s3cret" not in str(entry.data)
    assert "s3cret" not in erin.get(path).content.decode()


def test_a_replaced_signing_secret_goes_on_signing(erin: Client, people: People) -> None:
    old, new = "whsec_" + "A" * 43 + "=", "whsec_" + "B" * 43 + "="
    hook = pager(people, kind="webhook", config={"url": "https://h.example/"}, sealed=sealing.seal({"secret": old}))
    erin.post(f"/oro/desk/integrations/{hook.pk}/", {"name": "Pager", "url": "https://h.example/", "secret": new})
    with vendor_scope(people.vendor):
        assert Integration.objects.get().secrets == {"secret": new, "old_secret": old}


def test_disabling_can_be_undone(erin: Client, people: People) -> None:
    found = pager(people)
    page = erin.post(f"/oro/desk/integrations/{found.pk}/disabling/", follow=True).content.decode()
    undo = f"/oro/desk/integrations/{found.pk}/enabling/"
    assert "Disabled: nothing is sent there." in page
    assert undo in page
    erin.post(undo)
    with vendor_scope(people.vendor):
        assert Integration.objects.get().is_enabled
    assert actions_of(people) == ["integration.disabled", "integration.enabled"]


def test_removing_erases_the_secrets_and_keeps_what_was_sent(erin: Client, people: People) -> None:
    found = pager(people)
    with vendor_scope(people.vendor):
        recipient = Recipient("pagerduty", "Pager", "x", integration_id=found.pk, destination=found.destination)
        send([recipient], kind="x", title="x", body="", path="", key="k", at=timezone.now())
    erin.post(f"/oro/desk/integrations/{found.pk}/removal/")
    pump_until()
    with vendor_scope(people.vendor):
        assert not Integration.objects.exists()
        assert Delivery.objects.get().last_error == "The integration was removed."
    assert actions_of(people) == ["integration.removed"]


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (Sent("k", '202 {"status":"success"}'), "It arrived."),
        (Refused('400 {"errors":["Invalid key"]}'), "It did not arrive."),
    ],
)
def test_a_test_shows_what_the_service_answered(
    result: Result, words: str, erin: Client, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = pager(people, disabled_at=timezone.now())
    monkeypatch.setitem(CHANNELS, "pagerduty", lambda delivery: result)
    answer = erin.post(f"/oro/desk/integrations/{found.pk}/test/", follow=True)
    assert "On its way" in answer.content.decode()
    pump_until()
    with vendor_scope(people.vendor):
        sent = Delivery.objects.get()
    part = erin.get(f"/oro/desk/integrations/{found.pk}/tests/{sent.pk}/").content.decode()
    assert words in part
    answered = result.answer if isinstance(result, Sent) else result.reason if isinstance(result, Refused) else ""
    assert answered.replace('"', "&#34;") in part


def test_secrets_whose_key_is_gone_can_be_entered_anew(erin: Client, people: People) -> None:
    found = pager(people, sealed="gAAAAAB-not-ours")
    path = f"/oro/desk/integrations/{found.pk}/"
    assert erin.get(path).status_code == 200
    erin.post(path, {"name": "Pager", "routing_key": KEY, "region": "us"})
    with vendor_scope(people.vendor):
        assert Integration.objects.get().secrets == {"routing_key": KEY}


def test_the_list_takes_as_many_queries_for_fifty_as_for_one(
    erin: Client, people: People, django_assert_num_queries: Any
) -> None:
    pager(people)
    erin.get("/oro/desk/integrations/")
    with vendor_scope(people.vendor):
        for number in range(50):
            pager(people, name=f"Pager {number}")
    with django_assert_num_queries(12):
        erin.get("/oro/desk/integrations/")
