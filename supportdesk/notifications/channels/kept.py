"""The demo's telephones and services: what would go out to them is kept in its mailbox instead."""

from __future__ import annotations

from django.conf import settings

from supportdesk.notifications.channels.base import Sent
from supportdesk.notifications.channels.incident import Incident
from supportdesk.notifications.models import Delivery, KeptMail

DESTINATION = "kept"
DEMO = "demo"
"""In an integration's settings: it is one of the demo's. Whoever saves settings of their own makes it a real one."""

SENDERS = {"sms": "Text message", "voice": "Telephone call"}


def is_kept(delivery: Delivery) -> bool:
    """Whether it is for a service that only the demo has."""
    return bool(settings.DEMO and delivery.integration is not None and delivery.integration.config.get(DEMO))


def keep(delivery: Delivery, text: str) -> Sent:
    assert delivery.tried_at is not None
    message_id = f"<{delivery.channel}-{delivery.pk}@kept>"
    KeptMail.objects.create(
        vendor_slug=delivery.vendor.slug,
        message_id=message_id,
        sender=SENDERS.get(delivery.channel, delivery.channel),
        recipients=delivery.address,
        subject=delivery.subject,
        text=text,
        sent_at=delivery.tried_at,
    )
    return Sent(message_id, "Kept in the demo's mailbox.")


def keep_incident(delivery: Delivery) -> Sent:
    incident = Incident.of(delivery)
    facts = [
        f"{incident.action}: {incident.title}",
        f"severity: {incident.severity}",
        f"incident: {incident.key}",
        *([f"by: {incident.author}"] if incident.author else []),
        *(f"{name}: {href}" for href, name in incident.links),
        *([f"open: {incident.link}"] if incident.link else []),
    ]
    return keep(delivery, "\n".join([*facts, "", incident.body]).strip())
