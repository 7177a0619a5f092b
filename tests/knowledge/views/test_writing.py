from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from supportdesk.accounts.models import Membership
from supportdesk.knowledge import actions
from supportdesk.knowledge.models import Article
from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY
from tests.knowledge.conftest import Shelves

Visit = Callable[[Membership], Client]
NEW = "/orocloud/desk/solutions/new/"
EDIT = "/orocloud/desk/solutions/articles/backups/"


def sent(shelves: Shelves, **changes: object) -> dict[str, object]:
    return {"section": shelves.guides.pk, "title": "Backups", "body": "Thirty days."} | changes


def article(shelves: Shelves, **by: object) -> Article:
    with vendor_scope(shelves.vendor):
        return Article.objects.select_related("section").get(**by)


class TestANewArticle:
    def test_is_a_draft_unless_it_is_published_at_once(self, shelves: Shelves, visit: Visit) -> None:
        carol = visit(shelves.carol)
        page = carol.post(NEW, sent(shelves), follow=True)
        assert "Saved as a draft." in page.text
        page = carol.post(NEW, sent(shelves, title="Restores", then="publish"), follow=True)
        assert "Customers can read it now." in page.text
        assert article(shelves, slug="restores").author_id == shelves.carol.pk

    def test_keeps_what_was_entered_when_it_is_refused(self, shelves: Shelves, visit: Visit) -> None:
        answer = visit(shelves.carol).post(NEW, sent(shelves, title="", body="A long text <b>"))
        assert answer.status_code == 422
        assert "There is a problem" in answer.text
        assert "A long text &lt;b&gt;" in answer.text

    def test_is_previewed_without_scripts_too(self, shelves: Shelves, visit: Visit) -> None:
        answer = visit(shelves.carol).post(NEW, sent(shelves, body="**bold**", refresh="preview"))
        assert "<strong>bold</strong>" in answer.text
        assert "There is a problem" not in answer.text
        assert 'value="Backups"' in answer.text

    def test_is_previewed_as_it_will_read(self, shelves: Shelves, visit: Visit) -> None:
        answer = visit(shelves.carol).post("/orocloud/desk/solutions/preview/", {"body": "## Why <b>"})
        assert "<h2>Why &lt;b&gt;</h2>" in answer.text

    def test_is_not_for_customers_to_write(self, shelves: Shelves, visit: Visit) -> None:
        assert visit(shelves.alice).get(NEW).status_code == 403
        assert visit(shelves.alice).post(NEW, sent(shelves)).status_code == 403


class TestEditing:
    @pytest.fixture(autouse=True)
    def backups(self, shelves: Shelves) -> None:
        with vendor_scope(shelves.vendor):
            shelves.add("Backups", "Thirty days.")

    def test_shows_what_customers_see_at_once(self, shelves: Shelves, visit: Visit) -> None:
        carol = visit(shelves.carol)
        assert "customers see your changes as soon as you save" in carol.get(EDIT).text
        carol.post(EDIT, sent(shelves, body="Sixty days.", seen=1))
        assert "Sixty days." in visit(shelves.alice).get("/orocloud/solutions/articles/backups/").text

    def test_a_colleagues_save_in_between_is_told_and_the_text_kept(self, shelves: Shelves, visit: Visit) -> None:
        carol = visit(shelves.carol)
        carol.post(EDIT, sent(shelves, body="Sixty days.", seen=1))
        answer = carol.post(EDIT, sent(shelves, body="Ninety days.", seen=1))
        assert answer.status_code == 422
        assert "saved this article while you were writing" in answer.text
        assert "Ninety days." in answer.text
        assert 'name="seen" value="2"' in answer.text
        assert article(shelves).body == "Sixty days."

    def test_what_is_internal_is_shown_to_customers_only_when_meant(self, shelves: Shelves, visit: Visit) -> None:
        carol = visit(shelves.carol)
        carol.post(EDIT, sent(shelves, section=shelves.inside.pk, seen=1))
        answer = carol.post(EDIT, sent(shelves, seen=1))
        assert answer.status_code == 422
        assert "customers can read it at once" in answer.text
        assert article(shelves).section == shelves.inside
        carol.post(EDIT, sent(shelves, seen=1, expose="on"))
        assert article(shelves).section == shelves.guides


class TestPublishing:
    @pytest.fixture(autouse=True)
    def backups(self, shelves: Shelves) -> None:
        with vendor_scope(shelves.vendor):
            shelves.add("Backups", "Thirty days.", published=False)

    def test_and_taking_back(self, shelves: Shelves, visit: Visit) -> None:
        assert "Customers can read it now." in visit(shelves.carol).post(f"{EDIT}publication/", follow=True).text
        assert "Only your team can read it now." in visit(shelves.carol).post(f"{EDIT}withdrawal/", follow=True).text
        assert not article(shelves).is_published

    def test_only_leads_delete_and_can_undo_it(self, shelves: Shelves, visit: Visit) -> None:
        assert visit(shelves.carol).post(f"{EDIT}removal/").status_code == 403
        page = visit(shelves.dan).post(f"{EDIT}removal/", follow=True).text
        assert f'action="{EDIT}recovery/"' in page
        assert visit(shelves.dan).get(EDIT).status_code == 404
        assert "is back, as a draft" in visit(shelves.dan).post(f"{EDIT}recovery/", follow=True).text


class TestRevisions:
    @pytest.fixture(autouse=True)
    def backups(self, shelves: Shelves) -> None:
        with vendor_scope(shelves.vendor):
            first = shelves.add("Backups", "Thirty days.\n\nThe same.")
            actions.rewrite(
                first, section=first.section, title="Copies", body="Sixty.\n\nThe same.", by=shelves.dan, at=MONDAY
            )

    def test_say_who_changed_what(self, shelves: Shelves, visit: Visit) -> None:
        carol = visit(shelves.carol)
        assert "Revision 2" in carol.get(f"{EDIT}revisions/").text
        page = carol.get(f"{EDIT}revisions/2/").text
        assert "Thirty days.</del>" in page
        assert "Sixty.</ins>" in page
        assert "Dan" in page
        assert "This is how the article began." in carol.get(f"{EDIT}revisions/1/").text

    def test_are_restored(self, shelves: Shelves, visit: Visit) -> None:
        assert visit(shelves.carol).post(f"{EDIT}revisions/1/restoration/").status_code == 302
        restored = article(shelves)
        assert (restored.title, restored.revision) == ("Backups", 3)
        assert visit(shelves.carol).post(f"{EDIT}revisions/9/restoration/").status_code == 404

    def test_are_not_for_customers(self, shelves: Shelves, visit: Visit) -> None:
        assert visit(shelves.alice).get(f"{EDIT}revisions/1/").status_code == 403
