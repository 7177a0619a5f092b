"""Searching articles: stems and prefixes by PostgreSQL's full text, misspellings by its trigrams.

Row-level security lets no index serve ``@@`` (the operator is not leakproof), so a search reads the vendor's own
articles and nothing else: the vendor's condition, which the manager adds, leads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.contrib.postgres.search import (
    CombinedSearchQuery,
    SearchHeadline,
    SearchQuery,
    SearchRank,
    TrigramWordSimilarity,
)
from django.db.models import F, FloatField, TextField, Value
from django.db.models.functions import Concat, Least
from markupsafe import Markup, escape

from supportdesk.knowledge.models.article import LANGUAGE, ArticleQuerySet
from supportdesk.knowledge.text import START, STOP

MOST_WORDS = 12
LONGEST_WORD = 60
MOST_RESULTS = 30
ALIKE = 0.3
"""From which word similarity on it may be a misspelling, to somebody who asked: `bakcups` has 0.33 with `backups`."""
SURELY_ALIKE = 0.45
"""The same where nobody asked: `prioirties` has 0.47 with `priorities`."""
SHORTEST_MISSPELT = 4

_WORD = re.compile(r"[^\W_]+")
_MARKED = re.compile(f"{START}([^{START}{STOP}]*){STOP}")


def words_of(text: str) -> list[str]:
    """The distinct words of what was typed, in lower case, at most ``MOST_WORDS`` of them."""
    found = (word[:LONGEST_WORD].lower() for word in _WORD.findall(text.replace("\0", " ")[:1000]))
    return list(dict.fromkeys(found))[:MOST_WORDS]


def all_of(words: Sequence[str]) -> SearchQuery | CombinedSearchQuery:
    """Each word or what begins with it; the last, perhaps half typed, also as it stands."""
    *before, last = words
    half_typed: SearchQuery | CombinedSearchQuery = _raw([last], "&", "simple")
    if before:
        half_typed = _raw(before, "&", LANGUAGE) & half_typed
    return _raw(words, "&", LANGUAGE) | half_typed


def any_of(words: Sequence[str], weights: str = "") -> SearchQuery | CombinedSearchQuery:
    """Any word or what begins with it; ``weights`` (of ABCD) names where: "AB" is titles and keywords."""
    return _raw(words, "|", LANGUAGE, weights) | _raw(words[-1:], "|", "simple", weights)


def ranked(articles: ArticleQuerySet, query: SearchQuery | CombinedSearchQuery) -> ArticleQuerySet:
    """Those that match, the best first."""
    rank = SearchRank(F("search"), query)
    return articles.filter(search=query).annotate(rank=rank).order_by("-rank", "-updated_at", "-id")


def with_excerpts(articles: ArticleQuerySet, query: SearchQuery | CombinedSearchQuery) -> ArticleQuerySet:
    """With ``marked_title`` and ``excerpt``, the words found between START and STOP; for ``as_markup`` alone."""
    return articles.annotate(
        marked_title=SearchHeadline(
            "title", query, config=LANGUAGE, start_sel=START, stop_sel=STOP, highlight_all=True
        ),
        excerpt=SearchHeadline(
            "plain",
            query,
            config=LANGUAGE,
            start_sel=START,
            stop_sel=STOP,
            max_words=32,
            min_words=14,
            max_fragments=2,
            fragment_delimiter=" … ",
        ),
    )


def misspelt(articles: ArticleQuerySet, words: Sequence[str], *, alike: float = ALIKE) -> ArticleQuerySet:
    """Those whose title, keywords and summary have something alike for each of the longer words, the most alike first.

    None when every word is short: of three letters, all are like another.
    """
    long_enough = [word for word in words if len(word) >= SHORTEST_MISSPELT]
    if not long_enough:
        return articles.none()
    named = Concat("title", Value(" "), "keywords", Value(" "), "summary", output_field=TextField())
    likeness = [TrigramWordSimilarity(word, named) for word in long_enough]
    least = Least(*likeness, output_field=FloatField()) if len(likeness) > 1 else likeness[0]
    return articles.annotate(rank=least).filter(rank__gte=alike).order_by("-rank", "-updated_at", "-id")


def as_markup(text: str) -> Markup:
    """An excerpt as safe HTML: escaped, then ``<mark>`` where the words found stood, and no other tag."""
    pieces = []
    position = 0
    for match in _MARKED.finditer(text):
        pieces += [_escaped(text[position : match.start()]), Markup("<mark>"), _escaped(match[1]), Markup("</mark>")]
        position = match.end()
    return Markup("").join([*pieces, _escaped(text[position:])])


def _escaped(text: str) -> Markup:
    return escape(text.replace(START, "").replace(STOP, ""))


def _raw(words: Sequence[str], joined_by: str, config: str, weights: str = "") -> SearchQuery:
    """Words hold letters and digits alone (``words_of``), so quoting them is enough."""
    return SearchQuery(
        f" {joined_by} ".join(f"'{word}':*{weights}" for word in words), config=config, search_type="raw"
    )
