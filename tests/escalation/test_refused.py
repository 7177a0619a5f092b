"""Incidents that no service takes: where nobody else was called, the ladder goes on at once, and only once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from django.test import Client

from escalation.actions import acknowledge
from escalation.models import Page
from plans.actions import load_contract
from plans.contract import write
from plans.contract.edit import with_policies
from plans.queries import current_contract
from supportdesk.notifications import receipts, sealing
from supportdesk.notifications.actions import retry_dead
from supportdesk.notifications.models import ContactMethod, Delivery, DeliveryState, Integration, IntegrationKind
from tests.cast import Desk
from tests.escalation.nights import MINUTE, NIGHT, filed, history, kinds, live, page_of, told
from tests.factories import LONG_AGO
from tickets.models.event import Kind

LATER = NIGHT + 2 * MINUTE
REFUSED = "VictorOps answered 404: no such routing key"
POST, WAIT = {"post": "VictorOps"}, {"wait": "5 min"}
CAROL = {"notify": ["rota:ddev-live-on-call/2"], "by": ["sms"]}

Paged = Callable[..., Page]


@pytest.fixture
def paged(drud: Desk) -> Paged:
    """Opens a page of a policy with these steps, a minute into the night."""
    for kind, name in ((IntegrationKind.VICTOROPS, "VictorOps"), (IntegrationKind.TWILIO, "Twilio")):
        Integration.objects.create(kind=kind, name=name, sealed=sealing.seal({"key": "k"}), created_at=NIGHT)
    for person, number in ((drud.dan, "+13035550101"), (drud.carol, "+13035550102"), (drud.erin, "+13035550103")):
        ContactMethod.objects.create(membership=person, number=number, created_at=NIGHT, verified_at=NIGHT)

    def paged(*steps: dict[str, object], until: datetime = NIGHT + MINUTE) -> Page:
        contract = current_contract()
        assert contract is not None
        policy = {"slug": "pager", "name": "Pager", "when": ["opened"], "steps": list(steps)}
        changed = with_policies(contract, [policy])
        load_contract(changed, by=None, at=LONG_AGO + MINUTE, source_text=write(changed))
        page = page_of(filed(drud, "Urgent"))
        live(until)
        page.refresh_from_db()
        return page

    return paged


def give_up(page: Page, *, kind: str = "page.incident", at: datetime = LATER) -> Sequence[Delivery]:
    """Whatever of this kind has not been refused yet is; and whoever waits for it hears of it."""
    found = list(Delivery.objects.filter(kind=kind, occasion__startswith=f"page-{page.pk}-", state="pending"))
    for each in found:
        each.state, each.last_error = DeliveryState.DEAD, REFUSED
        each.save()
    receipts.tell_of_loss(found, at=at)
    return found


class TestAnIncidentThatIsRefused:
    def test_is_not_waited_for(self, paged: Paged) -> None:
        page = paged(POST, WAIT, CAROL)
        give_up(page)
        live(LATER + MINUTE)
        assert told(page) == [(2, "Carol", "sms")]
        [line] = [event for event in history(page) if event.kind == Kind.PAGE_MISSED]
        assert (line.data["channel"], line.data["why"]) == ("service", REFUSED)
        assert kinds(page) == ["opened", "step", "missed", "untaken", "step"]

    def test_is_told_on_the_page_with_why(self, paged: Paged, drud: Desk) -> None:
        page = paged(POST, WAIT, CAROL)
        give_up(page)
        live(LATER + MINUTE)
        client = Client()
        client.force_login(drud.carol.user)
        html = client.get(f"/drud/desk/pages/{page.pk}/").content.decode()
        said = "No paging service took the incident, and nobody was called: the next step is taken at once"
        assert f"{said} ({REFUSED})" in html

    def test_is_said_once_and_takes_one_step(self, paged: Paged) -> None:
        page = paged(POST, WAIT, CAROL, WAIT, {"notify": ["leads"], "by": ["sms"]})
        refused = give_up(page)
        live(LATER + MINUTE)
        for later in (LATER + MINUTE, LATER + 2 * MINUTE):
            receipts.tell_of_loss(refused, at=later)
            live(later + timedelta(seconds=30))
        assert kinds(page).count("missed") == 1
        assert [name for _, name, _ in told(page)] == ["Carol"], "the next wait is whole"
        live(LATER + 6 * MINUTE)
        assert [(minutes, name) for minutes, name, _ in told(page)][1:] == [(7, "Dan"), (7, "Erin")]

    def test_by_one_of_two_services_leaves_the_other(self, paged: Paged) -> None:
        Integration.objects.create(
            kind=IntegrationKind.PAGERDUTY, name="PagerDuty", sealed=sealing.seal({"key": "k"}), created_at=NIGHT
        )
        page = paged(POST, {"post": "PagerDuty"}, WAIT, CAROL)
        other = Delivery.objects.get(channel="pagerduty")
        Delivery.objects.filter(pk=other.pk).update(state=DeliveryState.SENT, sent_at=NIGHT)
        give_up(page)
        live(LATER + MINUTE)
        assert (told(page), kinds(page).count("untaken")) == ([], 1)

    def test_leaves_the_wait_for_whoever_was_texted_beside_it(self, paged: Paged) -> None:
        page = paged(POST, {"notify": ["rota:ddev-live-on-call"], "by": ["sms"]}, WAIT, CAROL)
        give_up(page)
        live(LATER + MINUTE)
        assert [name for _, name, _ in told(page)] == ["Dan"]

    def test_is_not_made_up_for_by_a_mail(self, paged: Paged) -> None:
        page = paged(POST, {"notify": ["rota:ddev-live-on-call"], "by": ["inbox", "email"]}, WAIT, CAROL)
        give_up(page)
        live(LATER + MINUTE)
        assert [(minutes, name) for minutes, name, _ in told(page)] == [(0, "Dan"), (2, "Carol")]

    def test_at_the_end_of_the_ladder_tells_the_fallback_once(self, paged: Paged) -> None:
        page = paged(POST)
        assert page.next_at is None
        refused = give_up(page)
        live(LATER + MINUTE)
        assert [(minutes, name) for minutes, name, _ in told(page)] == [(2, "Dan"), (2, "Erin")]
        receipts.tell_of_loss(refused, at=LATER + MINUTE)
        give_up(page, kind="page", at=LATER + MINUTE)
        live(LATER + 9 * MINUTE)
        assert len(told(page)) == 2

    def test_before_a_repeat_tells_the_fallback_and_not_the_service_again(self, paged: Paged) -> None:
        page = paged(POST, WAIT, {"repeat_from": 1, "times": 3})
        give_up(page)
        live(LATER + 9 * MINUTE)
        assert [(minutes, name) for minutes, name, _ in told(page)] == [(2, "Dan"), (2, "Erin")]
        assert Delivery.objects.filter(kind="page.incident").count() == 1

    def test_once_somebody_answers_for_it_wakes_nobody(self, paged: Paged, drud: Desk) -> None:
        page = paged(POST, WAIT, CAROL)
        acknowledge(page, by=drud.dan, at=LATER)
        give_up(page)
        live(LATER + 9 * MINUTE)
        assert (told(page), kinds(page).count("missed")) == ([], 0)

    def test_and_sent_again_meanwhile_is_waited_for(self, paged: Paged) -> None:
        page = paged(POST, WAIT, CAROL)
        [refused] = give_up(page)
        retry_dead(refused.pk, at=LATER)
        live(LATER + MINUTE)
        assert told(page) == []


class TestMailThatDoesNotArrive:
    def test_and_nothing_else_is_not_waited_for(self, paged: Paged) -> None:
        page = paged({"notify": ["rota:ddev-live-on-call"], "by": ["email"]}, WAIT, CAROL)
        give_up(page, kind="page")
        live(LATER + MINUTE)
        assert [(minutes, name) for minutes, name, _ in told(page)] == [(0, "Dan"), (2, "Carol")]
        [line] = [event for event in history(page) if event.kind == Kind.PAGE_MISSED]
        assert line.data["channel"] == "email"

    def test_leaves_the_wait_where_the_inbox_was_asked_for(self, paged: Paged) -> None:
        page = paged({"notify": ["rota:ddev-live-on-call"], "by": ["inbox", "email"]}, WAIT, CAROL)
        give_up(page, kind="page")
        live(LATER + MINUTE)
        assert [name for _, name, _ in told(page)] == ["Dan"]


def test_ten_pages_say_why(paged: Paged, drud: Desk) -> None:
    """At one firing, each on its own."""
    first = paged(POST, WAIT, CAROL)
    pages = [first, *(page_of(filed(drud, "Urgent")) for _ in range(9))]
    live(NIGHT + MINUTE)
    for page in pages:
        give_up(page)
    live(LATER + MINUTE)
    assert all(kinds(page).count("missed") == 1 for page in pages)
    assert all([name for _, name, _ in told(page)] == ["Carol"] for page in pages)
