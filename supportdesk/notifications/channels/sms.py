"""A text message to a telephone."""

from __future__ import annotations

import hashlib

from supportdesk.notifications.channels import kept
from supportdesk.notifications.channels.base import Refused, Result
from supportdesk.notifications.channels.http import cut, link_of
from supportdesk.notifications.channels.twilio import Account, already, reports_to
from supportdesk.notifications.models import Delivery

MOST_TITLE = 200
COLLECTION = "Messages"


def send(delivery: Delivery) -> Result:
    if delivery.destination == kept.DESTINATION:
        return kept.keep(delivery, text(delivery))
    account = Account.of(delivery)
    if isinstance(account, Refused):
        return account
    body = text(delivery)
    if delivery.attempts > 1:
        rows = account.find(COLLECTION, delivery.address, since=delivery.queued_at)
        found = already(row for row in rows if row.get("body") == body)
        if found is not None:
            return found
    form = {"To": delivery.address, "From": account.sender, "Body": body}
    reports = reports_to(delivery)
    return account.create(COLLECTION, form | ({"StatusCallback": reports} if reports else {}))


def text(delivery: Delivery) -> str:
    """``[Oro] #12 Checkout is down https://… (7f3a)``: the four characters tell one text from another that says the
    same, and are the same for every attempt."""
    number = f"#{delivery.ticket_number} " if delivery.ticket_number is not None else ""
    mark = hashlib.sha256(f"{delivery.vendor_id}/{delivery.key}".encode()).hexdigest()[:4]
    said = cut(f"[{delivery.vendor.name}] {number}{delivery.subject}", MOST_TITLE)
    return " ".join(filter(None, (said, link_of(delivery), f"({mark})")))
