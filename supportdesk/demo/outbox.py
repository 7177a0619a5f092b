"""The e-mails and notices of lived-through histories: sent at their instants, so that no worker sends them now."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from supportdesk.notifications.actions import KIND
from supportdesk.notifications.channels.email import compose, message_id
from supportdesk.notifications.kept_mail import KeptMailBackend
from supportdesk.notifications.models import Delivery, DeliveryState, Notice
from supportdesk.timers import actions as timers

READ_AFTER = timedelta(minutes=25)


def send_in_the_past() -> int:
    """Every delivery of the vendor that waits is sent, to the demo's mailbox and dated when it was queued; how many.

    In the transaction that queued them, so that no worker ever sees them waiting.
    """
    waiting = list(Delivery.objects.filter(state=DeliveryState.PENDING).select_related("vendor").order_by("id"))
    if not waiting:
        return 0
    KeptMailBackend().send_messages([compose(delivery) for delivery in waiting])
    for delivery in waiting:
        delivery.state, delivery.attempts = DeliveryState.SENT, 1
        delivery.sent_at, delivery.reference = delivery.queued_at, message_id(delivery)
    Delivery.objects.bulk_update(waiting, ["state", "attempts", "sent_at", "reference"], batch_size=200)
    timers.clear_many(KIND, [delivery.pk for delivery in waiting])
    return len(waiting)


def read_notices(*, before: datetime) -> None:
    """What reached people's inboxes earlier than this has been read."""
    Notice.objects.filter(at__lt=before, read_at=None).update(read_at=F("at") + READ_AFTER)
