"""Sections, articles, what was written when, and whether it helped."""

from __future__ import annotations

from supportdesk.knowledge.models.article import Article, ArticleState
from supportdesk.knowledge.models.revision import ArticleRevision
from supportdesk.knowledge.models.section import Audience, Section
from supportdesk.knowledge.models.vote import ArticleVote

__all__ = ["Article", "ArticleRevision", "ArticleState", "ArticleVote", "Audience", "Section"]
