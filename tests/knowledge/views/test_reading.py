from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from supportdesk.accounts.models import Membership
from supportdesk.knowledge.models import ArticleVote
from supportdesk.tenancy.scope import vendor_scope
from tests.knowledge.conftest import Shelves

Visit = Callable[[Membership], Client]
INTERNAL = "Internal: customers cannot see it"


@pytest.fixture
def stocked(shelves: Shelves) -> Shelves:
    with vendor_scope(shelves.vendor):
        shelves.add("Backups", "## How long\n\nThirty days.", summary="Kept and restored.")
        shelves.add("Drafted", published=False)
        shelves.add("Triage", "Ask first.", section=shelves.inside)
    return shelves


class TestTheShelves:
    def test_show_customers_what_is_theirs(self, stocked: Shelves, visit: Visit) -> None:
        page = visit(stocked.alice).get("/orocloud/solutions/").text
        assert "Backups" in page
        for hidden in ("Drafted", "Triage", "How we work", "Internal", "Write an article"):
            assert hidden not in page

    def test_mark_for_staff_what_customers_cannot_see(self, stocked: Shelves, visit: Visit) -> None:
        page = visit(stocked.carol).get("/orocloud/solutions/").text
        assert INTERNAL in page
        assert "Draft" in page
        assert "Write an article" in page

    def test_teach_while_they_are_empty(self, shelves: Shelves, visit: Visit) -> None:
        assert "No articles yet" in visit(shelves.alice).get("/orocloud/solutions/sections/guides/").text
        assert (
            "What do you explain every week?" in visit(shelves.carol).get("/orocloud/solutions/sections/guides/").text
        )

    def test_cost_the_same_with_one_article_and_with_fifty(self, stocked: Shelves, visit: Visit) -> None:
        paths = ("solutions/", "solutions/sections/guides/", "solutions/?q=backup", "desk/solutions/picker/?q=backup")
        counts = []
        for more in (0, 49):
            with vendor_scope(stocked.vendor):
                for number in range(more):
                    stocked.add(f"Backup {number}")
            visit(stocked.carol).get(f"/orocloud/{paths[0]}")
            counts.append([self.queries(visit(stocked.carol), path) for path in paths])
        assert counts[0] == counts[1]
        assert max(counts[0]) <= 12

    @staticmethod
    def queries(client: Client, path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/orocloud/{path}").status_code == 200
        return len(captured)


class TestTheSearch:
    def test_shows_what_was_found_and_keeps_the_words(self, stocked: Shelves, visit: Visit) -> None:
        page = visit(stocked.alice).get("/orocloud/solutions/?q=thirty").text
        assert "<mark>Thirty</mark> days" in page
        assert 'value="thirty"' in page
        assert "1 article" in page

    def test_says_what_to_try_when_nothing_is_found(self, stocked: Shelves, visit: Visit) -> None:
        page = visit(stocked.alice).get('/orocloud/solutions/?q="><script>').text
        assert "Try fewer or other words" in page
        assert "<script>" not in page.split("<main")[1].split("</main")[0]

    def test_admits_a_guess(self, stocked: Shelves, visit: Visit) -> None:
        assert "Did you mean" in visit(stocked.alice).get("/orocloud/solutions/?q=bakcups").text


class TestAnArticle:
    def test_reads_as_a_page(self, stocked: Shelves, visit: Visit) -> None:
        page = visit(stocked.alice).get("/orocloud/solutions/articles/backups/").text
        assert "<h2>How long</h2>" in page
        assert "Last updated" in page
        assert "Did this help?" in page
        assert "How it helped" not in page

    @pytest.mark.parametrize("slug", ["drafted", "triage", "no-such"])
    def test_is_not_there_for_those_who_may_not_read_it(self, stocked: Shelves, visit: Visit, slug: str) -> None:
        client = visit(stocked.alice)
        assert client.get(f"/orocloud/solutions/articles/{slug}/").status_code == 404
        assert client.post(f"/orocloud/solutions/articles/{slug}/vote/", {"helpful": "yes"}).status_code == 404

    def test_internal_ones_say_so_to_staff(self, stocked: Shelves, visit: Visit) -> None:
        assert INTERNAL in visit(stocked.carol).get("/orocloud/solutions/articles/triage/").text


class TestDidThisHelp:
    VOTE = "/orocloud/solutions/articles/backups/vote/"

    def test_yes_then_a_comment_then_no(self, stocked: Shelves, visit: Visit) -> None:
        alice = visit(stocked.alice)
        page = alice.post(self.VOTE, {"helpful": "yes"}, follow=True).text
        assert "What helped, or could be better?" in page
        alice.post(self.VOTE, {"helpful": "yes", "comment": "The table."})
        alice.post(self.VOTE, {"helpful": "no"})
        with vendor_scope(stocked.vendor):
            vote = ArticleVote.objects.get()
            assert (vote.is_helpful, vote.comment, vote.membership) == (False, "The table.", stocked.alice)

    def test_staff_see_how_many_and_what_was_said(self, stocked: Shelves, visit: Visit) -> None:
        visit(stocked.alice).post(self.VOTE, {"helpful": "yes"})
        visit(stocked.bob).post(self.VOTE, {"helpful": "no", "comment": "<b>No path</b>"})
        page = visit(stocked.carol).get("/orocloud/solutions/articles/backups/").text
        assert "50 %" in page
        assert "1 yes, 1 no" in page
        assert "&lt;b&gt;No path&lt;/b&gt;" in page

    @pytest.mark.parametrize("sent", [{}, {"helpful": "perhaps"}, {"helpful": "yes", "comment": "x" * 1001}])
    def test_what_cannot_be_counted_is_refused(self, stocked: Shelves, visit: Visit, sent: dict[str, str]) -> None:
        answer = visit(stocked.alice).post(self.VOTE, sent)
        assert answer.status_code == 422
        assert sent.get("comment", "")[:900] in answer.text
        with vendor_scope(stocked.vendor):
            assert not ArticleVote.objects.exists()


@pytest.mark.parametrize("after", ["x", "9" * 20, "-1"])
def test_a_page_that_nobody_gave_out_is_not_there(shelves: Shelves, visit: Visit, after: str) -> None:
    assert visit(shelves.alice).get(f"/orocloud/solutions/sections/guides/?after={after}").status_code == 404
