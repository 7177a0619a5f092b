"""The pages on which customers ask for more than an answer, and the desk's answers to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plans.states import State
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk, make_desk
from tickets import actions
from tickets.models import Callback, Event, Follower, Rating, Ticket
from tickets.models.event import Kind

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TICKET = "/orocloud/tickets/1/"
AT_THE_DESK = "/orocloud/desk/tickets/1/"


@pytest.fixture(autouse=True)
def monday(settings: LazySettings, tmp_path: object) -> Iterator[time_machine.Traveller]:
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def as_(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def filed(desk: Desk, code: str = "P2", **said: object) -> Ticket:
    with vendor_scope(desk.vendor):
        facts: dict[str, object] = {
            "by": desk.alice,
            "at": MONDAY - HOUR,
            "project": desk.project,
            "priority": desk.priority(code),
            "subject": "Checkout is down",
            "body": "It answers 502.",
        }
        return actions.open_ticket(**(facts | said))  # type: ignore[arg-type]


@pytest.fixture
def ticket(oro: Desk) -> Ticket:
    return filed(oro)


@pytest.fixture
def alice(oro: Desk) -> Client:
    return as_(oro.alice.user)


@pytest.fixture
def carol(oro: Desk) -> Client:
    return as_(oro.carol.user)


def words(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return text_of(response.content.decode())


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def errors(response: object) -> str:
    assert response.status_code == 422  # type: ignore[attr-defined]
    html = response.content.decode()  # type: ignore[attr-defined]
    return " ".join(text_of(each) for each in re.findall(r'class="field__error".*?</div>', html, re.DOTALL))


class TestAHigherPriority:
    def test_is_asked_for_and_accepted(self, oro: Desk, alice: Client, carol: Client, ticket: Ticket) -> None:
        assert "Ask for a higher priority" in words(alice, TICKET)
        page = words(alice, f"{TICKET}priority-request/")
        assert "It is P2 now" in page
        assert "P1" in page
        with vendor_scope(oro.vendor):
            p1 = oro.priority("P1").pk
        said = {"priority": p1, "reason": "No order gets through."}
        assert alice.post(f"{TICKET}priority-request/", said).headers["Location"] == TICKET
        assert "P1 has been asked for; the support team decides" in words(alice, TICKET)
        at_the_desk = words(carol, AT_THE_DESK)
        assert "Alice asks for P1 instead of P2" in at_the_desk
        assert "No order gets through." in at_the_desk
        carol.post(f"{AT_THE_DESK}priority-request/acceptance/")
        with vendor_scope(oro.vendor):
            assert Ticket.objects.get().priority.code == "P1"
        assert "asks for P1" not in words(carol, AT_THE_DESK)
        assert "Ask for a higher priority" not in words(alice, TICKET), "there is none above P1"

    def test_is_declined_with_a_message(self, oro: Desk, alice: Client, carol: Client, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            actions.ask_for_priority(ticket, priority=oro.priority("P1"), reason="Please.", by=oro.alice, at=MONDAY)
        path = f"{AT_THE_DESK}priority-request/refusal/"
        assert "Your message is sent as a public reply" in words(carol, path)
        assert "This field is required" in errors(carol.post(path, {"body": " "}))
        carol.post(path, {"body": "There is a workaround: pay by invoice."})
        page = words(alice, TICKET)
        assert "There is a workaround: pay by invoice." in page
        assert "Carol left the priority at P2" in page

    def test_errors_stand_next_to_their_fields_and_the_text_stays(self, alice: Client, ticket: Ticket) -> None:
        response = alice.post(f"{TICKET}priority-request/", {"reason": "Half of our customers."})
        assert "This field is required" in errors(response)
        assert "Half of our customers." in response.content.decode()


class TestEscalating:
    @pytest.fixture
    def apps(self, db: None) -> Desk:
        return make_desk("platformsh-apps")

    def test_says_before_what_happens_and_does_it(self, apps: Desk) -> None:
        filed(apps, "P1")
        alice = as_(apps.alice.user)
        ticket = "/platformsh-apps/tickets/1/"
        assert "Escalate" in words(alice, ticket)
        page = words(alice, f"{ticket}escalation/")
        for said in ("Told at once, in their inbox and by e-mail: Dan, Erin", "Director of support", "REDPHONE"):
            assert said in page
        assert "+1 303 555 0142" in page
        assert alice.post(f"{ticket}escalation/", {"reason": "Sale at noon."}).headers["Location"] == ticket
        page = words(alice, ticket)
        assert "the people in charge were told" in page
        assert "Escalated by Alice" in words(as_(apps.carol.user), "/platformsh-apps/desk/tickets/1/")

    def test_again_within_the_hour_is_refused_in_words(self, apps: Desk) -> None:
        filed(apps, "P1", body="REDPHONE", at=MONDAY - HOUR / 2)
        response = as_(apps.alice.user).post("/platformsh-apps/tickets/1/escalation/")
        assert response.status_code == 422
        assert "within the hour" in response.content.decode()

    def test_is_not_there_where_the_contract_says_nothing_of_it(self, alice: Client, ticket: Ticket) -> None:
        assert "Escalate" not in words(alice, TICKET)
        assert alice.get(f"{TICKET}escalation/").status_code == 404


class TestACall:
    TICKET = "/commercetools/tickets/1/"

    @pytest.fixture
    def tools(self, db: None) -> Desk:
        desk = make_desk("commercetools")
        filed(desk, "S2")
        return desk

    def test_is_asked_for_seen_at_the_desk_and_logged(self, tools: Desk) -> None:
        alice, carol = as_(tools.alice.user), as_(tools.carol.user)
        assert "Ask to be called" in words(alice, self.TICKET)
        said = {"number": "+49 30 901820", "starts_at": "2026-03-02T11:00", "ends_at": "2026-03-02T13:00"}
        assert alice.post(f"{self.TICKET}call-back/", said).headers["Location"] == self.TICKET
        with vendor_scope(tools.vendor):
            assert Callback.objects.get().starts_at == MONDAY + HOUR, "11:00 in Kyiv, where Alice is"
        assert "We call +49 30 901820 between 11:00 and 13:00" in words(alice, self.TICKET)
        assert "Checkout is down" in words(carol, "/commercetools/desk/?view=callbacks")
        assert "Call Alice back: +49 30 901820" in words(carol, "/commercetools/desk/tickets/1/")
        carol.post("/commercetools/desk/tickets/1/calls/", {"body": "Talked it through.", "minutes": "12"})
        assert "Checkout is down" not in words(carol, "/commercetools/desk/?view=callbacks")
        assert "We call" not in words(alice, self.TICKET)

    def test_is_cancelled_by_the_customer(self, tools: Desk) -> None:
        alice = as_(tools.alice.user)
        alice.post(f"{self.TICKET}call-back/", {"number": "+49 30 901820"})
        assert "We call +49 30 901820 as soon as possible" in words(alice, self.TICKET)
        alice.post(f"{self.TICKET}call-back/cancellation/")
        page = words(alice, self.TICKET)
        assert "You cancelled the call-back" in page
        assert "Ask to be called" in page

    def test_a_wrong_number_is_said_next_to_it(self, tools: Desk) -> None:
        response = as_(tools.alice.user).post(f"{self.TICKET}call-back/", {"number": "tomorrow"})
        assert "not a telephone number" in errors(response)
        assert "tomorrow" in response.content.decode()

    def test_is_not_there_where_the_plan_has_none(self, alice: Client, ticket: Ticket) -> None:
        assert "Ask to be called" not in words(alice, TICKET)
        assert alice.get(f"{TICKET}call-back/").status_code == 404


class TestFollowers:
    def test_are_added_and_removed_by_the_requester(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        assert as_(oro.bob.user).get(TICKET).status_code == 404
        page = alice.get(f"{TICKET}followers/").content.decode()
        assert set(re.findall(r"<option value=\"\d+\">(.*?)</option>", page)) == {"Bob", "Grace"}
        alice.post(f"{TICKET}followers/", {"person": oro.bob.pk})
        assert "Kept informed: Bob" in words(alice, TICKET)
        assert "Checkout is down" in words(as_(oro.bob.user), "/orocloud/tickets/?scope=shared")
        with vendor_scope(oro.vendor):
            follower = Follower.objects.get()
        alice.post(f"{TICKET}followers/{follower.pk}/removal/")
        assert as_(oro.bob.user).get(TICKET).status_code == 404

    def test_leave_by_themselves(self, oro: Desk, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            follower = actions.follow(ticket, who=oro.bob, by=oro.alice, at=MONDAY)
        bob = as_(oro.bob.user)
        assert "Stop following" in words(bob, TICKET)
        response = bob.post(f"{TICKET}followers/{follower.pk}/removal/")
        assert response.headers["Location"] == "/orocloud/tickets/", "the ticket is out of sight for him now"

    def test_somebody_else_is_refused(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        assert "not one of the available choices" in errors(alice.post(f"{TICKET}followers/", {"person": oro.dan.pk}))

    def test_at_the_desk_may_be_colleagues_whom_customers_do_not_see(
        self, oro: Desk, alice: Client, carol: Client, ticket: Ticket
    ) -> None:
        carol.post(f"{TICKET}followers/", {"person": oro.dan.pk})
        assert "Kept informed: Dan" in words(carol, AT_THE_DESK)
        assert "Dan" not in words(alice, TICKET)
        assert "Dan" not in words(alice, f"{TICKET}followers/")


class TestTheOutcome:
    @pytest.fixture
    def resolved(self, oro: Desk, ticket: Ticket) -> Ticket:
        with vendor_scope(oro.vendor):
            return actions.resolve(ticket, by=oro.carol, at=MONDAY)

    def test_is_rated_by_the_requester_and_shown_at_the_desk(
        self, oro: Desk, alice: Client, carol: Client, resolved: Ticket
    ) -> None:
        assert "How was the outcome?" in words(alice, TICKET)
        assert 'value="true" required checked' in alice.get(f"{TICKET}rating/?is_good=true").content.decode()
        alice.post(f"{TICKET}rating/", {"is_good": "true", "comment": "Quick and clear."})
        assert "You rated the outcome: Good" in words(alice, TICKET)
        page = words(carol, AT_THE_DESK)
        assert "Outcome rated good" in page
        assert "Quick and clear." in page
        alice.post(f"{TICKET}rating/", {"is_good": "false"})
        with vendor_scope(oro.vendor):
            assert Rating.objects.get().is_good is False

    def test_is_summed_up_for_leads(self, oro: Desk, alice: Client, carol: Client, resolved: Ticket) -> None:
        alice.post(f"{TICKET}rating/", {"is_good": "true", "comment": "Quick."})
        assert "March 2026 1 1 100 %" in words(as_(oro.dan.user), "/orocloud/desk/outcomes/")
        assert carol.get("/orocloud/desk/outcomes/").status_code == 403

    def test_is_asked_of_nobody_else(self, oro: Desk, resolved: Ticket) -> None:
        grace = as_(oro.grace.user)
        assert "How was the outcome?" not in words(grace, TICKET)
        assert grace.get(f"{TICKET}rating/").status_code == 404

    def test_needs_an_answer(self, alice: Client, resolved: Ticket) -> None:
        assert "This field is required" in errors(alice.post(f"{TICKET}rating/", {"comment": "So so"}))


class TestGoingOn:
    @pytest.fixture
    def over(self, oro: Desk) -> Ticket:
        """Resolved 15 days ago; the window is 14."""
        ticket = filed(oro, at=MONDAY - timedelta(days=16))
        with vendor_scope(oro.vendor):
            return actions.resolve(ticket, by=oro.carol, at=MONDAY - timedelta(days=15))

    def test_until_when_it_can_be_reopened_is_said(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            actions.resolve(ticket, by=oro.alice, at=MONDAY)
        assert "This is possible until 16 Mar, 10:00" in words(alice, TICKET)

    def test_after_the_window_a_follow_up_is_filed(self, oro: Desk, alice: Client, over: Ticket) -> None:
        page = words(alice, TICKET)
        assert "File a follow-up" in page
        assert "Reopen" not in page.replace("reopened", "")
        form = alice.get(f"{TICKET}follow-up/").content.decode()
        assert 'value="Checkout is down"' in form
        key = re.search(r'name="submission" value="([^"]+)"', form)
        assert key is not None
        log = SimpleUploadedFile("shop.log", b"502")
        said = {"submission": key[1], "subject": "Checkout again", "body": "It is back.", "files": [log]}
        assert alice.post(f"{TICKET}follow-up/", said).headers["Location"] == "/orocloud/tickets/2/"
        assert alice.post(f"{TICKET}follow-up/", said | {"files": []}).headers["Location"] == "/orocloud/tickets/2/"
        assert "Goes on from #1 Checkout is down" in words(alice, "/orocloud/tickets/2/")
        assert "Goes on in #2" in words(alice, TICKET)

    def test_a_reply_after_the_window_goes_on_in_a_follow_up(self, alice: Client, carol: Client, over: Ticket) -> None:
        response = alice.post(f"{TICKET}replies/", {"body": "It is back."}, follow=True)
        assert response.redirect_chain[-1][0].startswith("/orocloud/tickets/2/")
        page = text_of(response.content.decode())
        assert "your message goes on here, in #2" in page
        assert "It is back." in page
        assert "Goes on from #1" in words(carol, "/orocloud/desk/tickets/2/")

    def test_a_refused_follow_up_keeps_the_text(self, alice: Client, over: Ticket) -> None:
        response = alice.post(f"{TICKET}follow-up/", {"subject": "", "body": "It is back."})
        assert "This field is required" in errors(response)
        assert "It is back." in response.content.decode()


class TestWhatIsOwed:
    def test_since_when_is_said_until_the_answer(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        assert "We owe you an answer since 09:00" in words(alice, TICKET)
        with vendor_scope(oro.vendor):
            actions.reply(ticket, by=oro.carol, at=MONDAY, body="We look.", next_update_at=MONDAY + 2 * HOUR)
        page = words(alice, TICKET)
        assert "We owe you" not in page
        assert "Next update promised by 12:00" in page
        with vendor_scope(oro.vendor):
            actions.reply(ticket, by=oro.carol, at=MONDAY + HOUR, body="Found it.", then_state=State.WAITING)
        page = words(alice, TICKET)
        assert "Next update promised by" not in page
        assert "The support team is waiting for your answer" in page


def test_the_pages_cost_the_same_with_many_followers_and_events(
    oro: Desk, alice: Client, carol: Client, ticket: Ticket
) -> None:
    with vendor_scope(oro.vendor):
        actions.follow(ticket, who=oro.bob, by=oro.alice, at=MONDAY)

    def cost(client: Client, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            client.get(path)
        return len(asked)

    paths = ((alice, TICKET), (carol, AT_THE_DESK), (alice, f"{TICKET}followers/"))
    before = [cost(client, path) for client, path in paths]
    with vendor_scope(oro.vendor):
        for who in (oro.grace, oro.carol, oro.dan, oro.erin):
            actions.follow(ticket, who=who, by=oro.carol, at=MONDAY)
        for _each in range(20):
            actions.reply(ticket, by=oro.bob, at=MONDAY, body="More.")
        assert Event.objects.filter(kind=Kind.FOLLOWER_ADDED).count() == 5
    after = [cost(client, path) for client, path in paths]
    assert after[:2] == before[:2]
    assert after[2] <= before[2], "nobody is left to be added"
