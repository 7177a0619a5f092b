"""The desk's rail of views, which stands beside every page of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from plans import choices
from plans import queries as plan_queries
from plans.contract import Contract
from plans.states import State
from supportdesk.accounts.models import Membership
from tickets import listing
from tickets.listing import Standing
from tickets.models.saved_view import Sharing

OF_ONE_STATE = {"triage": State.NEW, "waiting": State.WAITING}
"""Views that show one state are called what the vendor calls the state."""


@dataclass(frozen=True, slots=True)
class Item:
    """A view in the rail. ``key`` is what the arrangement calls it, ``query`` its address after the question mark, and
    ``shortcut`` the two keys that go there."""

    key: str
    title: str
    icon: str
    query: str
    shortcut: str = ""
    count: int | None = None
    is_hot: bool = False
    is_saved: bool = False
    is_shared: bool = False


def title_of(view: listing.View, labels: dict[str, str]) -> str:
    """What a view is called at this vendor."""
    return labels[OF_ONE_STATE[view.slug]] if view.slug in OF_ONE_STATE else str(view.label)


def rail(who: Membership, at: datetime, *, current: str = "", contract: Contract | None = None) -> dict[str, Any]:
    """The views with how many tickets are in each, as ``templates/desk/_rail.html`` reads them, and the vendor's names
    of the states. Two queries, one for who has the contract at hand."""
    labels = choices.labels_of(contract or plan_queries.current_contract(), for_customers=False)
    standing = listing.standing(who, at)
    items = items_of(standing, labels)
    return {
        "labels": labels,
        "rail": {
            "views": [item for item in items if item.key not in standing.hidden or item.key == current],
            "all": items,
            "hidden": standing.hidden,
            "columns": standing.columns,
            "counts": standing.counts,
            "saved": {view["pk"]: view for view in standing.saved},
            "cap": listing.COUNT_CAP,
            "current": current,
        },
    }


def items_of(standing: Standing, labels: dict[str, str]) -> list[Item]:
    """Every view that a person has, in their order: built in first, then saved by name, where they said nothing."""
    items = [
        Item(
            view.slug,
            title_of(view, labels),
            view.icon,
            f"view={view.slug}",
            view.key,
            standing.counts.get(view.slug),
            is_hot=view.slug == "overdue",
        )
        for view in listing.VIEWS
    ]
    items += [
        Item(
            f"saved:{view['pk']}",
            view["name"],
            "eye",
            f"{view['query']}&saved={view['pk']}",
            is_saved=True,
            is_shared=view["sharing"] != Sharing.PERSON,
        )
        for view in standing.saved
    ]
    return _arranged(items, standing.order)


def _arranged(items: Sequence[Item], order: Sequence[str]) -> list[Item]:
    places = {key: place for place, key in enumerate(order)}
    return sorted(items, key=lambda item: places.get(item.key, len(places)))
