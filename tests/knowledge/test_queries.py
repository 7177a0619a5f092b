from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from supportdesk.knowledge import actions, queries
from supportdesk.knowledge.models import Article
from supportdesk.tenancy.scope import vendor_scope
from tests import factories
from tests.cast import MONDAY
from tests.knowledge.conftest import Shelves

TICKET = "Open a ticket that gets a fast answer"


def titles(text: str, shelves: Shelves) -> list[str]:
    return [each.article.title for each in queries.find(text, who=shelves.alice).found]


@pytest.fixture
def stocked(in_oro: Shelves) -> Shelves:
    in_oro.add(TICKET, "Attach the **full** log output. See orocloud.yaml.", keywords="request, submit")
    in_oro.add("Priorities explained", "P1 is for complete unavailability.", summary="Which priority fits.")
    in_oro.add("Deploying to staging", "The queue is drained before deployments begin.")
    in_oro.add("Escalation for the team", "Ring the director.", section=in_oro.inside)
    in_oro.add("Restoring a backup", "Not yet proved.", published=False)
    return in_oro


class TestWhoSeesWhat:
    def test_customers_see_what_is_published_for_them(self, stocked: Shelves) -> None:
        seen = set(Article.objects.visible_to(stocked.alice).values_list("title", flat=True))
        assert seen == {TICKET, "Priorities explained", "Deploying to staging"}

    def test_staff_see_drafts_and_internal_articles_too(self, stocked: Shelves) -> None:
        assert Article.objects.visible_to(stocked.carol).count() == 5

    def test_what_was_removed_is_seen_by_nobody(self, stocked: Shelves) -> None:
        actions.remove(Article.objects.get(title=TICKET), by=stocked.dan, at=MONDAY)
        assert not Article.objects.visible_to(stocked.carol).filter(title=TICKET).exists()

    @pytest.mark.parametrize("text", ["escalation", "director", "escalaton", "backup", "backpu"])
    def test_no_search_leads_customers_around_the_door(self, stocked: Shelves, text: str) -> None:
        assert titles(text, stocked) == []
        assert queries.suggest(text, who=stocked.alice) == []

    def test_another_vendors_articles_are_not_there(self, stocked: Shelves) -> None:
        other = factories.VendorFactory.create(slug="elsewhere")
        with vendor_scope(other):
            mallory = factories.StaffFactory.create(user__email="mallory@elsewhere.example", user__name="Mallory")
            assert queries.find("ticket", who=mallory).found == ()
            assert queries.shelves(mallory) == []


class TestFinding:
    def test_matches_stems_and_beginnings(self, stocked: Shelves) -> None:
        assert titles("deployments", stocked) == ["Deploying to staging"]
        assert titles("deployi", stocked) == ["Deploying to staging"]
        assert titles("prio", stocked) == ["Priorities explained"]

    def test_wants_every_word_but_those_that_say_nothing(self, stocked: Shelves) -> None:
        assert titles("how to open the ticket", stocked) == [TICKET]
        assert titles("priority staging", stocked) == []

    def test_looks_into_titles_keywords_summaries_and_texts(self, stocked: Shelves) -> None:
        for text in ("submit", "log output", "yaml", "orocloud.yaml"):
            assert titles(text, stocked) == [TICKET], text
        assert titles("which fits", stocked) == ["Priorities explained"]

    def test_puts_a_title_before_a_text(self, in_oro: Shelves) -> None:
        in_oro.add("Backups", "Kept for thirty days.")
        in_oro.add("Moving house", "Make a backup first, and a second backup, and look at the backup.")
        assert titles("backup", in_oro) == ["Backups", "Moving house"]

    def test_forgives_a_misspelling_and_says_so(self, stocked: Shelves) -> None:
        results = queries.find("prioirties", who=stocked.alice)
        assert results.is_guess
        assert [each.article.title for each in results.found] == ["Priorities explained"]
        assert titles("deployng stagng", stocked) == ["Deploying to staging"]

    def test_marks_what_was_found_and_nothing_else_is_markup(self, in_oro: Shelves) -> None:
        in_oro.add("Logs <script>", "Text with <img src=x> and `<b>` around the logs, <mark>\ue000 too.")
        (found,) = queries.find("logs", who=in_oro.alice).found
        assert found.title == "<mark>Logs</mark> &lt;script&gt;"
        assert "<mark>logs</mark>" in found.excerpt
        assert "<img" not in found.excerpt
        assert "<b>" not in found.excerpt
        assert found.excerpt.count("<mark>") == found.excerpt.count("</mark>") == 1

    @pytest.mark.parametrize("text", ["", "  ", "'", "a & | !", "\\", "((", "x:*", "\x00", "%", "';", "_ - _", "🎉"])
    def test_takes_whatever_is_typed(self, stocked: Shelves, text: str) -> None:
        queries.find(text, who=stocked.alice)
        queries.suggest(text, who=stocked.alice)
        queries.suggest(text * 1000, who=stocked.alice)

    def test_says_when_there_is_more(self, in_oro: Shelves) -> None:
        for number in range(31):
            in_oro.add(f"Backup {number}")
        results = queries.find("backup", who=in_oro.alice)
        assert (len(results.found), results.is_cut) == (30, True)


