"""The demo's telephones and services: numbers of the staff, and what Drud's document says pages go to."""

from __future__ import annotations

from datetime import datetime

from supportdesk.accounts.models import Membership, Vendor
from supportdesk.notifications.channels.kept import DEMO
from supportdesk.notifications.models import ContactMethod, Integration, IntegrationKind

NUMBER = "+1202555{place:04}"
"""Fictional by agreement from 0100 to 0199."""

SERVICES: dict[str, list[tuple[IntegrationKind, str, dict[str, object], str]]] = {
    "drud": [
        (IntegrationKind.VICTOROPS, "VictorOps", {"routing_key": "ddev-live", DEMO: True}, ""),
        (IntegrationKind.SLACK, "#support-alerts", {DEMO: True}, "An example: fill in a webhook address of your own."),
    ],
    "orocloud": [
        (
            IntegrationKind.PAGERDUTY,
            "PagerDuty",
            {"region": "us", DEMO: True},
            "An example: fill in a key of your own.",
        ),
    ],
}
"""By vendor: kind, name, settings, and why it is disabled, if it is."""


def seed_channels(vendor: Vendor, *, at: datetime) -> None:
    """Gives the staff verified numbers, and the vendor its services. Twice is once. Needs the vendor's scope."""
    for place, person in enumerate(Membership.objects.staff().order_by("pk")[:100], start=100):
        ContactMethod.objects.get_or_create(
            membership=person, number=NUMBER.format(place=place), defaults={"created_at": at, "verified_at": at}
        )
    for kind, name, config, why_disabled in SERVICES.get(vendor.slug, ()):
        Integration.objects.get_or_create(
            name=name,
            defaults={
                "kind": kind,
                "config": config,
                "created_at": at,
                "disabled_at": at if why_disabled else None,
                "disabled_because": why_disabled,
            },
        )
