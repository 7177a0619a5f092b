"""What the pages ask of sections and articles together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from markupsafe import Markup, escape

from supportdesk.accounts.models import Membership
from supportdesk.knowledge import search
from supportdesk.knowledge.models import Article, ArticleVote, Section
from supportdesk.knowledge.models.article import ArticleQuerySet

SHOWN_A_SHELF = 5
SHELF_PAGE = 50
COMMENTS_SHOWN = 20
LEAST_TO_SUGGEST = 3


@dataclass(frozen=True, slots=True)
class Shelf:
    """A section with its first articles, and how many it has."""

    section: Section
    articles: tuple[Article, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """A result of a search; ``excerpt`` is the text around the words found, or the summary."""

    article: Article
    title: Markup
    excerpt: Markup


@dataclass(frozen=True, slots=True)
class Results:
    """``is_guess``: nothing matched as written, these are spelt alike. ``is_cut``: there are more."""

    found: tuple[Found, ...]
    is_guess: bool = False
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Helpfulness:
    """How many said that it helped and how many that it did not, and their newest comments."""

    yes: int
    no: int
    comments: tuple[ArticleVote, ...]

    @property
    def share(self) -> int | None:
        """Of a hundred, those whom it helped; None before anybody answered."""
        return round(100 * self.yes / (self.yes + self.no)) if self.yes + self.no else None


def shelves(who: Membership) -> list[Shelf]:
    """Every section that this person may see, the first articles of each by title. Two queries."""
    rows = (
        Article.objects.visible_to(who)
        .for_rows()
        .annotate(
            place=Window(RowNumber(), partition_by=F("section"), order_by=[F("title").asc(), F("id").asc()]),
            in_section=Window(Count("id"), partition_by=F("section")),
        )
        .filter(place__lte=SHOWN_A_SHELF)
        .order_by("title", "id")
    )
    made = {section.pk: Shelf(section) for section in Section.objects.visible_to(who)}
    row: Any  # with what was annotated
    for row in rows:
        shelf = made[row.section_id]
        made[row.section_id] = replace(shelf, articles=(*shelf.articles, row), count=row.in_section)
    return list(made.values())


def shelf_page(section: Section, who: Membership, *, after: int | None = None) -> tuple[list[Article], int | None]:
    """A page of a section by title, beginning after the article ``after``; and after which the next begins, or None."""
    rows = Article.objects.visible_to(who).filter(section=section).for_rows().order_by("title", "id")
    last = Article.objects.filter(section=section, pk=after).only("title").first() if after else None
    if last is not None:
        rows = rows.filter(Q(title__gt=last.title) | Q(title=last.title, pk__gt=last.pk))
    page = list(rows[: SHELF_PAGE + 1])
    return page[:SHELF_PAGE], page[SHELF_PAGE - 1].pk if len(page) > SHELF_PAGE else None


def find(text: str, *, who: Membership) -> Results:
    """The visible articles that have all words of ``text``, the best first; misspelt ones when there are none."""
    words = search.words_of(text)
    if not words:
        return Results(())
    query = search.all_of(words)
    articles = Article.objects.visible_to(who).for_rows()
    rows: list[Any] = list(search.with_excerpts(search.ranked(articles, query), query)[: search.MOST_RESULTS + 1])
    if rows:
        found = [Found(row, search.as_markup(row.marked_title), search.as_markup(row.excerpt)) for row in rows]
        return Results(tuple(found[: search.MOST_RESULTS]), is_cut=len(found) > search.MOST_RESULTS)
    guessed = search.misspelt(articles, words)[: search.MOST_RESULTS]
    return Results(tuple(Found(row, escape(row.title), escape(row.summary)) for row in guessed), is_guess=True)


def suggest(text: str, *, who: Membership, limit: int = 5) -> list[Article]:
    """The articles visible to ``who`` that are about what is typed as a subject, the nearest first.

    One query, a second when nothing matches as written. A single common word in a long text is no likeness, so only
    titles, keywords and summaries count here.
    """
    return _similar(Article.objects.visible_to(who), text, limit)


def offer(text: str, *, who: Membership, for_note: bool, limit: int = 8) -> list[Article]:
    """What an agent may insert: into a reply what customers can read, into a note everything. Without a text the ones
    that helped most."""
    articles = Article.objects.visible_to(who) if for_note else Article.objects.for_customers()
    if search.words_of(text):
        return _similar(articles, text, limit, shortest=1)
    liked = Count("votes", filter=Q(votes__is_helpful=True))
    return list(articles.for_rows().annotate(liked=liked).order_by("-liked", "-updated_at", "-id")[:limit])


def helpfulness(article: Article) -> Helpfulness:
    """Two queries."""
    counted = ArticleVote.objects.filter(article=article).aggregate(
        yes=Count("id", filter=Q(is_helpful=True)), no=Count("id", filter=Q(is_helpful=False))
    )
    comments = ArticleVote.objects.filter(article=article).exclude(comment="").select_related("membership__user")
    return Helpfulness(counted["yes"], counted["no"], tuple(comments.order_by("-at", "-id")[:COMMENTS_SHOWN]))


def _similar(articles: ArticleQuerySet, text: str, limit: int, *, shortest: int = LEAST_TO_SUGGEST) -> list[Article]:
    words: Sequence[str] = search.words_of(text)
    if max(map(len, words), default=0) < shortest:
        return []
    rows = articles.for_rows()
    near = list(search.ranked(rows, search.any_of(words, "ABC"))[:limit])
    return near or list(search.misspelt(rows, words, alike=search.SURELY_ALIKE)[:limit])
