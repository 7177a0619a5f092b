"""The desk's rail of views, which stands beside every page of the desk."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from supportdesk.accounts.models import Membership
from tickets import listing


def rail(who: Membership, at: datetime, *, current: str = "") -> dict[str, Any]:
    """The views with how many tickets are in each, as ``templates/desk/_rail.html`` reads them. One query."""
    return {
        "rail": {
            "views": listing.VIEWS,
            "counts": listing.counts(who, at),
            "cap": listing.COUNT_CAP,
            "current": current,
        }
    }
