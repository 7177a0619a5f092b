"""The demo's telephones: texts and calls are kept in its mailbox instead of made."""

from __future__ import annotations

from supportdesk.notifications.channels.base import Result, Sent
from supportdesk.notifications.models import Delivery, KeptMail

DESTINATION = "kept"
SENDERS = {"sms": "Text message", "voice": "Telephone call"}


def keep(delivery: Delivery, text: str) -> Result:
    assert delivery.tried_at is not None
    KeptMail.objects.create(
        vendor_slug=delivery.vendor.slug,
        message_id=f"<{delivery.channel}-{delivery.pk}@telephone>",
        sender=SENDERS.get(delivery.channel, delivery.channel),
        recipients=delivery.address,
        subject=delivery.subject,
        text=text,
        sent_at=delivery.tried_at,
    )
    return Sent(answer="Kept in the demo's mailbox.")
