"""What a paging service did not take stands where whoever works on the page reads it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from escalation.actions import acknowledge, annotate
from escalation.models import Page
from supportdesk.accounts.models import Membership
from supportdesk.notifications import receipts, sealing
from supportdesk.notifications.actions import retry_dead
from supportdesk.notifications.models import Delivery, DeliveryState, Integration, IntegrationKind
from supportdesk.timers.models import Timer
from tests.cast import Desk
from tests.escalation.nights import MINUTE, NIGHT, filed, history, live, page_of
from tickets.models.event import Kind

DESK = "/drud/desk"
LATER = NIGHT + 2 * MINUTE
TICK = timedelta(milliseconds=1)
REFUSED = "VictorOps answered 404: no such routing key"


@pytest.fixture
def page(drud: Desk) -> Page:
    """A page whose incident was posted to VictorOps."""
    Integration.objects.create(
        kind=IntegrationKind.VICTOROPS, name="VictorOps", sealed=sealing.seal({"key": "k"}), created_at=NIGHT
    )
    page = page_of(filed(drud, "Urgent"))
    live(NIGHT + MINUTE)
    page.refresh_from_db()
    assert page.posted_to == ["VictorOps"]
    return page


def give_up(page: Page, action: str = "trigger") -> Delivery:
    posts = Delivery.objects.filter(kind="page.incident", occasion__startswith=f"page-{page.pk}-")
    delivery: Delivery = posts.get(payload__action=action)
    delivery.state, delivery.last_error = DeliveryState.DEAD, REFUSED
    delivery.save()
    receipts.tell_of_loss([delivery], at=LATER)
    live(LATER + MINUTE)
    return delivery


def shown(who: Membership, path: str) -> str:
    client = Client()
    client.force_login(who.user)
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def here(page: Page) -> tuple[str, str]:
    return f"{DESK}/pages/{page.pk}/", f"{DESK}/tickets/{page.ticket.number}/"


def test_is_a_line_of_its_history(page: Page) -> None:
    delivery = give_up(page)
    [line] = [event for event in history(page) if event.kind == Kind.PAGE_UNTAKEN]
    assert (line.at, line.by) == (LATER + TICK, None)
    assert line.data | {"page": 0} == {
        "page": 0,
        "policy": "urgent-and-high",
        "service": "VictorOps",
        "action": "trigger",
        "why": REFUSED,
        "delivery": delivery.pk,
    }


def test_is_said_on_the_page_and_on_the_ticket(page: Page, drud: Desk) -> None:
    give_up(page)
    for path in here(page):
        said = text(shown(drud.carol, path))
        assert f"VictorOps did not take the incident: {REFUSED}" in said
        assert "VictorOps given up" in said
        assert "Send it again" not in said, "agents send nothing again"


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("acknowledge", "VictorOps did not take the acknowledgement"),
        ("annotate", "VictorOps did not take the note"),
    ],
)
def test_names_what_was_not_taken(page: Page, drud: Desk, action: str, words: str) -> None:
    if action == "annotate":
        annotate(page, text="Node replaced.", by=drud.carol, at=LATER)
    else:
        acknowledge(page, by=drud.carol, at=LATER)
    give_up(page, action)
    assert words in text(shown(drud.carol, here(page)[0]))


def test_leads_admins_to_sending_it_again_and_says_when_it_went(page: Page, drud: Desk) -> None:
    delivery = give_up(page)
    link = f"{DESK}/deliveries/?ticket={page.ticket.number}"
    for path in here(page):
        assert f'href="{link}"' in shown(drud.erin, path)
    assert REFUSED in shown(drud.erin, link)
    assert retry_dead(delivery.pk, at=LATER)
    for path in here(page):
        html = shown(drud.erin, path)
        assert link not in html
        assert "VictorOps waiting" in text(html)
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.SENT, sent_at=LATER)
    assert "did not take the incident" in text(shown(drud.erin, here(page)[0])), "it stays on the record"


def test_the_open_page_and_the_open_ticket_follow(page: Page, drud: Desk) -> None:
    client = Client()
    client.force_login(drud.carol.user)
    delivery = give_up(page)
    for path in here(page):
        tag = client.get(f"{path}activity/").headers["ETag"]
        assert client.get(f"{path}activity/", headers={"If-None-Match": tag}).status_code == 304
        retry_dead(delivery.pk, at=LATER)
        assert client.get(f"{path}activity/", headers={"If-None-Match": tag}).status_code == 200
        Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.DEAD)


def test_given_up_again_is_said_again(page: Page) -> None:
    delivery = give_up(page)
    retry_dead(delivery.pk, at=LATER)
    give_up(page)
    assert [event.kind for event in history(page)].count(Kind.PAGE_UNTAKEN) == 2


def test_tried_again_before_it_was_said_is_not_said(page: Page) -> None:
    delivery = Delivery.objects.get(kind="page.incident")
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.DEAD)
    delivery.refresh_from_db()
    receipts.tell_of_loss([delivery], at=LATER)
    retry_dead(delivery.pk, at=LATER)
    live(LATER + MINUTE)
    assert Kind.PAGE_UNTAKEN not in [event.kind for event in history(page)]


@pytest.mark.parametrize("wrong", [{"kind": "page"}, {"state": "sent"}, {"occasion": "try-12"}])
def test_of_what_is_no_incident_given_up_nothing_is_set(page: Page, wrong: dict[str, str]) -> None:
    receipts.tell_of_loss(
        [Delivery(**({"pk": 7, "kind": "page.incident", "state": "dead", "occasion": "page-7-trigger-1"} | wrong))],
        at=LATER,
    )
    assert not Timer.objects.filter(kind="escalation.untaken").exists()


def test_ten_take_as_many_queries_as_one(page: Page, drud: Desk) -> None:
    counted = []
    for count in (1, 9):
        for _ in range(count):
            annotate(page, text="Node replaced.", by=drud.carol, at=LATER)
        for each in Delivery.objects.filter(kind="page.incident").exclude(state=DeliveryState.DEAD):
            Delivery.objects.filter(pk=each.pk).update(state=DeliveryState.DEAD)
            each.refresh_from_db()
            receipts.tell_of_loss([each], at=LATER)
        live(LATER + MINUTE)
        shown(drud.carol, here(page)[0])
        with CaptureQueriesContext(connection) as queries:
            shown(drud.carol, here(page)[0])
        counted.append(len(queries))
    assert [event.kind for event in history(page)].count(Kind.PAGE_UNTAKEN) == 11
    assert counted[0] == counted[1]