class TestSuggesting:
    def test_finds_the_likely_articles_in_a_sentence(self, stocked: Shelves) -> None:
        found = queries.suggest("Our deployment to staging hangs since noon", who=stocked.alice)
        assert [each.title for each in found] == ["Deploying to staging"]

    def test_follows_the_word_being_typed(self, stocked: Shelves) -> None:
        assert [each.title for each in queries.suggest("which prior", who=stocked.alice)] == ["Priorities explained"]

    def test_is_not_led_by_a_word_somewhere_in_a_text(self, stocked: Shelves) -> None:
        assert queries.suggest("The queue", who=stocked.alice) == []

    def test_waits_for_a_word(self, stocked: Shelves) -> None:
        assert queries.suggest("pr", who=stocked.alice) == []

    def test_costs_one_query(self, stocked: Shelves, queries_are: Callable[..., Any]) -> None:
        with queries_are(1):
            found = queries.suggest("staging", who=stocked.alice)
            assert found[0].section.name == "Guides"


class TestOffering:
    def test_a_reply_is_offered_only_what_customers_can_read(self, stocked: Shelves) -> None:
        assert queries.offer("escalation", who=stocked.carol, for_note=False) == []
        assert len(queries.offer("escalation", who=stocked.carol, for_note=True)) == 1

    def test_begins_with_what_helped_most(self, stocked: Shelves) -> None:
        liked = Article.objects.get(title="Priorities explained")
        actions.vote(liked, is_helpful=True, by=stocked.alice, at=MONDAY)
        assert queries.offer("", who=stocked.carol, for_note=False)[0] == liked


class TestShelves:
    def test_hold_the_first_articles_and_how_many_there_are(self, in_oro: Shelves) -> None:
        for number in range(7):
            in_oro.add(f"Guide {number}")
        shelf, inside = queries.shelves(in_oro.carol)
        assert (shelf.section, shelf.count, len(shelf.articles)) == (in_oro.guides, 7, queries.SHOWN_A_SHELF)
        assert (inside.section, inside.count, inside.articles) == (in_oro.inside, 0, ())
        assert [each.section for each in queries.shelves(in_oro.alice)] == [in_oro.guides]

    def test_are_read_in_pages_by_title(self, in_oro: Shelves, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(queries, "SHELF_PAGE", 2)
        for title in ("A", "B", "B", "C"):
            in_oro.add(title)
        first, after = queries.shelf_page(in_oro.guides, in_oro.alice)
        second, end = queries.shelf_page(in_oro.guides, in_oro.alice, after=after)
        assert [each.title for each in (*first, *second)] == ["A", "B", "B", "C"]
        assert end is None


def test_helpfulness_is_counted_and_shared(in_oro: Shelves) -> None:
    article = in_oro.add("A")
    assert queries.helpfulness(article).share is None
    actions.vote(article, is_helpful=True, by=in_oro.alice, at=MONDAY)
    actions.vote(article, is_helpful=False, comment="It lacks the path.", by=in_oro.bob, at=MONDAY)
    figures = queries.helpfulness(article)
    assert (figures.yes, figures.no, figures.share) == (1, 1, 50)
    assert [each.comment for each in figures.comments] == ["It lacks the path."]
