"""The ways out. A new channel is a module beside this one and a line here."""

from __future__ import annotations

from supportdesk.notifications.channels import email
from supportdesk.notifications.channels.base import Send

CHANNELS: dict[str, Send] = {
    "email": email.send,
}
