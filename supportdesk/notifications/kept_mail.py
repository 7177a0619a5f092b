"""The e-mail backend of the demo: keeps every message where it can be read, and sends none."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models.functions import Now

from supportdesk.notifications.models import KeptMail


class KeptMailBackend(BaseEmailBackend):
    """Takes the connection arguments of any backend (a time-out, say) and needs none of them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        kept = [self._keep(message) for message in email_messages if message.recipients()]
        return len(KeptMail.objects.bulk_create(kept))

    @staticmethod
    def _keep(message: EmailMessage) -> KeptMail:
        wire = message.message()  # raises on a header that a mail server would refuse
        html = ""
        if isinstance(message, EmailMultiAlternatives):
            html = next((str(content) for content, kind in message.alternatives if kind == "text/html"), "")
        return KeptMail(
            vendor_slug=str(message.extra_headers.get("X-Supportdesk-Vendor", "")),
            message_id=str(wire["Message-ID"] or ""),
            sender=message.from_email,
            recipients=", ".join(message.recipients()),
            subject=" ".join(str(message.subject).split()),
            text=str(message.body),
            html=html,
            headers={name: str(value) for name, value in message.extra_headers.items()},
            sent_at=parsedate_to_datetime(str(message.extra_headers["Date"]))
            if "Date" in message.extra_headers
            else Now(),
        )
