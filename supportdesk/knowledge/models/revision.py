"""What an article said, save by save; append-only, guarded by a trigger."""

from __future__ import annotations

from django.db import models

from supportdesk.accounts.models import Membership
from supportdesk.knowledge.models.article import Article
from supportdesk.tenancy.models import VendorForeignKey, VendorModel


class ArticleRevision(VendorModel):
    """The texts as they were saved. Which section and state an article has is not part of it: taking an old text back
    must never show it to other people."""

    article = VendorForeignKey(Article, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=150)
    summary = models.CharField(max_length=300, blank=True)
    keywords = models.CharField(max_length=300, blank=True)
    body = models.TextField()
    by = VendorForeignKey(Membership, on_delete=models.RESTRICT, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    restores = models.PositiveIntegerField(null=True)

    class Meta(VendorModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["vendor", "article", "number"], name="articlerevision_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.number})"
