"""Integrations, messages out and notifications in a browser: set up, tried, chosen; no rule of accessibility broken."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from supportdesk.notifications import sealing
from supportdesk.notifications.actions import send
from supportdesk.notifications.models import ContactMethod, Delivery, DeliveryState, Integration, IntegrationKind
from supportdesk.notifications.outbox import Recipient
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.models import Timer
from tests.browser.live import LiveDesk, database_now
from tests.browser.test_accessibility import SIZES, THEMES, examine
from tests.browser.visit import Visit
from tests.cast import Desk

VENDOR = "drud"
REFUSED = '404 {"result":"failure","message":"Unable to find the integration for this REST endpoint key"}'


@pytest.fixture(scope="module")
def furnished(everybody: tuple[LiveDesk, dict[str, Desk]]) -> tuple[int, int]:
    """Drud's integrations in every state, messages that were given up, and Carol's number; the pager's id and the
    carrier's."""
    live, desks = everybody
    desk = desks[VENDOR]
    with live.at_hand(), vendor_scope(desk.vendor):
        at = database_now()
        pager = Integration.objects.create(
            kind=IntegrationKind.VICTOROPS,
            name="On-call, urgent and high",
            config={"routing_key": "ddev-live"},
            sealed=sealing.seal({"api_key": "0000-1111", "shared_secret": "sixteen-or-more-letters"}),
            created_at=at,
        )
        Integration.objects.create(
            kind=IntegrationKind.SLACK,
            name="#support-alerts",
            sealed=sealing.seal({"url": "https://hooks.slack.invalid/x"}),
            created_at=at,
            disabled_at=at,
            disabled_because="410 channel_is_archived",
        )
        carrier = Integration.objects.create(
            kind=IntegrationKind.TWILIO,
            name="Twilio",
            config={"account": "AC0000", "sender": "+15005550006"},
            sealed=sealing.seal({"token": "0000-1111"}),
            created_at=at,
            disabled_at=at,
        )
        for number, to in enumerate(("bob@northwind.example", "+380441234567")):
            recipient = Recipient("sms" if to.startswith("+") else "email", to, "somebody")
            title = "Overdue: First response of #1042, the checkout does not answer any more"
            send([recipient], kind="page.x", title=title, body="", path="", key=f"dead-{number}", at=at)
        recipient = Recipient("victorops", pager.name, "x", integration_id=pager.pk, destination=pager.destination)
        send([recipient], kind="page.y", title="Checkout is down", body="", path="", key="dead-9", at=at)
        dead = Delivery.objects.about(["dead-0", "dead-1", "dead-9"])
        dead.update(state=DeliveryState.DEAD, last_error=REFUSED, attempts=4, ticket_number=1)
        Timer.objects.filter(subject_id__in=list(dead.values_list("pk", flat=True))).delete()
        ContactMethod.objects.create(
            membership=desk.carol, number="+380441234567", created_at=at, verified_at=at, takes_calls=False
        )
    return pager.pk, carrier.pk


@pytest.mark.parametrize("width", SIZES)
@pytest.mark.parametrize("dark", THEMES)
def test_no_rule_is_broken(furnished: tuple[int, int], visit: Callable[..., Visit], dark: bool, width: int) -> None:
    erin = visit("erin", VENDOR, width=width, dark=dark)
    faults: list[str] = []
    for name, path in (
        ("list", "desk/integrations/"),
        ("one", f"desk/integrations/{furnished[0]}/"),
        ("carrier", f"desk/integrations/{furnished[1]}/"),
        ("carrier-new", "desk/integrations/new/twilio/"),
        ("deliveries-of-one", "desk/deliveries/?ticket=1"),
        ("new", "desk/integrations/new/pagerduty/"),
        ("deliveries", "desk/deliveries/"),
        ("preferences", "me/notifications/"),
    ):
        erin.go(path)
        faults += examine(erin, f"channels-{name}")
    if not dark:
        carol = visit("carol", VENDOR, width=width)
        carol.go("me/notifications/")
        faults += examine(carol, "channels-preferences-carol")
        alice = visit("alice", VENDOR, width=width)
        alice.go("me/notifications/")
        faults += examine(alice, "channels-preferences-alice")
    assert not faults, "\n".join(faults)


def test_set_up_tried_and_removed(furnished: tuple[int, int], visit: Callable[..., Visit]) -> None:
    """Nobody listens at the address: the page says so in the words of the machine, and nothing waits for ever."""
    erin = visit("erin", VENDOR)
    erin.go("desk/integrations/")
    erin.page.get_by_role("link", name="Signed webhook").click()
    erin.page.get_by_label("Name").fill("Our own status page")
    erin.page.get_by_label("Address").fill("https://127.0.0.1:9/hook")
    erin.press("Set it up")
    erin.sees("The signing secret")
    erin.sees("whsec_")
    erin.shoot("channels-secret")
    erin.press("Send a test")
    erin.sees("It did not arrive.")
    erin.sees("which is not a public address")
    erin.shoot("channels-tested")
    erin.press("Disable")
    erin.sees("Disabled: nothing is sent there.")
    erin.press("Remove")
    erin.press("Remove it")
    erin.sees("is removed, with its secrets.")


def test_a_number_is_noted_and_verified_and_texts_chosen(
    furnished: tuple[int, int], live: LiveDesk, desks: dict[str, Desk], visit: Callable[..., Visit]
) -> None:
    """The demo keeps text messages in its mailbox."""
    dan = visit("dan", VENDOR)
    dan.go("me/notifications/")
    dan.page.get_by_role("textbox", name="Telephone number").fill("+49 30 901820")
    dan.press("Add and send a code")
    dan.sees("Not verified")
    dan.page.goto("/demo/mail/?to=%2B4930901820")
    dan.page.reload()
    link = dan.page.get_by_role("link", name="Your code is").first
    for _ in range(20):
        if link.count():
            break
        dan.page.wait_for_timeout(500)
        dan.page.reload()
    code = link.inner_text().split("Your code is ")[1][:6]
    dan.go("me/notifications/")
    dan.page.get_by_role("textbox", name="The code that was sent").fill(code)
    dan.press("Verify")
    dan.sees("Verified")
    box = dan.page.get_by_label("Promises at risk by text message")
    expect(box).to_be_enabled()
    box.check()
    dan.press("Save")
    dan.sees("Your choices are saved.")
    expect(dan.page.get_by_label("Promises at risk by text message")).to_be_checked()
