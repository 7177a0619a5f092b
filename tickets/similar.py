"""Tickets like the one being written."""

from __future__ import annotations

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import QuerySet
from django.db.models.functions import Greatest

from plans.states import State
from supportdesk.accounts.models import Membership
from tickets.models import Ticket

LOOKED_AT = 500
ALIKE = 0.35
SHORTEST = 4


def resolved_like(text: str, *, who: Membership, limit: int = 3) -> QuerySet[Ticket]:
    """Resolved tickets that ``who`` may read and whose subject is like ``text``, the most alike first. One query.

    Of the last ``LOOKED_AT`` resolved ones, so that it stays quick while somebody types.
    """
    text = " ".join(text.replace("\0", " ").split())[:200]
    visible = Ticket.objects.visible_to(who).filter(state=State.RESOLVED, merged_into=None)
    if len(text) < SHORTEST:
        return visible.none()
    recent = visible.order_by("-updated_at").values("pk")[:LOOKED_AT]
    likeness = Greatest(TrigramSimilarity("subject", text), TrigramWordSimilarity(text, "subject"))
    near = Ticket.objects.filter(pk__in=recent).annotate(likeness=likeness).filter(likeness__gte=ALIKE)
    return near.order_by("-likeness", "-updated_at").only("number", "subject", "resolved_at", "vendor_id")[:limit]
