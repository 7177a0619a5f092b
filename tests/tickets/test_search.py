"""Finding tickets: what is found by whom, in which words, and what is never given away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from supportdesk.accounts.models import Membership, MembershipProject, Organization, Role
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions
from tickets.models import SearchEntry, Ticket
from tickets.search import Results, search

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=1)


@pytest.fixture(autouse=True)
def media(settings: LazySettings, tmp_path: object) -> None:
    settings.MEDIA_ROOT = tmp_path


def found(text: str, who: Membership) -> list[Ticket]:
    results = search(text, who=who)
    assert not results.is_guess
    return [each.ticket for each in results.found]


class TestWords:
    def test_of_the_subject_the_messages_and_the_names_of_files(self, file: File, in_oro: Desk) -> None:
        filed = file(files=[SimpleUploadedFile("varnish-2026.log", b"x", "text/plain")])
        actions.reply(filed, by=in_oro.carol, at=LATER, body="The certificate has expired.")
        for words in ("checkout", "502", "certificate expired", "varnish", "varnish-2026.log", "checkout certificate"):
            assert found(words, in_oro.alice) == [filed], words

    def test_begin_so_or_are_of_one_stem(self, ticket: Ticket, in_oro: Desk) -> None:
        assert found("check", in_oro.alice) == [ticket]
        assert found("answering", in_oro.alice) == [ticket]

    def test_must_all_be_there(self, ticket: Ticket, in_oro: Desk) -> None:
        assert (
            search("checkout zebra", who=in_oro.alice).found == ()
            or search("checkout zebra", who=in_oro.alice).is_guess
        )

    def test_the_number_finds_the_ticket(self, ticket: Ticket, in_oro: Desk) -> None:
        assert found(f"#{ticket.number}", in_oro.carol) == [ticket]

    def test_the_subject_counts_most(self, file: File, in_oro: Desk) -> None:
        said = file(subject="Something else", body="The invoice, the invoice.")
        named = file(subject="Invoice is missing")
        assert found("invoice", in_oro.alice) == [named, said]

    @pytest.mark.parametrize("text", ["", " ", "!!!", "' & |", "\0"])
    def test_nothing_asked_is_nothing_found(self, ticket: Ticket, in_oro: Desk, text: str) -> None:
        assert search(text, who=in_oro.alice) == Results()

    @pytest.mark.parametrize("text", ["check' | 'x", "checkout:*", "checkout & !down", "<checkout>", "(checkout"])
    def test_signs_are_never_read_as_a_query(self, ticket: Ticket, in_oro: Desk, text: str) -> None:
        search(text, who=in_oro.alice)

    def test_a_changed_subject_is_found_by_its_new_words(self, ticket: Ticket, in_oro: Desk) -> None:
        Ticket.objects.filter(pk=ticket.pk).update(subject="Basket is empty")
        assert found("basket", in_oro.alice) == [ticket]
        assert found("502", in_oro.alice) == [ticket]
        assert not search("checkout", who=in_oro.alice).found

    def test_a_megabyte_of_words_loses_no_message(self, ticket: Ticket, in_oro: Desk) -> None:
        for number in range(6):
            body = " ".join(f"w{number}x{word}" for word in range(18_000))
            actions.reply(ticket, by=in_oro.carol, at=LATER, body=body)
        assert ticket.messages.count() == 7
        assert found("checkout w0x5", in_oro.alice) == [ticket]


class TestMisspelling:
    def test_what_is_alike_is_offered_and_called_so(self, ticket: Ticket, in_oro: Desk) -> None:
        results = search("chekcout", who=in_oro.alice)
        assert results.is_guess
        assert [each.ticket for each in results.found] == [ticket]

    def test_never_of_what_the_reader_may_not_see(self, ticket: Ticket, in_oro: Desk) -> None:
        assert search("chekcout", who=in_oro.bob).found == ()


class TestWhoFinds:
    def test_a_private_ticket_its_requester_the_manager_and_staff(self, ticket: Ticket, in_oro: Desk) -> None:
        for who in (in_oro.alice, in_oro.grace, in_oro.carol):
            assert found("checkout", who) == [ticket]
        assert found("checkout", in_oro.bob) == []

    def test_a_shared_one_the_colleagues_who_see_the_project(self, file: File, in_oro: Desk) -> None:
        shared = file(is_shared=True)
        assert found("checkout", in_oro.bob) == [shared]
        other = factories.ProjectFactory.create(organization=in_oro.organization, slug="other", name="Other")
        MembershipProject.objects.create(membership=in_oro.bob, project=other)
        assert found("checkout", in_oro.bob) == []

    def test_never_another_organization(self, ticket: Ticket, in_oro: Desk) -> None:
        elsewhere = factories.OrganizationFactory.create(slug="southwind")
        user = factories.UserFactory.create(name="Sam", email="sam@southwind.example")
        sam = factories.MembershipFactory.create(user=user, organization=elsewhere, role=Role.MANAGER)
        assert found("checkout", sam) == []

    def test_never_another_vendor(self, ticket: Ticket, mallory: Membership) -> None:
        with vendor_scope(mallory.vendor_id):
            assert found("checkout", mallory) == []


class TestInternalNotes:
    @pytest.fixture
    def noted(self, ticket: Ticket, in_oro: Desk) -> Ticket:
        actions.note(
            ticket,
            by=in_oro.carol,
            at=LATER,
            body="Suspect the zanzibar gateway.",
            files=[SimpleUploadedFile("gateway-secret.log", b"x", "text/plain")],
        )
        return ticket

    def test_are_found_by_staff(self, noted: Ticket, in_oro: Desk) -> None:
        assert found("zanzibar", in_oro.dan) == [noted]
        assert "<mark>zanzibar</mark>" in search("zanzibar", who=in_oro.dan).found[0].excerpt
        assert found("gateway-secret", in_oro.dan) == [noted]

    @pytest.mark.parametrize("words", ["zanzibar", "zanz", "checkout zanzibar", "gateway-secret", "gateway"])
    def test_never_match_for_customers(self, noted: Ticket, in_oro: Desk, words: str) -> None:
        for who in (in_oro.alice, in_oro.grace):
            assert not [each for each in search(words, who=who).found if "zanzibar" in each.excerpt]
            assert found_exactly(words, who) == []

    def test_do_not_lift_the_rank_for_customers(self, noted: Ticket, file: File, in_oro: Desk) -> None:
        plain = file(subject="Checkout is slow")
        for _again in range(3):
            actions.note(noted, by=in_oro.carol, at=LATER, body="checkout checkout checkout")
        assert found("checkout", in_oro.alice) == [plain, noted]

    def test_never_show_in_an_excerpt(self, noted: Ticket, in_oro: Desk) -> None:
        actions.note(noted, by=in_oro.carol, at=LATER, body="The 502 is our fault.")
        (each,) = search("502", who=in_oro.alice).found
        assert "fault" not in each.excerpt


def found_exactly(text: str, who: Membership) -> list[Ticket]:
    results = search(text, who=who)
    return [] if results.is_guess else [each.ticket for each in results.found]


class TestPeopleAndTags:
    """At the desk alone: whom a ticket is from, and what the team calls it."""

    def test_the_requester_their_organization_and_tags_are_found_beside_words(self, file: File, in_oro: Desk) -> None:
        ticket, other = file(), file(by=in_oro.bob, subject="Basket is empty")
        actions.tag(ticket, tag=actions.tag_named("Slow query"), by=in_oro.carol, at=LATER)
        assert found("alice", in_oro.carol) == [ticket]
        assert found("alice@orocloud", in_oro.carol) == [ticket]
        assert set(found("northwind", in_oro.carol)) == {ticket, other}
        assert found("northwind basket", in_oro.carol) == [other]
        assert found("slow query", in_oro.carol) == [ticket]
        assert found("query checkout", in_oro.carol) == [ticket]

    def test_a_new_name_is_found_at_once_and_the_old_one_no_more(self, ticket: Ticket, in_oro: Desk) -> None:
        tag = actions.tag_named("zanzibar")
        actions.tag(ticket, tag=tag, by=in_oro.carol, at=LATER)
        actions.rename_tag(tag, name="Timbuktu", by=in_oro.dan, at=LATER)
        Organization.objects.update(name="Wanderlust")
        assert found("timbuktu", in_oro.carol) == [ticket]
        assert found("wanderlust", in_oro.carol) == [ticket]

    def test_a_tag_that_was_taken_off_is_no_longer_found(self, ticket: Ticket, in_oro: Desk) -> None:
        tag = actions.tag_named("zanzibar")
        actions.tag(ticket, tag=tag, by=in_oro.carol, at=LATER)
        assert found("zanzibar", in_oro.carol) == [ticket]
        actions.untag(ticket, tag=tag, by=in_oro.carol, at=LATER)
        assert found_exactly("zanzibar", in_oro.carol) == []

    def test_merged_tags_are_found_by_the_one_that_stays(self, ticket: Ticket, in_oro: Desk) -> None:
        old, new = actions.tag_named("zanzibar"), actions.tag_named("timbuktu")
        actions.tag(ticket, tag=old, by=in_oro.carol, at=LATER)
        actions.merge_tags(old, into=new, by=in_oro.dan, at=LATER)
        assert found("timbuktu", in_oro.carol) == [ticket]

    def test_customers_never_find_by_tag(self, ticket: Ticket, in_oro: Desk) -> None:
        actions.tag(ticket, tag=actions.tag_named("zanzibar"), by=in_oro.carol, at=LATER)
        for who in (in_oro.alice, in_oro.grace):
            assert found_exactly("zanzibar", who) == []

    def test_words_that_mean_nothing_by_themselves_do_not_stand_in_the_way(self, ticket: Ticket, in_oro: Desk) -> None:
        assert found("the checkout is down", in_oro.carol) == [ticket]
        assert not search("the", who=in_oro.carol).found


class TestExcerpts:
    def test_mark_the_words_and_escape_all_else(self, file: File, in_oro: Desk) -> None:
        file(subject="<b>Cart</b> & basket", body="<script>alert(1)</script> the basket is <i>gone</i>")
        (each,) = search("basket", who=in_oro.alice).found
        assert each.subject == "&lt;b&gt;Cart&lt;/b&gt; &amp; <mark>basket</mark>"
        assert "<mark>basket</mark>" in each.excerpt
        assert "<script>" not in each.excerpt
        assert "<i>" not in each.excerpt

    def test_name_the_file(self, file: File, in_oro: Desk) -> None:
        file(files=[SimpleUploadedFile("zeppelin.log", b"x", "text/plain")])
        (each,) = search("zeppelin", who=in_oro.alice).found
        assert each.in_file
        assert each.excerpt == "<mark>zeppelin</mark>.log"


class TestTheTableOfWords:
    def test_shows_no_row_to_whoever_asks_nothing(self, ticket: Ticket) -> None:
        assert SearchEntry.objects.count() == 0

    def test_leaves_no_question_behind(self, ticket: Ticket, in_oro: Desk) -> None:
        search("checkout", who=in_oro.alice)
        search("checkout", who=in_oro.carol)
        assert SearchEntry.objects.count() == 0
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_seqscan")
            assert cursor.fetchone() == ("on",)

    def test_is_read_by_its_index(self, ticket: Ticket, in_oro: Desk) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.search_whole', '''checkout'':*', true)")
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("EXPLAIN SELECT ticket_id FROM tickets_searchentry")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert "searchentry_whole" in plan
        assert "Seq Scan" not in plan

    def test_goes_with_its_ticket(self, ticket: Ticket) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('app.erase', 'on', true)")
            with transaction.atomic():
                Ticket.objects.filter(pk=ticket.pk).delete()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT set_config('app.search_ticket', %s, true)", [str(ticket.pk)])
            cursor.execute("SELECT count(*) FROM tickets_searchentry")
            assert cursor.fetchone() == (0,)


class TestPages:
    def test_the_desk_finds_notes_too(self, oro: Desk, client: Client) -> None:
        with vendor_scope(oro.vendor):
            filed = _filed(oro)
            actions.note(filed, by=oro.carol, at=LATER, body="Suspect the zanzibar gateway.")
        client.force_login(oro.carol.user)
        page = client.get("/orocloud/desk/search/?q=zanzibar").content.decode()
        assert f"/orocloud/desk/tickets/{filed.number}/" in page
        assert "<mark>zanzibar</mark>" in page

    def test_the_portal_finds_no_note(self, oro: Desk, client: Client) -> None:
        with vendor_scope(oro.vendor):
            actions.note(_filed(oro), by=oro.carol, at=LATER, body="Suspect the zanzibar gateway.")
        client.force_login(oro.grace.user)
        page = client.get("/orocloud/tickets/?q=zanzibar").content.decode()
        assert "Nothing found" in page

    def test_the_desks_takes_the_queues_filters(self, oro: Desk, client: Client) -> None:
        with vendor_scope(oro.vendor):
            filed = _filed(oro)
        client.force_login(oro.carol.user)
        row = f"/orocloud/desk/tickets/{filed.number}/"
        assert row in client.get("/orocloud/desk/search/?q=checkout&priority=P2").content.decode()
        assert row not in client.get("/orocloud/desk/search/?q=checkout&priority=P1").content.decode()
        assert row not in client.get("/orocloud/desk/search/?q=checkout&status=resolved").content.decode()

    @pytest.mark.parametrize("query", ["q=x&assignee__user__password=y", "q=x&sort=password", "q=x&q=y&view=secret"])
    def test_the_desks_refuses_other_filters(self, oro: Desk, client: Client, query: str) -> None:
        client.force_login(oro.carol.user)
        assert client.get(f"/orocloud/desk/search/?{query}").status_code == 400

    @pytest.mark.parametrize("query", ["", "q=", "q=%20", "q=%00", "q=" + "x" * 500])
    def test_the_desks_takes_any_words(self, oro: Desk, client: Client, query: str) -> None:
        client.force_login(oro.carol.user)
        assert client.get(f"/orocloud/desk/search/?{query}").status_code == 200

    def test_customers_have_no_desk_search(self, oro: Desk, client: Client) -> None:
        client.force_login(oro.grace.user)
        assert client.get("/orocloud/desk/search/?q=checkout").status_code == 403

    def test_every_page_of_the_desk_has_the_field_that_the_slash_goes_to(self, oro: Desk, client: Client) -> None:
        client.force_login(oro.carol.user)
        page = client.get("/orocloud/desk/").content.decode()
        assert 'action="/orocloud/desk/search/"' in page
        assert "data-search" in page


def _filed(oro: Desk) -> Ticket:
    assert Organization.objects.exists()
    return actions.open_ticket(
        by=oro.alice,
        at=MONDAY,
        project=oro.project,
        priority=oro.priority("P2"),
        subject="Checkout is down",
        body="It answers 502.",
    )
