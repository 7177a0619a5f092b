"""The desk's rail of views, which stands beside every page of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from plans import choices
from plans import queries as plan_queries
from plans.contract import Contract
from plans.states import State
from supportdesk.accounts.models import Membership
from tickets import listing

OF_ONE_STATE = {"triage": State.NEW, "waiting": State.WAITING}
"""Views that show one state are called what the vendor calls the state."""


def title_of(view: listing.View, labels: dict[str, str]) -> str:
    """What a view is called at this vendor."""
    return labels[OF_ONE_STATE[view.slug]] if view.slug in OF_ONE_STATE else str(view.label)


def rail(who: Membership, at: datetime, *, current: str = "", contract: Contract | None = None) -> dict[str, Any]:
    """The views with how many tickets are in each, as ``templates/desk/_rail.html`` reads them, and the vendor's names
    of the states. Two queries, one for who has the contract at hand."""
    labels = choices.labels_of(contract or plan_queries.current_contract(), for_customers=False)
    return {
        "labels": labels,
        "rail": {
            "views": [(view, title_of(view, labels)) for view in listing.VIEWS],
            "counts": listing.counts(who, at),
            "cap": listing.COUNT_CAP,
            "current": current,
        },
    }
