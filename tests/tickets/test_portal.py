"""The customer's pages: who sees what, what is said, what is kept when something is wrong, and what each page costs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from plans.models import Category, Subscription
from plans.states import State
from sla.models import Clock
from supportdesk.accounts.models import Organization, Project
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk, make_desk
from tickets import actions
from tickets.models import Attachment, Message, Ticket

HOUR = timedelta(hours=1)
LIST = "/orocloud/tickets/"
NEW = "/orocloud/tickets/new/"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def monday(settings: LazySettings, tmp_path: object) -> Iterator[None]:
    """Monday 2 March 2026, 10:00 in Kyiv."""
    settings.MEDIA_ROOT = tmp_path
    with time_machine.travel(MONDAY, tick=False):
        yield


@pytest.fixture
def alice(client: Client, oro: Desk) -> Client:
    client.force_login(oro.alice.user)
    return client


def as_(person: object) -> Client:
    client = Client()
    client.force_login(person)  # type: ignore[arg-type]
    return client


def filed(desk: Desk, **said: object) -> Ticket:
    facts: dict[str, object] = {
        "by": desk.alice,
        "at": MONDAY - HOUR,
        "project": desk.project,
        "subject": "Checkout is down",
        "body": "It answers 502.",
    }
    with vendor_scope(desk.vendor):
        facts["priority"] = desk.priority(str(said.pop("priority", "P2")))
        return actions.open_ticket(**(facts | said))  # type: ignore[arg-type]


def page(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return text_of(response.content.decode())


def text_of(html: str) -> str:
    """The words of a page, without its markup."""
    unscripted = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", unscripted)).split())


def queries(client: Client, path: str, **headers: str) -> int:
    """What a page asks of the database, the statements of the transaction around it left out."""
    with CaptureQueriesContext(connection) as asked:
        client.get(path, headers=headers)
    return sum(not re.match("SAVEPOINT|RELEASE|SELECT set_config", query["sql"]) for query in asked)


def answers(desk: Desk, **changed: object) -> dict[str, object]:
    """A form filled in well."""
    with vendor_scope(desk.vendor):
        category = Category.objects.get(slug="technical-request")
        filled: dict[str, object] = {
            "submission": str(uuid.uuid4()),
            "project": desk.project.pk,
            "category": category.pk,
            "field_license_key": "LIC-1",
            "field_company_name": "Northwind",
            "environment": "production",
            "subject": "Checkout is down",
            "url": "shop.example/checkout",
            "body": "It answers **502**.",
            "priority": desk.priority("P1").pk,
            "is_shared": "false",
        }
    return filled | changed


class TestTheLists:
    def test_show_ones_own_open_tickets_first(self, oro: Desk, alice: Client) -> None:
        filed(oro)
        filed(oro, by=oro.bob, subject="Bob's private question")
        words = page(alice, LIST)
        assert "Checkout is down" in words
        assert "#1" in words
        assert "Waiting for triage" in words
        assert "First response due in" in words
        assert "Bob's private question" not in words

    def test_show_what_colleagues_share(self, oro: Desk, alice: Client) -> None:
        filed(oro, by=oro.bob, subject="For all of us", is_shared=True)
        filed(oro, subject="My own", is_shared=True)
        words = page(alice, f"{LIST}?scope=shared")
        assert "For all of us" in words
        assert "My own" not in words

    def test_a_manager_begins_with_everything_of_the_organization(self, oro: Desk) -> None:
        filed(oro, subject="Alice's private ticket")
        assert "Alice's private ticket" in page(as_(oro.grace.user), LIST)

    def test_everything_is_for_managers_only(self, alice: Client) -> None:
        assert alice.get(f"{LIST}?scope=all").status_code == 404

    def test_are_filtered_by_status(self, oro: Desk, alice: Client) -> None:
        with vendor_scope(oro.vendor):
            done, asked = filed(oro, subject="Done"), filed(oro, subject="Asked")
            actions.resolve(done, by=oro.carol, at=MONDAY)
            actions.set_state(asked, State.WAITING, by=oro.carol, at=MONDAY)
        for status, there, gone in (
            ("open", "Asked", "Done"),
            ("waiting", "Asked", "Done"),
            ("resolved", "Done", "Asked"),
        ):
            words = page(alice, f"{LIST}?status={status}")
            assert there in words
            assert gone not in words

    @pytest.mark.parametrize(
        "query", ["scope=theirs", "status=lost", "after=x", "after=1_x", "after=9", f"after={10**30}_1"]
    )
    def test_do_not_guess_what_is_meant(self, alice: Client, query: str) -> None:
        assert alice.get(f"{LIST}?{query}").status_code == 404

    def test_go_on_from_page_to_page(self, oro: Desk, alice: Client) -> None:
        for number in range(27):
            filed(oro, subject=f"Question {number:02}")
        first = alice.get(LIST).content.decode()
        assert "Question 26" in first
        assert "Question 01" not in first
        older = re.search(r'href="([^"]+after=[^"]+)"', first)
        assert older is not None
        second = page(alice, unescape(older[1]))
        assert "Question 01" in second
        assert "Question 00" in second
        assert "Question 02" not in second

    def test_begin_with_what_changed_last(self, oro: Desk, alice: Client) -> None:
        first, second = filed(oro, subject="Older"), filed(oro, subject="Newer")
        with vendor_scope(oro.vendor):
            actions.reply(first, by=oro.carol, at=MONDAY, body="An answer.")
        words = page(alice, LIST)
        assert words.index(f"#{first.number}") < words.index(f"#{second.number}")

    def test_that_are_empty_offer_the_one_thing_to_do(self, alice: Client) -> None:
        html = alice.get(LIST).content.decode()
        assert "You have no open tickets" in html
        assert f'href="{NEW}"' in html

    def test_show_no_internal_clock(self) -> None:
        drud = make_desk("drud")
        filed(drud, priority="Urgent")
        words = page(as_(drud.alice.user), "/drud/tickets/")
        assert "Received" in words
        assert "due in" not in words

    def test_cost_the_same_for_one_ticket_and_for_fifty(self, oro: Desk, alice: Client) -> None:
        filed(oro)
        page(alice, LIST)
        one = queries(alice, LIST)
        for _each in range(49):
            filed(oro)
        assert queries(alice, LIST) == one <= 8

    def test_send_staff_to_the_desk(self, oro: Desk) -> None:
        assert as_(oro.carol.user).get(LIST).headers["Location"] == "/orocloud/desk/"


class TestFiling:
    def test_asks_in_the_vendors_words(self, alice: Client) -> None:
        words = page(alice, NEW)
        assert "A summary of your request." in words
        assert "Please attach any files that may help in issue resolution" in words
        assert "the complete unavailability of the production application" in words
        assert "the application is down or not available to the end users" in words
        assert "Shared with the group" in words
        assert "Support plan Enterprise" in words

    def test_states_the_promise_where_the_choice_is_made(self, alice: Client) -> None:
        words = page(alice, NEW)
        assert "Choose P1 and we answer by 14:00 today" in words
        assert "Choose P2 and we answer by 10:00 on Thu 5 March" in words
        assert "No answer time is promised for ER" in words

    def test_names_both_zones_of_the_promised_instant(self, oro: Desk) -> None:
        oro.alice.user.zone = "America/New_York"
        oro.alice.user.save()
        html = as_(oro.alice.user).get(NEW).content.decode()
        assert "07:00 today" in html
        assert "Mon 2 March 2026, 07:00 EST · Mon 2 March 2026, 14:00 EET" in html

    def test_says_best_effort_plainly(self) -> None:
        desk = make_desk("platformsh")
        words = page(as_(desk.alice.user), "/platformsh/tickets/new/")
        assert "Choose Critical and we answer by 11:00 today and resolve it by 14:00 today" in words
        assert "Best effort: we answer as soon as we can, without a promised time" in words
        assert "Resolution: best effort" in words

    def test_says_that_updates_are_promised(self) -> None:
        desk = make_desk("commercetools", plan="premium")
        words = page(as_(desk.alice.user), "/commercetools/tickets/new/")
        assert "Choose S1 and we answer by 10:20 today" in words
        assert "Updates every 30 minutes, or as stated in the previous update" in words

    def test_says_nothing_of_time_where_nothing_is_promised_publicly(self) -> None:
        desk = make_desk("drud")
        words = page(as_(desk.alice.user), "/drud/tickets/new/")
        assert "production systems are down" in words
        for invented in ("we answer", "promised", "Best effort", "if you file it now", "60 minutes"):
            assert invented not in words

    def test_makes_a_ticket(self, oro: Desk, alice: Client) -> None:
        files = [SimpleUploadedFile("error.log", b"502"), SimpleUploadedFile("shot.png", b"\x89PNG\r\n\x1a\n....")]
        response = alice.post(NEW, answers(oro, files=files, is_shared="true"))
        assert response.headers["Location"] == "/orocloud/tickets/1/"
        with vendor_scope(oro.vendor):
            ticket = Ticket.objects.get()
            assert (ticket.priority.code, ticket.environment, ticket.is_shared) == ("P1", "production", True)
            assert ticket.url == "https://shop.example/checkout"
            assert ticket.fields == {"license_key": "LIC-1", "company_name": "Northwind"}
            assert [each.name for each in Attachment.objects.order_by("id")] == ["error.log", "shot.png"]
        words = page(alice, "/orocloud/tickets/1/")
        assert "Your request is filed as #1" in words
        assert "First response due in 4 h" in words
        assert "License key LIC-1" in words

    def test_a_double_click_makes_one_ticket(self, oro: Desk, alice: Client) -> None:
        filled = answers(oro)
        assert alice.post(NEW, filled).headers["Location"] == alice.post(NEW, filled).headers["Location"]
        with vendor_scope(oro.vendor):
            assert Ticket.objects.count() == 1

    def test_loses_nothing_when_something_is_missing(self, oro: Desk, alice: Client) -> None:
        filled = answers(oro, subject="", field_license_key="", files=[SimpleUploadedFile("error.log", b"502")])
        response = alice.post(NEW, filled)
        html = response.content.decode()
        assert response.status_code == 422
        assert 'href="#id_subject"' in html
        assert 'href="#id_field_license_key"' in html
        assert "It answers **502**." in html
        assert 'value="Northwind"' in html
        assert f'value="{filled["submission"]}"' in html
        assert re.search(rf'name="priority"[^>]*value="{filled["priority"]}"[^>]*checked', html)
        assert "<title>Error: " in html
        words = text_of(html)
        assert "Please choose your files again." in words
        assert "error.log" in words

    @pytest.mark.parametrize(
        ("file", "problem"),
        [
            (SimpleUploadedFile("empty.txt", b""), "“empty.txt” is empty"),
            (SimpleUploadedFile("holiday.png", b"MZ" + bytes(80)), "“holiday.png” is a program"),
            (SimpleUploadedFile("<img src=x onerror=alert(1)>.txt", b"MZ" + bytes(80)), "is a program"),
        ],
    )
    def test_refuses_a_file_and_keeps_the_text(
        self, oro: Desk, alice: Client, file: SimpleUploadedFile, problem: str
    ) -> None:
        file.seek(0)
        response = alice.post(NEW, answers(oro, files=[file]))
        html = response.content.decode()
        assert response.status_code == 422
        assert problem in text_of(html)
        assert "<img src=x" not in html
        assert "It answers **502**." in html

    def test_refuses_too_large_a_file_by_its_name(self, oro: Desk, alice: Client, settings: LazySettings) -> None:
        settings.ATTACHMENT_MAX_BYTES = 1024 * 1024
        response = alice.post(NEW, answers(oro, files=[SimpleUploadedFile("core.dump", bytes(1024 * 1024 + 1))]))
        assert response.status_code == 422
        assert "“core.dump” is larger than 1 MB" in text_of(response.content.decode())

    def test_refuses_a_megabyte_of_text_and_shows_it_again(self, oro: Desk, alice: Client) -> None:
        response = alice.post(NEW, answers(oro, body="x" * 1_000_000))
        assert response.status_code == 422
        assert "x" * 1_000_000 in response.content.decode()

    def test_a_script_in_the_text_stays_text(self, oro: Desk, alice: Client) -> None:
        alice.post(NEW, answers(oro, body="<script>alert(1)</script> [x](javascript:alert(1))", subject="<b>Down</b>"))
        html = alice.get("/orocloud/tickets/1/").content.decode()
        assert "<script>alert" not in html
        assert 'href="javascript' not in html
        assert "<b>Down</b>" not in html

    def test_refuses_another_organizations_project(self, oro: Desk, alice: Client) -> None:
        with vendor_scope(oro.vendor):
            southwind = Organization.objects.create(name="Southwind", slug="southwind")
            theirs = Project.objects.create(organization=southwind, name="Their shop", slug="their-shop")
        response = alice.post(NEW, answers(oro, project=theirs.pk))
        assert response.status_code == 422
        with vendor_scope(oro.vendor):
            assert Ticket.objects.count() == 0

    def test_without_a_subscription_says_what_to_do_instead(self, oro: Desk, alice: Client) -> None:
        with vendor_scope(oro.vendor):
            Subscription.objects.update(ends_on=MONDAY.date())
        words = page(alice, NEW)
        assert "Shop has no active support subscription" in words
        assert "Ask your contact at OroCloud to start or renew the subscription" in words
        assert "we answer by" not in words
        response = alice.post(NEW, answers(oro))
        assert response.status_code == 422
        assert "Shop has no active support subscription" in text_of(response.content.decode())

    def test_begins_with_a_project_that_has_a_subscription(self, oro: Desk, alice: Client) -> None:
        with vendor_scope(oro.vendor):
            factories.ProjectFactory(organization=oro.organization, slug="archive", name="Archive")
        html = alice.get(NEW).content.decode()
        assert "Archive (no active subscription)" in html
        assert re.search(rf'<option value="{oro.project.pk}" selected>', html)
        assert "Support plan Enterprise" in text_of(html)

    def test_without_a_project_there_is_no_form(self, oro: Desk, alice: Client) -> None:
        oro.project.is_active = False
        with vendor_scope(oro.vendor):
            oro.project.save()
        html = alice.get(NEW).content.decode()
        assert "Northwind has no project here yet" in html
        assert 'name="subject"' not in html

    def test_the_category_brings_its_own_questions(self, oro: Desk, alice: Client) -> None:
        with vendor_scope(oro.vendor):
            access = Category.objects.get(slug="access-request")
        sent = {"category": access.pk, "field_license_key": "LIC-1", "project": oro.project.pk}
        html = alice.post(f"{NEW}choices/", sent).content.decode()
        assert 'id="questions"' in html
        assert "User&#x27;s first and last name" in html or "User&#39;s first and last name" in html
        assert 'value="LIC-1"' in html
        assert 'name="subject"' not in html

    def test_the_questions_come_without_scripts_too(self, oro: Desk, alice: Client) -> None:
        with vendor_scope(oro.vendor):
            access = Category.objects.get(slug="access-request")
        response = alice.post(NEW, {"category": access.pk, "body": "Kept", "is_shared": "true", "refresh": "preview"})
        html = response.content.decode()
        assert response.status_code == 200
        assert 'name="field_person"' in html
        assert "There is a problem" not in html
        assert "<p>Kept</p>" in html
        assert re.search(r'name="is_shared" value="true" checked', html)
        with vendor_scope(oro.vendor):
            assert Ticket.objects.count() == 0

    def test_an_open_form_learns_the_promises_of_this_moment(self, oro: Desk, alice: Client) -> None:
        with time_machine.travel(MONDAY + HOUR, tick=False):
            html = alice.get(f"{NEW}choices/?only=promises&project={oro.project.pk}").content.decode()
        assert "15:00 today" in html
        assert 'hx-swap-oob="true"' in html
        assert "<input" not in html

    def test_previews_markdown_safely(self, alice: Client) -> None:
        html = alice.post("/orocloud/tickets/preview/", {"body": "**bold** <script>x</script>"}).content.decode()
        assert "<strong>bold</strong>" in html
        assert "<script>" not in html

    def test_needs_no_more_queries_for_many_projects(self, oro: Desk, alice: Client) -> None:
        page(alice, NEW)
        one = queries(alice, NEW)
        with vendor_scope(oro.vendor):
            for number in range(30):
                factories.ProjectFactory(organization=oro.organization, slug=f"p{number}", name=f"Project {number}")
        assert queries(alice, NEW) == one <= 16


class TestATicket:
    @pytest.fixture
    def ticket(self, oro: Desk) -> Ticket:
        return filed(oro, priority="P1", url="https://shop.example/checkout")

    def test_is_not_there_for_those_who_may_not_read_it(self, oro: Desk, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            stranger = factories.MembershipFactory(
                user=factories.UserFactory(name="Trudy", email="trudy@orocloud.example"),
                organization=factories.OrganizationFactory(slug="southwind"),
            )
        for person in (oro.bob, stranger):
            client = as_(person.user)
            assert client.get("/orocloud/tickets/1/").status_code == 404
            assert client.get("/orocloud/tickets/1/activity/").status_code == 404
            for change in ("replies", "resolution", "reopening"):
                assert client.post(f"/orocloud/tickets/1/{change}/", {"body": "x"}).status_code == 404
        with vendor_scope(oro.vendor):
            ticket.refresh_from_db()
            assert ticket.state == State.NEW
            assert Message.objects.count() == 1

    def test_is_there_for_the_manager_and_for_colleagues_it_is_shared_with(self, oro: Desk, ticket: Ticket) -> None:
        assert "Checkout is down" in page(as_(oro.grace.user), "/orocloud/tickets/1/")
        shared = filed(oro, is_shared=True, subject="Shared")
        client = as_(oro.bob.user)
        assert "Shared" in page(client, f"/orocloud/tickets/{shared.number}/")
        client.post(f"/orocloud/tickets/{shared.number}/replies/", {"body": "Same here."})
        assert "Same here." in page(as_(oro.alice.user), f"/orocloud/tickets/{shared.number}/")

    def test_says_where_it_stands_in_the_customers_words(self, alice: Client, ticket: Ticket) -> None:
        words = page(alice, "/orocloud/tickets/1/")
        assert "Waiting for triage The status of the new ticket that just entered the queue." in words
        assert "First response due in 3 h" in words
        assert "Shop, Enterprise plan" in words

    def test_says_whose_turn_it_is(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            actions.reply(ticket, by=oro.carol, at=MONDAY, body="Which version?", then_state=State.WAITING)
        words = page(alice, "/orocloud/tickets/1/")
        assert "The support team is waiting for your answer since 10:00" in words
        alice.post("/orocloud/tickets/1/replies/", {"body": "5.1"})
        words = page(alice, "/orocloud/tickets/1/")
        assert "is waiting for your answer" not in words
        assert "In progress" in words

    def test_tells_nothing_internal(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            actions.note(ticket, by=oro.carol, at=MONDAY, body="They broke it themselves.")
            actions.assign(ticket, to=oro.carol, by=oro.dan, at=MONDAY)
            actions.triage(ticket, severity=oro.priority("P4"), by=oro.carol, at=MONDAY)
            actions.set_state(ticket, State.IN_PROGRESS, by=oro.carol, at=MONDAY, reason="blame the cache")
            actions.set_priority(ticket, priority=oro.priority("P3"), by=oro.dan, at=MONDAY, reason="not urgent at all")
            actions.no_reply_needed(ticket, by=oro.carol, at=MONDAY)
        words = page(alice, "/orocloud/tickets/1/") + page(alice, "/orocloud/tickets/1/activity/")
        for secret in ("They broke it", "Internal note", "assigned", "everity", "blame the cache", "not urgent at all"):
            assert secret not in words
        assert "no reply needed" not in words.lower()
        assert "Status: In progress" in words
        assert "Dan changed the priority from P1 to P3" in words

    def test_keeps_what_was_written_when_a_reply_is_refused(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        response = alice.post(
            "/orocloud/tickets/1/replies/", {"body": "See the log", "files": [SimpleUploadedFile("empty.log", b"")]}
        )
        html = response.content.decode()
        assert response.status_code == 422
        assert "“empty.log” is empty" in html
        assert ">See the log</textarea>" in html
        assert "Please choose your files again." in html
        with vendor_scope(oro.vendor):
            assert Message.objects.count() == 1

    def test_is_resolved_and_reopened_by_the_customer(self, alice: Client, ticket: Ticket) -> None:
        assert alice.post("/orocloud/tickets/1/resolution/").headers["Location"] == "/orocloud/tickets/1/"
        words = page(alice, "/orocloud/tickets/1/")
        assert "You marked it as resolved" in words
        assert "Undo" in words
        alice.post("/orocloud/tickets/1/reopening/")
        assert "You reopened it" in page(alice, "/orocloud/tickets/1/")
        alice.post("/orocloud/tickets/1/reopening/")
        assert "The ticket is open already." in page(alice, "/orocloud/tickets/1/")

    def test_an_unchanged_page_costs_a_304(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        first = alice.get("/orocloud/tickets/1/activity/")
        again = {"If-None-Match": first.headers["ETag"]}
        assert alice.get("/orocloud/tickets/1/activity/", headers=again).status_code == 304
        with vendor_scope(oro.vendor):
            actions.reply(ticket, by=oro.carol, at=MONDAY, body="We see it.")
        changed = alice.get("/orocloud/tickets/1/activity/", headers=again)
        assert changed.status_code == 200
        assert "We see it." in changed.content.decode()
        assert "<textarea" not in changed.content.decode()

    def test_explains_its_clock(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        with vendor_scope(oro.vendor):
            clock = Clock.objects.get(ticket=ticket)
        path = f"/orocloud/tickets/1/clocks/{clock.pk}/"
        assert "first response within 4 hours, around the clock" in page(alice, path)
        assert "<html" not in alice.get(path, headers={"HX-Request": "true"}).content.decode()
        assert as_(oro.bob.user).get(path).status_code == 404

    def test_never_explains_an_internal_clock(self) -> None:
        drud = make_desk("drud")
        ticket = filed(drud, priority="Urgent")
        with vendor_scope(drud.vendor):
            clock = Clock.objects.filter(ticket=ticket).first()
        assert clock is not None
        assert as_(drud.alice.user).get(f"/drud/tickets/1/clocks/{clock.pk}/").status_code == 404

    def test_serves_attachments_only_as_downloads_and_only_to_readers(self, oro: Desk, alice: Client) -> None:
        ticket = filed(oro, files=[SimpleUploadedFile("page.html", b"<script>alert(1)</script>")])
        with vendor_scope(oro.vendor):
            actions.note(ticket, by=oro.carol, at=MONDAY, body="x", files=[SimpleUploadedFile("trace.txt", b"x")])
            own, internal = Attachment.objects.order_by("id")
        response = alice.get(f"/orocloud/attachments/{own.pk}/")
        assert b"".join(response) == b"<script>alert(1)</script>"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["Content-Type"] == "text/plain"
        assert response.headers["Content-Security-Policy"] == "sandbox"
        assert alice.get(f"/orocloud/attachments/{internal.pk}/").status_code == 404
        assert as_(oro.bob.user).get(f"/orocloud/attachments/{own.pk}/").status_code == 404

    def test_sends_staff_to_the_desk(self, oro: Desk, ticket: Ticket) -> None:
        carol = as_(oro.carol.user)
        assert carol.get("/orocloud/tickets/1/").headers["Location"] == "/orocloud/desk/tickets/1/"
        assert carol.get(NEW).headers["Location"] == "/orocloud/desk/tickets/new/"

    def test_costs_the_same_with_one_message_and_with_fifty(self, oro: Desk, alice: Client, ticket: Ticket) -> None:
        page(alice, "/orocloud/tickets/1/")
        one = queries(alice, "/orocloud/tickets/1/")
        with vendor_scope(oro.vendor):
            for number in range(49):
                by = (oro.alice, oro.carol, oro.dan)[number % 3]
                file = SimpleUploadedFile(f"{number}.log", b"x")
                actions.reply(ticket, by=by, at=MONDAY, body=f"Message {number}", files=[file])
        words = page(alice, "/orocloud/tickets/1/")
        assert "Message 48" in words
        assert "48.log" in words
        assert queries(alice, "/orocloud/tickets/1/") == one <= 12

    def test_a_poll_that_changes_nothing_is_cheap(self, alice: Client, ticket: Ticket) -> None:
        tag = alice.get("/orocloud/tickets/1/activity/").headers["ETag"]
        assert queries(alice, "/orocloud/tickets/1/activity/", **{"If-None-Match": tag}) <= 6


class TestAnInstantAsOneSaysIt:
    @pytest.mark.parametrize(
        ("hours", "words"), [(4, "12:00 today"), (24, "08:00 tomorrow"), (72, "08:00 on Thu 5 March")]
    )
    def test_names_the_day(self, hours: int, words: str) -> None:
        from tickets.views.guidance import spoken

        due: datetime = MONDAY + hours * HOUR
        assert spoken(due, MONDAY) == words
