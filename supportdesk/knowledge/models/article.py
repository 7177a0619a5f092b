"""An article: Markdown with a life of its own, draft or published, and a search vector that the database keeps."""

from __future__ import annotations

from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from supportdesk.knowledge.models.section import Audience, Section
from supportdesk.tenancy.models import VendorForeignKey, VendorManager, VendorModel, VendorQuerySet

LONGEST_BODY = 100_000
"""Characters. With it the search vector stays below PostgreSQL's limit of one megabyte."""

LANGUAGE = "english"
"""PostgreSQL's text search configuration: the vendors' documents are in English."""


class ArticleState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class ArticleQuerySet(VendorQuerySet["Article"]):
    def visible_to(self, who: Membership) -> ArticleQuerySet:
        """The only door: staff read everything that was not removed, customers what is published for them."""
        return self.present() if who.is_staff_side else self.for_customers()

    def for_customers(self) -> ArticleQuerySet:
        return self.present().filter(state=ArticleState.PUBLISHED, section__audience=Audience.EXTERNAL)

    def present(self) -> ArticleQuerySet:
        return self.filter(removed_at=None)

    def for_rows(self) -> ArticleQuerySet:
        """For lists: with the section, without anything wide."""
        return self.select_related("section").defer("body", "plain", "search")

    def for_page(self) -> ArticleQuerySet:
        return self.select_related("section", "author__user").defer("plain", "search")


def _words(name: str) -> Func:
    """The text with everything between its words blank: PostgreSQL's parser would otherwise keep `orocloud.yaml`, to it
    a host name, as one word that nobody finds by `yaml`."""
    return Func(
        F(name),
        Value("[^[:alnum:]]+"),
        Value(" "),
        Value("g"),
        function="regexp_replace",
        output_field=models.TextField(),
    )


class Article(VendorModel):
    """``plain`` is the body's text without markup, for searching and excerpts; ``revision`` the number of its newest
    ArticleRevision. The slug follows the title until it is first published, and then stays: links to it are out."""

    section = VendorForeignKey(Section, on_delete=models.RESTRICT, related_name="articles", db_index=False)
    title = models.CharField(max_length=150)
    slug = models.SlugField(max_length=90)
    summary = models.CharField(max_length=300, blank=True)
    keywords = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    plain = models.TextField()
    state = models.CharField(max_length=10, choices=ArticleState, default=ArticleState.DRAFT)
    revision = models.PositiveIntegerField()
    author = VendorForeignKey(Membership, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    # Stems; titles, keywords and summaries also as they stand, because what is half typed ("deployi") has no stem yet.
    search = models.GeneratedField(
        expression=SearchVector(_words("title"), weight="A", config=LANGUAGE)
        + SearchVector(_words("title"), weight="A", config="simple")
        + SearchVector(_words("keywords"), weight="B", config=LANGUAGE)
        + SearchVector(_words("keywords"), weight="B", config="simple")
        + SearchVector(_words("summary"), weight="C", config=LANGUAGE)
        + SearchVector(_words("summary"), weight="C", config="simple")
        + SearchVector(_words("plain"), weight="D", config=LANGUAGE),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = VendorManager.from_queryset(ArticleQuerySet)()  # type: ignore[misc]

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "slug"], name="article_slug_once"),
            models.CheckConstraint(condition=Q(state__in=ArticleState.values), name="article_state_known"),
            models.CheckConstraint(
                condition=~Q(state=ArticleState.PUBLISHED) | Q(published_at__isnull=False),
                name="article_published_has_instant",
            ),
            models.CheckConstraint(
                condition=~Q(state=ArticleState.PUBLISHED) | Q(removed_at__isnull=True),
                name="article_removed_is_not_published",
            ),
        ]
        indexes = [models.Index(fields=["vendor", "section", "title", "id"], name="article_shelf")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_published(self) -> bool:
        return self.state == ArticleState.PUBLISHED

    @property
    def is_for_customers(self) -> bool:
        """Whether customers can read it at this moment."""
        return self.is_published and not self.section.is_internal
