"""What is done to articles and sections. Who may do it is the views' question; what stays true is answered here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify
from django.utils.translation import gettext as _

from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership
from supportdesk.knowledge.models import Article, ArticleRevision, ArticleState, ArticleVote, Section
from supportdesk.knowledge.text import plain_text, without_marks

TEXTS = ("title", "summary", "keywords", "body")


@transaction.atomic
def write(
    *,
    section: Section,
    title: str,
    body: str,
    summary: str = "",
    keywords: str = "",
    by: Membership | None,
    at: datetime,
) -> Article:
    """A new draft."""
    texts = _texts(title=title, summary=summary, keywords=keywords, body=body)
    article = Article.objects.create(
        section=section,
        slug=_free_slug(title),
        plain=plain_text(body),
        revision=1,
        author=by,
        created_at=at,
        updated_at=at,
        **texts,
    )
    ArticleRevision.objects.create(article=article, number=1, by=by, at=at, **texts)
    return article


@transaction.atomic
def rewrite(
    article: Article,
    *,
    section: Section,
    title: str,
    body: str,
    summary: str = "",
    keywords: str = "",
    seen: int | None = None,
    by: Membership | None,
    at: datetime,
) -> Article:
    """Saves new texts and the section; texts that did not change make no revision.

    ``seen`` is the revision that the writer began from: raises ValidationError when somebody saved another since.
    """
    kept = _locked(article)
    if seen is not None and seen != kept.revision:
        _refuse_crossing(kept)
    if section.pk != kept.section_id:
        _move(kept, section, by=by, at=at)
    _save_texts(kept, _texts(title=title, summary=summary, keywords=keywords, body=body), by=by, at=at)
    return kept


@transaction.atomic
def restore(article: Article, *, number: int, by: Membership, at: datetime) -> Article:
    """What revision ``number`` said is what the article says again, as a new revision; nothing is lost by it.

    Raises ArticleRevision.DoesNotExist.
    """
    kept = _locked(article)
    old = ArticleRevision.objects.get(article=kept, number=number)
    _save_texts(kept, {name: getattr(old, name) for name in TEXTS}, by=by, at=at, restores=number)
    return kept


@transaction.atomic
def publish(article: Article, *, by: Membership | None, at: datetime) -> Article:
    """Those for whom the section is written can read it from now on. Twice is once."""
    kept = _locked(article)
    if kept.is_published:
        return kept
    kept.state = ArticleState.PUBLISHED
    kept.published_at = kept.published_at or at
    kept.save(update_fields=["state", "published_at"])
    audit.record("article.published", by=by, at=at, subject=kept, **_named(kept))
    return kept


@transaction.atomic
def unpublish(article: Article, *, by: Membership, at: datetime) -> Article:
    """A draft again: only the team can read it. Twice is once."""
    kept = _locked(article)
    if not kept.is_published:
        return kept
    kept.state = ArticleState.DRAFT
    kept.save(update_fields=["state"])
    audit.record("article.unpublished", by=by, at=at, subject=kept, **_named(kept))
    return kept


@transaction.atomic
def remove(article: Article, *, by: Membership, at: datetime) -> Article:
    """Gone from every page, with its revisions kept; ``recover`` brings it back, as a draft."""
    kept = _locked(article)
    kept.state, kept.removed_at = ArticleState.DRAFT, at
    kept.save(update_fields=["state", "removed_at"])
    audit.record("article.removed", by=by, at=at, subject=kept, **_named(kept))
    return kept


@transaction.atomic
def recover(article: Article, *, by: Membership, at: datetime) -> Article:
    """Raises Article.DoesNotExist when it was not removed."""
    kept = Article.objects.select_for_update(of=("self",)).exclude(removed_at=None).get(pk=article.pk)
    kept.removed_at = None
    kept.save(update_fields=["removed_at"])
    audit.record("article.recovered", by=by, at=at, subject=kept, **_named(kept))
    return kept


def vote(
    article: Article, *, is_helpful: bool, comment: str | None = None, by: Membership, at: datetime
) -> ArticleVote:
    """This person's one answer; a later one takes its place. Without a ``comment`` an earlier one stays."""
    values: dict[str, Any] = {"is_helpful": is_helpful, "at": at}
    if comment is not None:
        values["comment"] = comment
    given, _is_new = ArticleVote.objects.update_or_create(article=article, membership=by, defaults=values)
    return given


