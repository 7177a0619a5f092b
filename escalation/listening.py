"""Acknowledgements and resolutions that come back from the services a page was posted to."""

from __future__ import annotations

from datetime import datetime

from escalation.actions import acknowledge, resolve
from escalation.models import Page
from tickets.errors import Refused


def hear(*, incident_key: str, action: str, author: str, at: datetime) -> None:
    """What a service reports of one of our incidents; may come several times, and after it is over."""
    number = incident_key.removeprefix("page-")
    page = Page.objects.filter(pk=int(number)).first() if number.isdigit() else None
    if page is None or page.is_settled:
        return
    try:
        if action == "acknowledge":
            acknowledge(page, by=None, at=at, by_what="service", named=author or "?")
        elif action == "resolve":
            resolve(page, by=None, at=at, by_what="service", named=author or "?")
    except Refused:
        return  # somebody was quicker
