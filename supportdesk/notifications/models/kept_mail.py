"""What the demo keeps instead of sending it."""

from __future__ import annotations

from django.db import models


class KeptMail(models.Model):
    """An e-mail that was kept instead of sent: the demo's stand-in for every mailbox in the world.

    Like those mailboxes it is outside the vendors' walls: ``vendor_slug`` is read from the message, and empty for
    e-mails of the product itself, such as a password reset.
    """

    vendor_slug = models.CharField(max_length=63, blank=True, default="")
    message_id = models.CharField(max_length=300)
    sender = models.CharField(max_length=300)
    recipients = models.TextField()
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField(blank=True, default="")
    headers = models.JSONField(default=dict)
    sent_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["-sent_at", "-id"], name="keptmail_latest"),
            models.Index(fields=["vendor_slug", "-sent_at", "-id"], name="keptmail_vendor"),
        ]

    def __str__(self) -> str:
        return self.subject
