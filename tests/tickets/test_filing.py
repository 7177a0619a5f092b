"""Filing a ticket: what the form promises where the choice is made, and what it keeps when something is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime

import pytest
import time_machine
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from onboarding import launching
from plans.models import Category, Subscription
from supportdesk.accounts.models import Organization, Project
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk, make_desk
from tests.tickets.pages import HOUR, NEW, answers, as_, filed, page, queries, text_of
from tests.tickets.test_guidance import LAUNCH
from tickets import actions
from tickets.guidance import Condition
from tickets.models import Attachment, Ticket
from tickets.views.guidance import spoken

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
        assert queries(alice, NEW) == one <= 18


class TestGuidance:
    """The answers recommend a priority; the choice stays the customer's."""

    def ask(self, client: Client, vendor: str, sent: Mapping[str, object]) -> str:
        return client.post(f"/{vendor}/tickets/new/choices/", dict(sent)).content.decode()

    def test_recommends_says_why_and_chooses_it(self) -> None:
        desk = make_desk("platformsh")
        alice = as_(desk.alice.user)
        down = Condition("results in down-time").key
        html = self.ask(alice, "platformsh", {"workaround": "none", "criteria": [down], "environment": "production"})
        words = text_of(html)
        assert "We recommend Critical because, by the definitions of Platform.sh: results in down-time" in words
        assert re.search(r"We answer by \S+ tomorrow instead of 11:00 today \(Critical\)\.", words)
        with vendor_scope(desk.vendor):
            critical = desk.priority("Critical").pk
        assert re.search(rf'name="priority"[^>]*value="{critical}"[^>]*checked', html)

    def test_leaves_another_choice_alone(self) -> None:
        desk = make_desk("platformsh")
        down = Condition("results in down-time").key
        with vendor_scope(desk.vendor):
            low, high = desk.priority("Low").pk, desk.priority("High").pk
        sent = {"workaround": "none", "criteria": [down], "priority": low, "advised": high}
        html = self.ask(as_(desk.alice.user), "platformsh", sent)
        assert re.search(rf'name="priority"[^>]*value="{low}"[^>]*checked', html)
        html = self.ask(as_(desk.alice.user), "platformsh", sent | {"advised": low})
        assert not re.search(rf'name="priority"[^>]*value="{low}"[^>]*checked', html)

    def test_knows_the_announced_launch(self) -> None:
        desk = make_desk("platformsh")
        alice = as_(desk.alice.user)
        sent = {"environment": "staging", "workaround": "none", "criteria": [Condition(LAUNCH).key]}
        before = text_of(self.ask(alice, "platformsh", sent))
        assert "We recommend High" in before
        assert "Critical would need a launch on these days that Platform.sh was told of. Announce a launch" in before
        with vendor_scope(desk.vendor):
            day = (MONDAY + 72 * HOUR).date()
            launching.announce(project=desk.project, planned_on=day, by=desk.alice, at=MONDAY)
        after = text_of(self.ask(alice, "platformsh", sent))
        assert "We recommend Critical" in after
        assert "Announced: Thu 5 March 2026" in after

    def test_asks_for_the_agreed_critical_functions(self, oro: Desk, alice: Client) -> None:
        with vendor_scope(oro.vendor):
            launching.agree_functions(oro.project, ["Checkout"], by=oro.carol, at=MONDAY)
        assert "Has one of these stopped?" in page(alice, NEW)
        said = {"functions": ["Checkout"], "workaround": "none", "project": oro.project.pk}
        words = text_of(self.ask(alice, "orocloud", said))
        assert "We recommend P1" in words
        assert "Checkout is agreed as critical to your business" in words

    def test_asks_nothing_where_the_document_defines_nothing(self) -> None:
        desk = make_desk("commercetools", plan="premium")
        words = page(as_(desk.alice.user), "/commercetools/tickets/new/")
        assert "Which of these is true?" not in words
        assert "workaround" not in words

    def test_the_answers_stay_with_the_ticket_for_the_desk(self, oro: Desk, alice: Client) -> None:
        text = "the complete unavailability of the production application"
        with vendor_scope(oro.vendor):
            p3 = oro.priority("P3").pk
        said = {"workaround": "none", "criteria": [Condition(text).key], "priority": p3}
        assert alice.post(NEW, answers(oro, **said)).status_code == 302
        words = page(as_(oro.carol.user), "/orocloud/desk/tickets/1/")
        assert "Customer’s answers" in words
        assert text in words
        assert "Recommended P1 (they chose P3)" in words
        assert "_guidance" not in page(alice, "/orocloud/tickets/1/")


class TestPeopleToKeepInformed:
    def test_follow_a_private_ticket_from_the_start(self, oro: Desk, alice: Client) -> None:
        assert "Grace" in page(alice, NEW)
        alice.post(NEW, answers(oro, informed=[oro.bob.pk]))
        with vendor_scope(oro.vendor):
            ticket = Ticket.objects.get()
            assert [each.person for each in ticket.followers.all()] == [oro.bob]
            assert ticket in Ticket.objects.visible_to(oro.bob)


class TestSuggestions:
    def test_names_resolved_tickets_that_the_reader_may_see(self, oro: Desk, alice: Client) -> None:
        for subject, by in (("Checkout is down again", oro.alice), ("Checkout is down for Bob", oro.bob)):
            ticket = filed(oro, subject=subject, by=by)
            with vendor_scope(oro.vendor):
                actions.resolve(Ticket.objects.get(pk=ticket.pk), by=by, at=MONDAY)
        filed(oro, subject="Checkout is down and open")
        words = page(alice, f"{NEW}suggestions/?subject=checkout+down")
        assert "Checkout is down again" in words
        assert "for Bob" not in words
        assert "and open" not in words

    @pytest.mark.parametrize("subject", ["", "a", "\0", "x" * 5000, "🔥"])
    def test_of_nothing_are_none(self, alice: Client, subject: str) -> None:
        response = alice.get(f"{NEW}suggestions/", {"subject": subject})
        assert response.status_code == 200
        assert text_of(response.content.decode()) == ""


class TestAnInstantAsOneSaysIt:
    @pytest.mark.parametrize(
        ("hours", "words"), [(4, "12:00 today"), (24, "08:00 tomorrow"), (72, "08:00 on Thu 5 March")]
    )
    def test_names_the_day(self, hours: int, words: str) -> None:
        due: datetime = MONDAY + hours * HOUR
        assert spoken(due, MONDAY) == words
