from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.utils import Error

from supportdesk.accounts.models import AuditEntry
from supportdesk.knowledge import actions
from supportdesk.knowledge.models import Article, ArticleRevision, ArticleState, ArticleVote, Audience, Section
from tests.cast import MONDAY
from tests.knowledge.conftest import Shelves


def said(article: Article) -> list[tuple[int, str]]:
    return list(ArticleRevision.objects.filter(article=article).order_by("number").values_list("number", "body"))


def audited() -> list[str]:
    actions_named = AuditEntry.objects.filter(subject_type="knowledge.article").order_by("id")
    return list(actions_named.values_list("action", flat=True))


def rewrite(article: Article, shelves: Shelves, **changes: object) -> Article:
    kept = {"section": article.section, "title": article.title, "body": article.body}
    return actions.rewrite(article, **(kept | changes), by=shelves.dan, at=MONDAY)


class TestWriting:
    def test_begins_as_a_draft_with_its_first_revision(self, in_oro: Shelves) -> None:
        article = in_oro.add("Backups", "Kept for **thirty** days.", published=False)
        assert (article.state, article.slug, article.plain) == (
            ArticleState.DRAFT,
            "backups",
            "Kept for thirty days.",
        )
        assert said(article) == [(1, "Kept for **thirty** days.")]

    def test_every_save_is_a_revision(self, in_oro: Shelves) -> None:
        article = rewrite(in_oro.add("Backups", "One."), in_oro, body="Two.")
        assert said(article) == [(1, "One."), (2, "Two.")]
        assert Article.objects.get(pk=article.pk).plain == "Two."

    def test_a_save_that_changes_nothing_is_none(self, in_oro: Shelves) -> None:
        assert rewrite(in_oro.add("Backups", "One."), in_oro).revision == 1

    def test_who_wrote_over_somebody_is_told_and_nothing_is_saved(self, in_oro: Shelves) -> None:
        article = in_oro.add("Backups", "One.")
        rewrite(article, in_oro, body="Two.", seen=1)
        with pytest.raises(ValidationError, match="Dan saved this article while you were writing"):
            rewrite(article, in_oro, body="Three.", seen=1)
        assert said(article) == [(1, "One."), (2, "Two.")]

    def test_a_restored_text_is_a_new_revision(self, in_oro: Shelves) -> None:
        article = rewrite(in_oro.add("Backups", "One."), in_oro, title="Copies", body="Two.")
        restored = actions.restore(article, number=1, by=in_oro.carol, at=MONDAY)
        assert (restored.title, restored.body, restored.revision) == ("Backups", "One.", 3)
        assert ArticleRevision.objects.get(article=article, number=3).restores == 1

    def test_revisions_cannot_be_changed_or_deleted(self, in_oro: Shelves) -> None:
        in_oro.add("Backups")
        for change in (
            lambda: ArticleRevision.objects.update(body="x"),
            lambda: ArticleRevision.objects.all().delete(),
        ):
            with pytest.raises(Error, match="append-only"), transaction.atomic():
                change()


class TestAddresses:
    def test_follow_the_title_until_first_published_and_then_stay(self, in_oro: Shelves) -> None:
        draft = rewrite(in_oro.add("Backups", published=False), in_oro, title="Copies")
        assert draft.slug == "copies"
        actions.publish(draft, by=in_oro.carol, at=MONDAY)
        assert rewrite(draft, in_oro, title="Backups again").slug == "copies"

    def test_are_told_apart(self, in_oro: Shelves) -> None:
        assert [in_oro.add(title).slug for title in ("Backups", "Backups!", "Backups 2", "Резерв", "Копії")] == [
            "backups",
            "backups-2",
            "backups-2-2",
            "article",
            "article-2",
        ]


