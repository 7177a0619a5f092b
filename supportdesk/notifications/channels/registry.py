"""The ways out. A new channel is a module beside this one and a line here.

A module of a service has ``send``, the ``SETTINGS`` that admins fill in, and ``hear`` when the service reports back, or
``read`` when it reports of single messages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from supportdesk.notifications.channels import (
    email,
    opsgenie,
    pagerduty,
    slack,
    sms,
    twilio,
    victorops,
    voice,
    webhook,
)
from supportdesk.notifications.channels.base import Send, Setting
from supportdesk.notifications.inbound import Receipt, Report
from supportdesk.notifications.models import Integration, IntegrationKind

CHANNELS: dict[str, Send] = {
    "email": email.send,
    "sms": sms.send,
    "voice": voice.send,
    IntegrationKind.PAGERDUTY: pagerduty.send,
    IntegrationKind.VICTOROPS: victorops.send,
    IntegrationKind.OPSGENIE: opsgenie.send,
    IntegrationKind.SLACK: slack.send,
    IntegrationKind.WEBHOOK: webhook.send,
}

LINES: Mapping[str, Callable[[], AbstractContextManager[None]]] = {"email": email.one_line}
"""What several sendings in a row by a channel are put into."""

SETTINGS: Mapping[IntegrationKind, tuple[Setting, ...]] = {
    IntegrationKind.PAGERDUTY: pagerduty.SETTINGS,
    IntegrationKind.VICTOROPS: victorops.SETTINGS,
    IntegrationKind.OPSGENIE: opsgenie.SETTINGS,
    IntegrationKind.SLACK: slack.SETTINGS,
    IntegrationKind.WEBHOOK: webhook.SETTINGS,
    IntegrationKind.TWILIO: twilio.SETTINGS,
}


class Hear(Protocol):
    """What a signed report says. Raises base.NotSigned."""

    def __call__(
        self, integration: Integration, headers: Mapping[str, str], body: bytes, *, at: datetime
    ) -> list[Report]: ...


HEARERS: Mapping[IntegrationKind, Hear] = {
    IntegrationKind.PAGERDUTY: pagerduty.hear,
    IntegrationKind.VICTOROPS: victorops.hear,
    IntegrationKind.SLACK: slack.hear,
    IntegrationKind.WEBHOOK: webhook.hear,
}


class Read(Protocol):
    """What a carrier's signed report says of a delivery; None when nothing new. Raises base.NotSigned."""

    def __call__(
        self, integration: Integration, delivery_id: int, headers: Mapping[str, str], body: bytes
    ) -> Receipt | None: ...


READERS: Mapping[IntegrationKind, Read] = {IntegrationKind.TWILIO: twilio.read}
"""Of carriers, who report of each message at an address of its own."""

LISTENING_SECRET: Mapping[IntegrationKind, str] = {
    IntegrationKind.PAGERDUTY: "signing_secret",
    IntegrationKind.VICTOROPS: "shared_secret",
    IntegrationKind.SLACK: "signing_secret",
    IntegrationKind.WEBHOOK: "secret",
}
"""Without it the service's reports cannot be trusted, and are refused."""
