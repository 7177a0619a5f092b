"""The list of pages: its views, and one page of rows at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from escalation.models import Page, PageState
from supportdesk.accounts.models import Membership

ROWS = 50
VIEWS = ("unsettled", "open", "acknowledged", "mine", "resolved", "all")


@dataclass(frozen=True, slots=True)
class Rows:
    """``older``: the number of the last page shown when there are more; None at the end."""

    pages: Sequence[Page]
    older: int | None


def rows_of(view: str, who: Membership, *, policy: str = "", before: int | None = None) -> Rows:
    """Pages of a view, the newest first, with what a row shows. One query."""
    pages = Page.objects.for_rows()
    match view:
        case "unsettled":
            pages = pages.unsettled()
        case "open" | "acknowledged":
            pages = pages.unsettled().filter(state=view)
        case "mine":
            pages = pages.filter(Q(acknowledged_by=who) | Q(holder=who))
        case "resolved":
            pages = pages.filter(state=PageState.RESOLVED)
    if policy:
        pages = pages.filter(policy=policy)
    if before is not None:
        pages = pages.filter(pk__lt=before)
    found = list(pages.order_by("-pk")[: ROWS + 1])
    return Rows(found[:ROWS], found[ROWS - 1].pk if len(found) > ROWS else None)


def counts() -> dict[str, int]:
    """How many wait for somebody and how many somebody answers for, counting no further than a hundred. Two queries."""
    return {state: Page.objects.unsettled().filter(state=state).order_by()[:100].count() for state in VIEWS[1:3]}