class TestPublishing:
    def test_and_taking_back_are_in_the_log_once_each(self, in_oro: Shelves) -> None:
        article = in_oro.add("Backups")
        actions.publish(article, by=in_oro.carol, at=MONDAY)
        actions.unpublish(article, by=in_oro.carol, at=MONDAY)
        actions.unpublish(article, by=in_oro.carol, at=MONDAY)
        assert audited() == ["article.published", "article.unpublished"]
        assert not Article.objects.visible_to(in_oro.alice).exists()

    def test_moving_to_other_readers_is_in_the_log(self, in_oro: Shelves) -> None:
        rewrite(in_oro.add("Backups"), in_oro, section=in_oro.inside)
        entry = AuditEntry.objects.get(action="article.moved")
        assert (entry.data["came_from"], entry.data["audience"]) == ("guides", "internal")

    def test_a_removed_article_comes_back_as_a_draft_with_its_past(self, in_oro: Shelves) -> None:
        article = in_oro.add("Backups")
        actions.remove(article, by=in_oro.dan, at=MONDAY)
        assert not Article.objects.present().exists()
        back = actions.recover(article, by=in_oro.dan, at=MONDAY)
        assert (back.state, len(said(back))) == (ArticleState.DRAFT, 1)
        assert audited() == ["article.published", "article.removed", "article.recovered"]

    def test_a_removed_article_cannot_be_changed(self, in_oro: Shelves) -> None:
        article = in_oro.add("Backups")
        actions.remove(article, by=in_oro.dan, at=MONDAY)
        with pytest.raises(Article.DoesNotExist):
            actions.publish(article, by=in_oro.dan, at=MONDAY)

    @pytest.mark.parametrize("values", [{"state": "secret"}, {"published_at": None}, {"removed_at": MONDAY}])
    def test_the_database_holds_what_must_hold(self, in_oro: Shelves, values: dict[str, object]) -> None:
        in_oro.add("Backups")
        with pytest.raises(IntegrityError), transaction.atomic():
            Article.objects.update(**values)


class TestVoting:
    def test_is_one_answer_a_person_and_may_change(self, in_oro: Shelves) -> None:
        article = in_oro.add("Backups")
        actions.vote(article, is_helpful=True, by=in_oro.alice, at=MONDAY)
        actions.vote(article, is_helpful=False, comment="No path.", by=in_oro.alice, at=MONDAY)
        actions.vote(article, is_helpful=True, by=in_oro.alice, at=MONDAY)
        vote = ArticleVote.objects.get()
        assert (vote.is_helpful, vote.comment) == (True, "No path.")


class TestSections:
    def test_are_added_at_the_end_and_moved(self, in_oro: Shelves) -> None:
        third = actions.add_section(name="FAQ", audience=Audience.EXTERNAL, by=in_oro.dan, at=MONDAY)
        actions.move_section(third, up=True, by=in_oro.dan)
        actions.move_section(in_oro.guides, up=True, by=in_oro.dan)
        actions.move_section(in_oro.inside, up=False, by=in_oro.dan)
        assert [each.name for each in Section.objects.visible_to(in_oro.dan)] == ["Guides", "FAQ", "How we work"]

    def test_have_names_of_their_own(self, in_oro: Shelves) -> None:
        with pytest.raises(ValidationError, match="of this name"):
            actions.add_section(name="GUIDES", audience=Audience.EXTERNAL, by=in_oro.dan, at=MONDAY)

    def test_with_articles_keep_their_readers(self, in_oro: Shelves) -> None:
        in_oro.add("Secret", section=in_oro.inside)
        with pytest.raises(ValidationError, match="change their readers"):
            actions.change_section(
                in_oro.inside, name="Open", summary="", audience=Audience.EXTERNAL, by=in_oro.dan, at=MONDAY
            )
        renamed = actions.change_section(
            in_oro.inside, name="Ours", summary="New.", audience=Audience.INTERNAL, by=in_oro.dan, at=MONDAY
        )
        assert (renamed.name, renamed.slug) == ("Ours", "how-we-work")

    def test_are_deleted_only_when_nothing_can_come_back_to_them(self, in_oro: Shelves) -> None:
        actions.remove(in_oro.add("Backups"), by=in_oro.dan, at=MONDAY)
        with pytest.raises(ValidationError, match="still has articles"):
            actions.remove_section(in_oro.guides, by=in_oro.dan, at=MONDAY)
        actions.remove_section(in_oro.inside, by=in_oro.dan, at=MONDAY)
        assert list(Section.objects.all()) == [in_oro.guides]