@transaction.atomic
def add_section(
    *, name: str, audience: str, summary: str = "", slug: str = "", by: Membership | None, at: datetime
) -> Section:
    """At the end. Raises ValidationError when a section has this name."""
    last = Section.objects.aggregate(last=Max("position"))["last"]
    section = Section(name=name, slug=slug or slugify(name)[:63] or "section", summary=summary, audience=audience)
    section.position = 0 if last is None else last + 1
    _refuse_twins(section)
    section.save()
    audit.record("section.added", by=by, at=at, subject=section, name=name, audience=str(audience))
    return section


@transaction.atomic
def change_section(
    section: Section, *, name: str, summary: str, audience: str, by: Membership, at: datetime
) -> Section:
    """Raises ValidationError when another section has this name, or when articles would change their readers unseen."""
    kept = Section.objects.select_for_update().get(pk=section.pk)
    if audience != kept.audience and kept.articles.exists():
        raise ValidationError(
            {"audience": _("This section has articles, and they would change their readers. Move them first.")}
        )
    kept.name, kept.summary, kept.audience = name, summary, audience
    _refuse_twins(kept)
    kept.save(update_fields=["name", "summary", "audience"])
    audit.record("section.changed", by=by, at=at, subject=kept, name=name, audience=str(audience))
    return kept


@transaction.atomic
def move_section(section: Section, *, up: bool, by: Membership) -> None:
    """One place up or down; at the end of the row it stays."""
    rows = list(Section.objects.select_for_update().order_by("position", "id"))
    here = next(place for place, row in enumerate(rows) if row.pk == section.pk)
    there = here - 1 if up else here + 1
    if 0 <= there < len(rows):
        rows[here], rows[there] = rows[there], rows[here]
    for place, row in enumerate(rows):
        row.position = place
    Section.objects.bulk_update(rows, ["position"])


@transaction.atomic
def remove_section(section: Section, *, by: Membership, at: datetime) -> None:
    """Raises ValidationError when it has articles, removed ones too: those can come back."""
    if section.articles.exists():
        raise ValidationError(_("“%(name)s” still has articles. Move them first.") % {"name": section.name})
    audit.record("section.removed", by=by, at=at, subject=section, name=section.name)
    section.delete()


def _locked(article: Article) -> Article:
    """Raises Article.DoesNotExist when it was removed meanwhile."""
    return Article.objects.present().select_related("section").select_for_update(of=("self",)).get(pk=article.pk)


def _texts(**texts: str) -> dict[str, str]:
    return {name: without_marks(text) for name, text in texts.items()}


def _save_texts(
    article: Article, texts: dict[str, str], *, by: Membership | None, at: datetime, restores: int | None = None
) -> None:
    if all(getattr(article, name) == text for name, text in texts.items()):
        return
    if article.published_at is None and texts["title"] != article.title:
        article.slug = _free_slug(texts["title"], besides=article)
    for name, text in texts.items():
        setattr(article, name, text)
    article.plain = plain_text(article.body)
    article.revision += 1
    article.updated_at = at
    article.save(update_fields=[*TEXTS, "slug", "plain", "revision", "updated_at"])
    ArticleRevision.objects.create(article=article, number=article.revision, by=by, at=at, restores=restores, **texts)


def _move(article: Article, section: Section, *, by: Membership | None, at: datetime) -> None:
    before = article.section
    article.section = section
    article.save(update_fields=["section"])
    audit.record("article.moved", by=by, at=at, subject=article, **_named(article), came_from=before.slug)


def _named(article: Article) -> dict[str, str]:
    """What the log says of an article, so that it can be read without it."""
    section = article.section
    return {"title": article.title, "section": section.slug, "audience": section.audience, "state": article.state}


def _free_slug(title: str, *, besides: Article | None = None) -> str:
    """The title as an address; with a number when another article, removed ones too, has it."""
    base = slugify(title)[:80].strip("-") or "article"
    others = Article.objects.filter(slug__startswith=base)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    taken = set(others.values_list("slug", flat=True))
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


def _refuse_twins(section: Section) -> None:
    others = Section.objects.exclude(pk=section.pk)
    if others.filter(name__iexact=section.name).exists():
        raise ValidationError({"name": _("There is a section of this name already.")})
    base, number = section.slug, 1
    while others.filter(slug=section.slug).exists():
        number += 1
        section.slug = f"{base[:58]}-{number}"


def _refuse_crossing(article: Article) -> None:
    newest = ArticleRevision.objects.select_related("by__user").get(article=article, number=article.revision)
    who = newest.by.name if newest.by else _("Somebody")
    raise ValidationError(
        _("%(who)s saved this article while you were writing. Your text is kept below; saving again replaces theirs.")
        % {"who": who},
        code="crossed",
    )
