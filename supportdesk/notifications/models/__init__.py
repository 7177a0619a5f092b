"""What people are told: a notice in the product's own inbox, and a delivery for every way out of it."""

from __future__ import annotations

from supportdesk.notifications.models.contact_method import ContactMethod
from supportdesk.notifications.models.delivery import UNSETTLED, Delivery, DeliveryState
from supportdesk.notifications.models.destination import Destination
from supportdesk.notifications.models.integration import Integration, IntegrationKind
from supportdesk.notifications.models.kept_mail import KeptMail
from supportdesk.notifications.models.notice import Notice
from supportdesk.notifications.models.preference import Preference

__all__ = [
    "UNSETTLED",
    "ContactMethod",
    "Delivery",
    "DeliveryState",
    "Destination",
    "Integration",
    "IntegrationKind",
    "KeptMail",
    "Notice",
    "Preference",
]
