"""Canned responses: texts that are written often."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from supportdesk.tenancy.models import VendorManager
from tickets.models.prepared import Prepared, PreparedQuerySet

LONGEST_TEXT = 20_000


class CannedResponseQuerySet(PreparedQuerySet["CannedResponse"]):
    """Nothing of their own."""


class CannedResponse(Prepared):
    """Markdown with variables (``tickets/variables.py``)."""

    body = models.TextField(max_length=LONGEST_TEXT)

    objects = VendorManager.from_queryset(CannedResponseQuerySet)()  # type: ignore[misc]

    class Meta(Prepared.Meta):
        abstract = False
        constraints = [
            models.UniqueConstraint(
                fields=["vendor", "owner", "team", "title"], nulls_distinct=False, name="cannedresponse_title_once"
            ),
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(team__isnull=True), name="cannedresponse_in_one_place"
            ),
            models.CheckConstraint(condition=~Q(title="") & ~Q(body=""), name="cannedresponse_says_something"),
        ]
