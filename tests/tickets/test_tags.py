"""Tags: the team's words on tickets, and keeping the set of them tidy."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client

from supportdesk.accounts.models import AuditEntry, Membership
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tests.tickets.conftest import File
from tickets import actions, listing, selecting
from tickets.errors import Refused
from tickets.models import Event, SavedView, Tag, Ticket, TicketTag
from tickets.models.event import Kind
from tickets.models.saved_view import Sharing

pytestmark = pytest.mark.django_db
TAGS = "/orocloud/desk/tags/"


def tags(ticket: Ticket) -> list[str]:
    return sorted(TicketTag.objects.filter(ticket=ticket).values_list("tag__name", flat=True))


class TestOnATicket:
    def test_stand_once_and_on_the_teams_timeline(self, ticket: Ticket, in_oro: Desk) -> None:
        tag = actions.tag_named("Slow query")
        for _again in range(2):
            actions.tag(ticket, tag=tag, by=in_oro.carol, at=MONDAY)
        assert tags(ticket) == ["Slow query"]
        (event,) = Event.objects.filter(ticket=ticket, kind=Kind.TAGGED)
        assert event.data == {"tag": tag.pk, "name": "Slow query"}
        assert not Event.objects.filter(ticket=ticket, kind=Kind.TAGGED).visible_to(in_oro.alice).exists()
        actions.untag(ticket, tag=tag, by=in_oro.carol, at=MONDAY)
        assert tags(ticket) == []

    @pytest.mark.parametrize("name", ["slow QUERY", "  slow   query ", "Slow-Query"])
    def test_case_and_spaces_make_no_other_tag(self, in_oro: Desk, name: str) -> None:
        assert actions.tag_named("Slow query") == actions.tag_named(name)

    @pytest.mark.parametrize("name", ["", "  ", "!!!", "x" * 41])
    def test_need_a_name(self, in_oro: Desk, name: str) -> None:
        with pytest.raises(Refused):
            actions.tag_named(name)

    def test_are_not_for_customers(self, ticket: Ticket, in_oro: Desk) -> None:
        with pytest.raises(PermissionDenied):
            actions.tag(ticket, tag=actions.tag_named("slow"), by=in_oro.alice, at=MONDAY)

    def test_have_a_bound(self, ticket: Ticket, in_oro: Desk) -> None:
        for number in range(20):
            actions.tag(ticket, tag=actions.tag_named(f"tag {number}"), by=in_oro.carol, at=MONDAY)
        with pytest.raises(Refused, match="at most 20"):
            actions.tag(ticket, tag=actions.tag_named("one more"), by=in_oro.carol, at=MONDAY)

    def test_never_of_another_vendor(self, ticket: Ticket, mallory: Membership) -> None:
        with vendor_scope(mallory.vendor_id):
            theirs = actions.tag_named("theirs")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            with pytest.raises(IntegrityError), transaction.atomic():
                TicketTag.objects.create(ticket=ticket, tag_id=theirs.pk, at=MONDAY)


class TestTheSet:
    def test_a_tag_is_renamed_everywhere_and_keeps_its_address(self, ticket: Ticket, in_oro: Desk) -> None:
        tag = actions.tag_named("slow")
        actions.tag(ticket, tag=tag, by=in_oro.carol, at=MONDAY)
        actions.rename_tag(tag, name="Very slow", by=in_oro.dan, at=MONDAY)
        assert tags(ticket) == ["Very slow"]
        assert Tag.objects.get().slug == "slow"
        assert AuditEntry.objects.get(action="tag.renamed").data == {"from": "slow", "to": "Very slow"}

    def test_two_tags_are_not_called_alike(self, in_oro: Desk) -> None:
        actions.tag_named("slow")
        other = actions.tag_named("fast")
        with pytest.raises(Refused, match="merge the two"):
            actions.rename_tag(other, name="SLOW", by=in_oro.dan, at=MONDAY)

    def test_of_two_that_are_merged_one_stays_also_in_saved_views(self, file: File, in_oro: Desk) -> None:
        slow, slowly = actions.tag_named("slow"), actions.tag_named("slowly")
        both, one = file(), file()
        for ticket, tag in ((both, slow), (both, slowly), (one, slowly)):
            actions.tag(ticket, tag=tag, by=in_oro.carol, at=MONDAY)
        selection = selecting.read_query("view=all&tag=slowly&tag=other&any.tag-not=slowly", views=listing.SLUGS)
        view = actions.save_view(
            name="Slow", selection=selection, sharing=Sharing.PERSON, team=None, by=in_oro.carol, at=MONDAY
        )
        actions.merge_tags(slowly, into=slow, by=in_oro.dan, at=MONDAY)
        assert tags(both) == tags(one) == ["slow"]
        assert SavedView.objects.get(pk=view.pk).query == "view=all&tag=slow&tag=other&any.tag-not=slow"
        assert not Tag.objects.filter(slug="slowly").exists()

    def test_a_deleted_tag_is_off_every_ticket(self, ticket: Ticket, in_oro: Desk) -> None:
        tag = actions.tag_named("slow")
        actions.tag(ticket, tag=tag, by=in_oro.carol, at=MONDAY)
        actions.remove_tag(tag, by=in_oro.dan, at=MONDAY)
        assert tags(ticket) == []
        assert AuditEntry.objects.get(action="tag.removed").data == {"name": "slow", "tickets": 1}


class TestThePages:
    @pytest.fixture
    def slow(self, oro: Desk) -> Tag:
        with vendor_scope(oro.vendor):
            return actions.tag_named("slow")

    def test_leads_tidy_agents_read(self, oro: Desk, client: Client, slow: Tag) -> None:
        client.force_login(oro.carol.user)
        assert f'href="{TAGS}slow/"' not in client.get(TAGS).content.decode()
        for address in (f"{TAGS}slow/", f"{TAGS}slow/removal/"):
            assert client.post(address, {"name": "x"}).status_code == 403
        client.force_login(oro.dan.user)
        assert f'href="{TAGS}slow/"' in client.get(TAGS).content.decode()
        assert "Saved." in client.post(f"{TAGS}slow/", {"name": "Very slow"}, follow=True).content.decode()

    def test_a_fault_stands_beside_its_field(self, oro: Desk, client: Client, slow: Tag) -> None:
        with vendor_scope(oro.vendor):
            actions.tag_named("fast")
        client.force_login(oro.dan.user)
        answer = client.post(f"{TAGS}slow/", {"name": "Fast"})
        assert answer.status_code == 422
        assert answer.content.decode().count("There is a tag of this name") == 2

    def test_agents_tag_a_ticket(self, oro: Desk, client: Client) -> None:
        with vendor_scope(oro.vendor):
            ticket = actions.open_ticket(
                by=oro.alice,
                at=MONDAY,
                project=oro.project,
                priority=oro.priority("P2"),
                subject="Down",
                body="It is.",
            )
        client.force_login(oro.carol.user)
        address = f"/orocloud/desk/tickets/{ticket.number}/"
        page = client.post(f"{address}tags/", {"tag": "New word"}, follow=True).content.decode()
        assert "New word" in page
        assert "New word" in client.get("/orocloud/desk/").content.decode()
        page = client.post(f"{address}tags/new-word/removal/", follow=True).content.decode()
        assert f"{address}tags/new-word/removal/" not in page

    def test_what_is_typed_is_completed(self, oro: Desk, client: Client, slow: Tag) -> None:
        client.force_login(oro.carol.user)
        assert 'value="slow"' in client.get(f"{TAGS}suggestions/", {"tag": "sl"}).content.decode()
        assert client.get(f"{TAGS}suggestions/", {"tag": "zz"}).content.decode().strip() == ""
