"""An incident as the channels of incidents read it from a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from supportdesk.notifications.channels.http import link_of
from supportdesk.notifications.incidents import Action, Severity, outside_key
from supportdesk.notifications.models import Delivery


@dataclass(frozen=True, slots=True)
class Incident:
    """``key`` is what the other side knows it by, the same for every step and every attempt. ``link`` may be empty;
    ``links`` are pairs of an address and its name."""

    action: Action
    key: str
    severity: Severity
    title: str
    body: str
    link: str
    links: tuple[tuple[str, str], ...]
    author: str
    source: str
    ticket_number: int | None

    @classmethod
    def of(cls, delivery: Delivery) -> Incident:
        """A message of another kind (a test) is a notice for information."""
        payload = delivery.payload
        number = f"#{delivery.ticket_number} " if delivery.ticket_number is not None else ""
        return cls(
            action=cast("Action", payload.get("action", "trigger")),
            key=outside_key(delivery.vendor.slug, payload.get("incident", delivery.occasion)),
            severity=cast("Severity", payload.get("severity", "info")),
            title=f"{number}{delivery.subject}",
            body=delivery.body,
            link=link_of(delivery),
            links=tuple((href, text) for href, text in payload.get("links", ())),
            author=payload.get("author", ""),
            source=delivery.vendor.name,
            ticket_number=delivery.ticket_number,
        )
