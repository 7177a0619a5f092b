"""The pages about paging: what they say, who may press what, and what the e-mail's link does."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from escalation import actions
from escalation.history import tag_of_page
from escalation.models import Page, PageLink, PageState, Rota
from supportdesk.accounts.models import Membership
from supportdesk.notifications.models import Delivery, Notice
from supportdesk.tenancy.scope import vendor_scope
from supportdesk.timers.firing import fire_due
from tests.cast import Desk
from tests.escalation.nights import MINUTE, filed, history, page_of, sent
from tickets import actions as tickets

DESK = "/drud/desk"


def as_(person: Membership) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def text(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, response.content[:500]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.fixture
def page(drud: Desk) -> Page:
    """An Urgent ticket of a minute ago, whose first step was taken."""
    now = timezone.now() - MINUTE
    page = page_of(filed(drud, "Urgent", now))
    fire_due(until=now + MINUTE / 60)
    page.refresh_from_db()
    return page


class TestTheList:
    def test_says_what_waits(self, drud: Desk, page: Page) -> None:
        said = text(as_(drud.carol), f"{DESK}/pages/")
        for words in ("The site is down", "Northwind", "Urgent and High", "Waiting"):
            assert words in said

    def test_teaches_when_nothing_does(self, drud: Desk) -> None:
        assert "Everybody may sleep" in text(as_(drud.carol), f"{DESK}/pages/")

    @pytest.mark.parametrize("view", ["open", "acknowledged", "mine", "resolved", "all"])
    def test_has_views(self, drud: Desk, page: Page, view: str) -> None:
        said = text(as_(drud.carol), f"{DESK}/pages/?view={view}")
        assert ("The site is down" in said) == (view in ("open", "all"))

    def test_is_a_page_of_fifty(self, drud: Desk) -> None:
        now = timezone.now()
        for _ in range(51):
            filed(drud, "Urgent", now)
        carol = as_(drud.carol)
        assert carol.get(f"{DESK}/pages/").content.count(b"data-row") == 50
        last = Page.objects.order_by("pk")[1].pk
        assert carol.get(f"{DESK}/pages/?before={last}").content.count(b"data-row") == 1

    def test_takes_as_many_queries_for_fifty_as_for_one(self, drud: Desk) -> None:
        carol, counted = as_(drud.carol), []
        for count in (1, 49):
            for _ in range(count):
                filed(drud, "Urgent", timezone.now())
            carol.get(f"{DESK}/pages/")
            with CaptureQueriesContext(connection) as queries:
                carol.get(f"{DESK}/pages/")
            counted.append(len(queries))
        assert counted[0] == counted[1]

    @pytest.mark.parametrize("query", ["view=x", "before=x"])
    def test_knows_no_other_view(self, drud: Desk, query: str) -> None:
        assert as_(drud.carol).get(f"{DESK}/pages/?{query}").status_code == 404


class TestAPage:
    def test_says_who_was_told_and_what_comes_next(self, drud: Desk, page: Page) -> None:
        said = text(as_(drud.carol), f"{DESK}/pages/{page.pk}/")
        for words in (
            "Nobody answers for it yet.",
            "VictorOps is not set up: no incident was opened",
            "on call: DDEV Live on-call",
            "e-mail waiting",
            "What comes next, if nobody answers",
            "Dan by phone call",
            "Carol by inbox, e-mail, text message and phone call (on call: DDEV Live on-call, number 2)",
        ):
            assert words in said

    def test_says_when_it_was_seen(self, drud: Desk, page: Page) -> None:
        Notice.objects.filter(kind="page").update(read_at=timezone.now())
        assert "seen" in text(as_(drud.carol), f"{DESK}/pages/{page.pk}/")

    def test_keeps_itself_current(self, drud: Desk, page: Page) -> None:
        carol = as_(drud.carol)
        answer = carol.get(f"{DESK}/pages/{page.pk}/activity/")
        tag = answer.headers["ETag"]
        assert carol.get(f"{DESK}/pages/{page.pk}/activity/", headers={"If-None-Match": tag}).status_code == 304
        actions.acknowledge(page, by=drud.dan, at=timezone.now())
        assert carol.get(f"{DESK}/pages/{page.pk}/activity/", headers={"If-None-Match": tag}).status_code == 200

    def test_has_a_tag_that_every_process_makes_alike(self) -> None:
        assert tag_of_page(Page(pk=7), [], ()) == tag_of_page(Page(pk=7), [], ())
        assert tag_of_page(Page(pk=7), [], ()) == "7-0199f3b37165"

    def test_is_acknowledged_once(self, drud: Desk, page: Page) -> None:
        as_(drud.dan).post(f"{DESK}/pages/{page.pk}/acknowledgement/")
        response = as_(drud.carol).post(f"{DESK}/pages/{page.pk}/acknowledgement/", follow=True)
        assert "Dan was quicker" in response.content.decode()
        page.refresh_from_db()
        assert page.acknowledged_by == drud.dan

    def test_everything_that_can_be_done(self, drud: Desk, page: Page) -> None:
        carol, here = as_(drud.carol), f"{DESK}/pages/{page.pk}"
        for path, data in (
            ("acknowledgement", {}),
            ("escalation", {}),
            ("holder", {"to": drud.erin.pk}),
            ("notes", {"text": "Node replaced."}),
            ("bridge", {"url": ""}),
            ("resolution", {"reason": "Up again"}),
        ):
            assert carol.post(f"{here}/{path}/", data).status_code == 302, path
        said = text(carol, f"{here}/")
        for words in (
            "Carol acknowledged",
            "Carol escalated to the next step",
            "Carol handed it to Erin",
            "Node replaced.",
            "Carol opened a conference bridge",
            "Carol resolved the page : Up again",
        ):
            assert words.replace(" :", ":") in said.replace(" :", ":")

    def test_errors_stand_next_to_their_field(self, drud: Desk, page: Page) -> None:
        response = as_(drud.carol).post(f"{DESK}/pages/{page.pk}/bridge/", {"url": "http://meet.example/x"})
        assert response.status_code == 422
        assert "A bridge has an https address." in response.content.decode()
        assert 'value="http://meet.example/x"' in response.content.decode()

    def test_stands_on_the_ticket(self, drud: Desk, page: Page) -> None:
        number = page.ticket.number
        said = text(as_(drud.carol), f"{DESK}/tickets/{number}/")
        assert "“Urgent and High” wakes people" in said
        assert "Told: Dan" in said
        response = as_(drud.carol).post(f"{DESK}/pages/{page.pk}/acknowledgement/", {"next": "ticket"})
        assert response.headers["Location"] == f"{DESK}/tickets/{number}/"

    def test_says_on_the_ticket_who_was_told_when_it_arrived_and_when_it_was_seen(self, drud: Desk, page: Page) -> None:
        type(drud.carol.user).objects.filter(pk=drud.carol.user.pk).update(zone="Asia/Kathmandu")
        carol, here = as_(drud.carol), f"{DESK}/tickets/{page.ticket.number}/"
        said = text(carol, here)
        assert "on call: DDEV Live on-call" in said
        assert "e-mail waiting" in said
        assert "seen" not in said
        at = timezone.now()
        mail = next(each for each in sent(page) if each.channel == "email")
        Delivery.objects.filter(pk=mail.pk).update(state="sent", sent_at=at)
        Notice.objects.filter(kind="page", membership=drud.dan).update(read_at=at)
        said, clock = text(carol, here), at.astimezone(ZoneInfo("Asia/Kathmandu")).strftime("%H:%M")
        assert f"e-mail {clock}" in said
        assert f"seen {clock}" in said

    def test_says_on_the_ticket_what_never_arrived_and_does_not_fold_it(self, drud: Desk, page: Page) -> None:
        carol, here = as_(drud.carol), f"{DESK}/tickets/{page.ticket.number}/"
        for to in (drud.carol, drud.dan, drud.carol, drud.dan):
            tickets.assign(page.ticket, to=to, by=drud.dan, at=page.opened_at)
        Delivery.objects.filter(occasion__startswith=f"page-{page.pk}-", channel="email").update(
            state="dead", last_error="550 no such mailbox"
        )
        html = carol.get(here).content.decode()
        assert "given up" in re.sub(r"\s+", " ", re.sub(r"<details.*?</details>", "", html, flags=re.DOTALL))
        assert "550 no such mailbox" in html

    def test_is_current_on_the_open_ticket(self, drud: Desk, page: Page) -> None:
        carol, live = as_(drud.carol), f"{DESK}/tickets/{page.ticket.number}/activity/"
        tag = carol.get(live).headers["ETag"]
        assert carol.get(live, headers={"If-None-Match": tag}).status_code == 304
        Notice.objects.filter(kind="page").update(read_at=timezone.now())
        assert carol.get(live, headers={"If-None-Match": tag}).status_code == 200

    def test_takes_as_many_queries_on_the_ticket_for_thirty_steps_as_for_one(self, drud: Desk, page: Page) -> None:
        carol, here = as_(drud.carol), f"{DESK}/tickets/{page.ticket.number}/"

        def count() -> int:
            with CaptureQueriesContext(connection) as queries:
                text(carol, here)
            return len(queries)

        text(carol, here)
        one = count()
        for number in range(30):
            actions.hand_to(page, to=(drud.carol, drud.dan)[number % 2], by=drud.erin, at=timezone.now())
        assert text(carol, here).count("handed it to") == 30
        assert count() == one

    def test_is_opened_by_hand_from_the_ticket(self, drud: Desk) -> None:
        ticket = filed(drud, "Low", timezone.now())
        response = as_(drud.carol).post(f"{DESK}/tickets/{ticket.number}/pages/", {"policy": "urgent-and-high"})
        assert response.headers["Location"] == f"{DESK}/pages/{page_of(ticket).pk}/"

    def test_is_not_for_customers(self, drud: Desk, page: Page) -> None:
        assert "wakes people" not in text(as_(drud.alice), f"/drud/tickets/{page.ticket.number}/")
        assert as_(drud.alice).post(f"{DESK}/pages/{page.pk}/acknowledgement/").status_code == 403


class TestInTheInbox:
    INBOX = "/drud/inbox/"

    def test_is_acknowledged_and_read_by_that(self, drud: Desk, page: Page) -> None:
        dan = as_(drud.dan)
        assert f"{DESK}/pages/{page.pk}/acknowledgement/" in dan.get(self.INBOX).content.decode()
        other = Notice.objects.filter(membership=drud.dan).exclude(kind="page").unread().count()
        dan.post(f"{DESK}/pages/{page.pk}/acknowledgement/", {"from": "inbox"})
        assert history(page)[-1].data["by_what"] == "inbox"
        left = Notice.objects.filter(membership=drud.dan).unread()
        assert not left.filter(kind="page").exists()
        assert left.count() == other

    def test_leaves_what_others_were_told_unread(self, drud: Desk, page: Page) -> None:
        actions.hand_to(page, to=drud.carol, by=drud.erin, at=timezone.now())
        as_(drud.dan).post(f"{DESK}/pages/{page.pk}/acknowledgement/", {"from": "inbox"})
        assert Notice.objects.filter(membership=drud.carol, kind="page").unread().count() == 1

    def test_says_who_answers_for_it_instead_of_asking_again(self, drud: Desk, page: Page) -> None:
        type(drud.dan.user).objects.filter(pk=drud.dan.user.pk).update(zone="Asia/Kathmandu")
        at = timezone.now()
        actions.acknowledge(page, by=drud.carol, at=at)
        response = as_(drud.dan).get(self.INBOX).content.decode()
        assert "acknowledgement/" not in response
        said, clock = text(as_(drud.dan), self.INBOX), at.astimezone(ZoneInfo("Asia/Kathmandu")).strftime("%H:%M")
        assert f"Carol answers for it, since {clock}" in said

    def test_asks_once_for_what_was_told_twice(self, drud: Desk, page: Page) -> None:
        fire_due(until=page.opened_at + 6 * MINUTE)
        assert Notice.objects.filter(kind="page", membership=drud.dan).count() == 2
        assert as_(drud.dan).get(self.INBOX).content.count(b"acknowledgement/") == 1

    def test_says_that_it_is_over(self, drud: Desk, page: Page) -> None:
        actions.resolve(page, by=drud.carol, at=timezone.now())
        assert "acknowledgement/" not in as_(drud.dan).get(self.INBOX).content.decode()
        assert "Over, Carol," in text(as_(drud.dan), self.INBOX)

    def test_asks_again_when_the_acknowledgement_ran_out(self, drud: Desk, page: Page) -> None:
        dan = as_(drud.dan)
        dan.post(f"{DESK}/pages/{page.pk}/acknowledgement/", {"from": "inbox"})
        page.refresh_from_db()
        assert page.next_at is not None
        fire_due(until=page.next_at + MINUTE)
        assert f"{DESK}/pages/{page.pk}/acknowledgement/" in dan.get(self.INBOX).content.decode()

    def test_takes_as_many_queries_for_ten_pages_as_for_one(self, drud: Desk, page: Page) -> None:
        dan, counted = as_(drud.dan), []
        for count in (0, 9):
            for _ in range(count):
                filed(drud, "Urgent", page.opened_at)
            fire_due(until=timezone.now())
            text(dan, self.INBOX)
            with CaptureQueriesContext(connection) as queries:
                assert dan.get(self.INBOX).content.count(b"acknowledgement/") == count + 1
            counted.append(len(queries))
        assert counted[0] == counted[1]


class TestInItsWaitingRoom:
    SATURDAY = datetime(2026, 3, 7, 12, 0, tzinfo=UTC)

    @pytest.fixture
    def held(self, drud: Desk) -> Page:
        """Opened on a Saturday: the working week goes on on Sunday evening or Monday, as the contract has it."""
        ticket = filed(drud, "Low", self.SATURDAY)
        page = actions.page_by_hand(ticket, policy="waiting-room", by=drud.carol, at=self.SATURDAY)
        fire_due(until=self.SATURDAY + MINUTE / 60)
        page.refresh_from_db()
        return page

    @pytest.mark.parametrize("path", ["pages/{page}/", "pages/{page}/activity/", "tickets/{ticket}/"])
    def test_says_until_when_and_who_is_woken_then(self, drud: Desk, held: Page, path: str) -> None:
        type(drud.carol.user).objects.filter(pk=drud.carol.user.pk).update(zone="Asia/Kathmandu")
        assert held.next_at is not None
        said = text(as_(drud.carol), f"{DESK}/{path.format(page=held.pk, ticket=held.ticket.number)}")
        until = held.next_at.astimezone(ZoneInfo("Asia/Kathmandu")).strftime("%-d %b, %H:%M")
        assert f"In the waiting room until {until} , before it wakes anyone. Then it wakes Dan." in said
        assert "Nobody answers for it yet" not in said

    def test_names_whoever_is_told_first_when_nobody_is_on_call(self, drud: Desk, held: Page) -> None:
        Rota.objects.update(archived_at=timezone.now())
        said = text(as_(drud.carol), f"{DESK}/tickets/{held.ticket.number}/")
        assert "before it wakes anyone. Then it wakes Dan and Erin." in said, "the leads"

    def test_has_left_it_once_somebody_was_told(self, drud: Desk, held: Page) -> None:
        assert held.next_at is not None
        fire_due(until=held.next_at + MINUTE / 60)
        said = text(as_(drud.carol), f"{DESK}/tickets/{held.ticket.number}/")
        assert "In the waiting room until" not in said
        assert "Nobody answers for it yet" in said


class TestTheLink:
    @pytest.fixture
    def link(self, page: Page) -> str:
        found = re.search(r"/drud/answers/[\w-]+/", next(each.body for each in sent(page) if each.channel == "email"))
        assert found is not None
        return found[0]

    def test_says_first_what_it_is_about(self, page: Page, link: str) -> None:
        said = text(Client(), link)
        for words in ("The site is down", "For Dan", "Acknowledge: I answer for it", "Northwind"):
            assert words in said
        page.refresh_from_db()
        assert page.is_open, "reading is not answering"

    @pytest.mark.parametrize(
        ("answer", "state"),
        [("acknowledge", PageState.ACKNOWLEDGED), ("escalate", PageState.OPEN), ("resolve", PageState.RESOLVED)],
    )
    def test_answers_without_signing_in(self, page: Page, link: str, answer: str, state: str) -> None:
        response = Client().post(link, {"answer": answer})
        assert response.status_code == 200
        page.refresh_from_db()
        assert page.state == state
        answered = next(event for event in history(page) if event.data.get("by_what") == "email")
        assert answered.by is not None
        assert answered.by.name == "Dan"

    def test_answers_once(self, page: Page, link: str) -> None:
        Client().post(link, {"answer": "acknowledge"})
        again = Client().post(link, {"answer": "resolve"})
        assert again.status_code == 410
        page.refresh_from_db()
        assert page.state == PageState.ACKNOWLEDGED

    def test_that_cannot_answer_is_not_used_up(self, drud: Desk, page: Page, link: str) -> None:
        actions.acknowledge(page, by=drud.carol, at=timezone.now())
        response = Client().post(link, {"answer": "acknowledge"})
        assert response.status_code == 409
        assert "Carol was quicker" in response.content.decode()
        assert PageLink.objects.get().used_at is None

    def test_runs_out(self, page: Page, link: str) -> None:
        PageLink.objects.update(expires_at=timezone.now())
        assert "has run out" in text(Client(), link, 410)
        Client().post(link, {"answer": "acknowledge"})
        page.refresh_from_db()
        assert page.is_open

    def test_says_nothing_to_whoever_guesses(self, page: Page) -> None:
        said = text(Client(), "/drud/answers/guessed/", 404)
        assert "not one of ours" in said
        assert "The site is down" not in said

    def test_is_worth_nothing_at_another_vendor(self, page: Page, link: str, mallory: Membership) -> None:
        assert Client().get(link.replace("/drud/", "/elsewhere/")).status_code == 404

    def test_keeps_only_its_digest(self, page: Page, link: str) -> None:
        secret = link.split("/")[-2]
        assert PageLink.objects.get().digest == PageLink.digest_of(secret)

    def test_of_somebody_who_left_answers_nothing(self, drud: Desk, page: Page, link: str) -> None:
        with vendor_scope(drud.vendor):
            Membership.objects.filter(pk=drud.dan.pk).update(is_active=False)
        assert Client().post(link, {"answer": "acknowledge"}).status_code == 409


class TestPolicies:
    def test_are_said_in_words(self, drud: Desk) -> None:
        said = text(as_(drud.carol), f"{DESK}/policies/")
        for words in (
            "Urgent and High",
            "priorities that wake people",
            "Open an incident in VictorOps",
            "Tell the first on call of “DDEV Live on-call” by inbox, e-mail and text message",
            "Hold until “24x5” is open",
            "Repeat from step 2, up to 3 times",
        ):
            assert words in said

    def test_tried_out_say_that_the_waiting_room_is_no_end(self, drud: Desk, page: Page) -> None:
        low = filed(drud, "Low", timezone.now())
        said = text(
            as_(drud.carol), f"{DESK}/policies/waiting-room/?dry-number={low.number}&dry-moment=2026-03-07T20:10"
        )
        assert "In the waiting room: nobody is told yet." in said
        assert said.count("The chain ends here.") <= 1
        assert said.index("nobody is told yet") < said.index("Dan by inbox and e-mail")

    def test_are_tried_out(self, drud: Desk, page: Page) -> None:
        number = page.ticket.number
        said = text(
            as_(drud.carol), f"{DESK}/policies/urgent-and-high/?dry-number={number}&dry-moment=2026-03-03T02:10"
        )
        assert "Dan by inbox, e-mail and text message (on call: DDEV Live on-call)" in said
        assert "no such service is set up" in said
        assert Page.objects.count() == 1, "nothing is opened"
        assert "not for tickets like this one" in text(
            as_(drud.carol), f"{DESK}/policies/waiting-room/?dry-number={number}"
        )
        assert "There is no such ticket" in text(as_(drud.carol), f"{DESK}/policies/waiting-room/?dry-number=999")
