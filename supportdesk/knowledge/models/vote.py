"""Did this help? One answer a person and article, which they may change."""

from __future__ import annotations

from django.db import models

from supportdesk.accounts.models import Membership
from supportdesk.knowledge.models.article import Article
from supportdesk.tenancy.models import VendorForeignKey, VendorModel

LONGEST_COMMENT = 1000


class ArticleVote(VendorModel):
    article = VendorForeignKey(Article, on_delete=models.CASCADE, related_name="votes", db_index=False)
    membership = VendorForeignKey(Membership, on_delete=models.CASCADE, related_name="+", db_index=False)
    is_helpful = models.BooleanField()
    comment = models.CharField(max_length=LONGEST_COMMENT, blank=True)
    at = models.DateTimeField()

    class Meta(VendorModel.Meta):
        constraints = [models.UniqueConstraint(fields=["vendor", "article", "membership"], name="articlevote_once")]
        indexes = [models.Index(fields=["vendor", "membership"], name="articlevote_person")]

    def __str__(self) -> str:
        return f"{'yes' if self.is_helpful else 'no'}: {self.article_id}"
