"""Views that people keep: who sees and changes them, how the rail is arranged, and taking a deletion back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supportdesk.accounts.models import AuditEntry, Membership, Team, TeamMember
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY, Desk
from tickets import actions, counting, listing, selecting
from tickets.errors import Refused
from tickets.models import SavedView, Ticket
from tickets.models.saved_view import Sharing

pytestmark = pytest.mark.django_db
DESK = "/orocloud/desk/"


def keep(
    by: Membership, *, sharing: Sharing = Sharing.PERSON, team: Team | None = None, name: str = "Urgent"
) -> SavedView:
    selection = selecting.read_query("view=open&priority=P1", views=listing.SLUGS)
    return actions.save_view(name=name, selection=selection, sharing=sharing, team=team, by=by, at=MONDAY)


@pytest.fixture
def frontline(in_oro: Desk) -> Team:
    team = factories.TeamFactory.create(slug="frontline", name="Frontline")
    TeamMember.objects.create(team=team, membership=in_oro.carol)
    return team


class TestWhoSeesThem:
    def test_the_owner_the_group_or_everyone(self, in_oro: Desk, frontline: Team) -> None:
        own = keep(in_oro.carol)
        group = keep(in_oro.erin, sharing=Sharing.TEAM, team=frontline)
        shared = keep(in_oro.dan, sharing=Sharing.EVERYONE)
        assert set(SavedView.objects.shown_to(in_oro.carol)) == {own, group, shared}
        assert set(SavedView.objects.shown_to(in_oro.dan)) == {shared}
        assert set(SavedView.objects.shown_to(in_oro.erin)) == {group, shared}

    def test_a_group_only_of_those_one_is_in_unless_one_leads(self, in_oro: Desk, frontline: Team) -> None:
        keep(in_oro.carol, sharing=Sharing.TEAM, team=frontline)
        keep(in_oro.dan, sharing=Sharing.TEAM, team=frontline)
        other = factories.TeamFactory.create(slug="second", name="Second")
        with pytest.raises(Refused, match="groups that you are in"):
            keep(in_oro.carol, sharing=Sharing.TEAM, team=other)
        with pytest.raises(Refused, match="Choose the group"):
            keep(in_oro.carol, sharing=Sharing.TEAM)

    def test_the_database_holds_a_group_to_be_named(self, in_oro: Desk) -> None:
        view = keep(in_oro.carol)
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.filter(pk=view.pk).update(sharing=Sharing.TEAM)


class TestChangingThem:
    def test_is_for_the_owner_and_of_shared_ones_for_leads(self, in_oro: Desk) -> None:
        own, shared = keep(in_oro.carol), keep(in_oro.carol, sharing=Sharing.EVERYONE)
        said: dict[str, Any] = {"name": "Now", "sharing": Sharing.EVERYONE, "team": None, "at": MONDAY}
        actions.change_view(shared, **said, by=in_oro.dan)
        with pytest.raises(PermissionDenied):
            actions.change_view(own, **said, by=in_oro.dan)
        agent = factories.StaffFactory.create(user=factories.UserFactory.create(name="Frank", email="f@x.example"))
        with pytest.raises(PermissionDenied):
            actions.change_view(shared, **said, by=agent)
        with pytest.raises(PermissionDenied):
            actions.remove_view(shared, by=agent, at=MONDAY)

    def test_nobody_takes_a_shared_view_for_themselves(self, in_oro: Desk) -> None:
        shared = keep(in_oro.carol, sharing=Sharing.EVERYONE)
        with pytest.raises(Refused, match="Only its owner"):
            actions.change_view(shared, name="Mine", sharing=Sharing.PERSON, team=None, by=in_oro.dan, at=MONDAY)

    def test_of_shared_ones_is_on_the_audit_log(self, in_oro: Desk) -> None:
        keep(in_oro.carol)
        assert not AuditEntry.objects.filter(action__startswith="view.").exists()
        shared = keep(in_oro.carol, sharing=Sharing.EVERYONE)
        actions.remove_view(shared, by=in_oro.dan, at=MONDAY)
        assert list(AuditEntry.objects.filter(action__startswith="view.").values_list("action", flat=True)) == [
            "view.shared",
            "view.removed",
        ]


class TestThePages:
    @pytest.fixture
    def carol(self, oro: Desk, client: Client) -> Client:
        client.force_login(oro.carol.user)
        return client

    def test_keep_a_list_under_a_name_and_show_it_in_the_rail(self, carol: Client) -> None:
        form = carol.get(f"{DESK}views/new/?view=open&priority=P1").content.decode()
        assert "Priority is P1" in " ".join(form.split())
        data = {"query": "view=open&priority=P1", "name": "Urgent ones", "sharing": "everyone"}
        page = carol.post(f"{DESK}views/new/", data, follow=True).content.decode()
        assert "<title>Urgent ones" in page
        assert "Saved views" in page

    def test_a_name_is_asked_for_beside_the_field(self, carol: Client) -> None:
        answer = carol.post(f"{DESK}views/new/", {"query": "view=open&priority=P1", "name": "", "sharing": "person"})
        assert answer.status_code == 422
        assert "field__error" in answer.content.decode()

    @pytest.mark.parametrize("query", ["view=open&assignee__user__password=x", "view=secret", "sort=password"])
    def test_nothing_that_is_not_allowed_is_ever_kept(self, oro: Desk, carol: Client, query: str) -> None:
        answer = carol.post(f"{DESK}views/new/", {"query": query, "name": "Trojan", "sharing": "everyone"})
        assert answer.status_code == 400
        with vendor_scope(oro.vendor):
            assert not SavedView.objects.exists()

    def test_a_kept_view_that_is_narrowed_can_be_updated(self, oro: Desk, carol: Client) -> None:
        with vendor_scope(oro.vendor):
            view = keep(oro.carol)
        page = carol.get(f"{DESK}?view=open&priority=P1&priority=P2&saved={view.pk}").content.decode()
        assert "Update view" in page
        query = f"view=open&priority=P1&priority=P2&saved={view.pk}"
        carol.post(f"{DESK}views/{view.pk}/query/", {"query": query})
        with vendor_scope(oro.vendor):
            view.refresh_from_db()
        assert view.query == "view=open&priority=P1&priority=P2"

    def test_a_deletion_is_taken_back(self, oro: Desk, carol: Client) -> None:
        with vendor_scope(oro.vendor):
            view = keep(oro.carol, name="Hot")
        page = carol.post(f"{DESK}views/{view.pk}/removal/", follow=True).content.decode()
        assert "“Hot” is deleted." in page
        undo = f"{DESK}views/{view.pk}/return/"
        assert f'action="{undo}"' in page
        assert carol.get(f"{DESK}?{view.query}&saved={view.pk}").status_code == 404
        assert "“Hot” is back." in carol.post(undo, follow=True).content.decode()

    def test_a_view_that_is_not_shown_to_somebody_is_not_there(self, oro: Desk, client: Client) -> None:
        with vendor_scope(oro.vendor):
            view = keep(oro.carol)
        client.force_login(oro.dan.user)
        for address in ("", "query/", "removal/"):
            assert client.post(f"{DESK}views/{view.pk}/{address}", {"query": "view=open"}).status_code == 404
        with vendor_scope(oro.vendor):
            actions.remove_view(view, by=oro.carol, at=MONDAY)
        assert client.post(f"{DESK}views/{view.pk}/return/").status_code == 403

    def test_each_person_arranges_their_own_rail(self, oro: Desk, carol: Client, client: Client) -> None:
        place = f"{DESK}views/place/"
        carol.post(place, {"view": "overdue", "move": "hide"})
        carol.post(place, {"view": "mine", "move": "up"})
        assert _rail(carol)[:2] == ["Mine", "All open"]
        assert "Overdue" not in _rail(carol)
        client.force_login(oro.dan.user)
        assert _rail(client)[:2] == ["All open", "Mine"]
        assert "Overdue" in _rail(client)

    @pytest.mark.parametrize("data", [{"view": "secret", "move": "up"}, {"view": "mine", "move": "sideways"}, {}])
    def test_only_views_that_one_has_can_be_arranged(self, carol: Client, data: dict[str, str]) -> None:
        assert carol.post(f"{DESK}views/place/", data).status_code == 400


def _rail(client: Client) -> list[str]:
    import re

    page = client.get("/orocloud/desk/views/").content.decode()
    rail = page.split('class="rail__views"')[1].split("</nav>")[0]
    return [each for each in re.findall(r'<span class="truncate">([^<]+)</span>', rail) if each != "My day"]


class TestTheirCounts:
    @pytest.fixture
    def three(self, in_oro: Desk) -> list[Ticket]:
        facts = {"by": in_oro.alice, "at": MONDAY, "project": in_oro.project, "body": "It is."}
        codes = ("P1", "P1", "P3")
        return [actions.open_ticket(**facts, priority=in_oro.priority(code), subject="Down") for code in codes]  # type: ignore[arg-type]

    def test_are_those_of_the_lists_themselves(self, in_oro: Desk, three: list[Ticket]) -> None:
        urgent = keep(in_oro.carol)
        every = saved("view=open", in_oro.carol)
        none = saved("view=open&priority=P2", in_oro.carol)
        assert counting.saved_counts(in_oro.carol, MONDAY) == {urgent.pk: 2, every.pk: 3, none.pk: 0}

    def test_leave_out_what_the_reader_does_not_see_or_hid(self, in_oro: Desk, three: list[Ticket]) -> None:
        keep(in_oro.dan)
        hidden, shown = keep(in_oro.carol), keep(in_oro.carol, name="Other")
        actions.arrange_rail(order=[], hidden=[hidden.key], by=in_oro.carol)
        assert counting.saved_counts(in_oro.carol, MONDAY) == {shown.pk: 2}

    def test_are_capped(
        self, oro: Desk, in_oro: Desk, three: list[Ticket], client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(listing, "COUNT_CAP", 2)
        view = keep(in_oro.carol)
        client.force_login(oro.carol.user)
        answer = client.get(f"{DESK}views/counts/")
        assert answer.json() == {"counts": {str(view.pk): "2+"}}
        assert answer["Cache-Control"] == "private, max-age=15"

    def test_leave_out_what_takes_too_long_and_go_on(
        self, in_oro: Desk, three: list[Ticket], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        slow, quick = keep(in_oro.carol, name="A slow one"), keep(in_oro.carol, name="Quick")
        in_time = listing.count

        def count(*asked: Any) -> int:
            if not slept:
                slept.append(True)
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_sleep(30)")
            return in_time(*asked)

        slept: list[bool] = []
        monkeypatch.setattr(listing, "count", count)
        assert counting.saved_counts(in_oro.carol, MONDAY) == {quick.pk: 2}
        assert slept, slow
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            assert cursor.fetchone()[0] == "0", "what comes after is not cut off"

    def test_leave_out_what_is_not_allowed_any_more(self, in_oro: Desk, three: list[Ticket]) -> None:
        view = keep(in_oro.carol)
        SavedView.objects.filter(pk=view.pk).update(query="view=open&colour=red")
        assert counting.saved_counts(in_oro.carol, MONDAY) == {}

    def test_are_not_asked_for_by_the_page(self, oro: Desk, client: Client) -> None:
        client.force_login(oro.carol.user)
        client.get(DESK)
        with CaptureQueriesContext(connection) as without:
            client.get(DESK)
        with vendor_scope(oro.vendor):
            for number in range(12):
                keep(oro.carol, name=f"View {number}")
        with CaptureQueriesContext(connection) as many:
            page = client.get(DESK).content.decode()
        assert len(many) == len(without)
        assert page.count("data-count-of=") == 12
        assert page.count('data-counts="/orocloud/desk/views/counts/"') == 1


def saved(query: str, by: Membership) -> SavedView:
    selection = selecting.read_query(query, views=listing.SLUGS)
    return actions.save_view(name=query, selection=selection, sharing=Sharing.PERSON, team=None, by=by, at=MONDAY)
