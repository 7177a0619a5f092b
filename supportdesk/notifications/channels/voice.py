"""A call to a telephone: the message is read out twice."""

from __future__ import annotations

from datetime import timedelta
from xml.sax.saxutils import escape

from django.utils.translation import gettext as _

from supportdesk.notifications.channels import kept
from supportdesk.notifications.channels.base import Refused, Result
from supportdesk.notifications.channels.http import cut
from supportdesk.notifications.channels.twilio import Account, already, reports_to
from supportdesk.notifications.models import Delivery

MOST_SPOKEN = 500
COLLECTION = "Calls"
RINGS = timedelta(seconds=45)


def send(delivery: Delivery) -> Result:
    if delivery.destination == kept.DESTINATION:
        return kept.keep(delivery, spoken(delivery))
    account = Account.of(delivery)
    if isinstance(account, Refused):
        return account
    if delivery.attempts > 1:
        rows = account.find(COLLECTION, delivery.address, since=delivery.queued_at)
        found = already(row for row in rows if row.get("from") == account.sender)
        if found is not None:
            return found
    form: dict[str, str | list[str]] = {"To": delivery.address, "From": account.sender, "Twiml": twiml(delivery)}
    form["Timeout"] = str(int(RINGS.total_seconds()))
    if reports := reports_to(delivery):
        form |= {"StatusCallback": reports, "StatusCallbackEvent": ["answered", "completed"]}
    return account.create(COLLECTION, form)


def spoken(delivery: Delivery) -> str:
    number = _("Ticket {number}. ").format(number=delivery.ticket_number) if delivery.ticket_number is not None else ""
    return cut(
        _("This is the support desk of {vendor}. {number}{title}").format(
            vendor=delivery.vendor.name, number=number, title=delivery.subject
        ),
        MOST_SPOKEN,
    )


def twiml(delivery: Delivery) -> str:
    said = f"<Say>{escape(spoken(delivery))}</Say>"
    return f'<Response><Pause length="1"/>{said}<Pause length="2"/>{said}</Response>'
