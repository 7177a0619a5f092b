"""The e-mails and notices of lived-through histories: sent at their instants, so that no worker sends them now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F

from sla.reactions import follow_tickets
from supportdesk.demo.clocks import past_clocks
from supportdesk.notifications.actions import EMAIL, SMS, VOICE
from supportdesk.notifications.channels import kept, sms, voice
from supportdesk.notifications.channels.base import Sent
from supportdesk.notifications.channels.email import compose, message_id
from supportdesk.notifications.kept_mail import KeptMailBackend
from supportdesk.notifications.models import Delivery, DeliveryState, Notice
from supportdesk.notifications.outbox import clear_timers
from tickets import events
from tickets.models import Event

READ_AFTER = timedelta(minutes=25)


@contextmanager
def telling_since(instant: datetime) -> Iterator[None]:
    """Within it only the clocks live through what happened before this instant; whoever else reacts to events, by
    telling people for one, hears of what came after. For the whole process."""
    usual = list(events.reactions)
    with past_clocks(instant) as clocks:
        events.reactions[:] = [
            clocks.follow if react is follow_tickets else _of_late(react, instant) for react in usual
        ]
        try:
            yield
        finally:
            events.reactions[:] = usual


def _of_late(react: events.Reaction, since: datetime) -> events.Reaction:
    def hear(happened: Sequence[Event]) -> None:
        if late := [event for event in happened if event.at >= since]:
            react(late)

    return hear


def send_in_the_past() -> int:
    """Every delivery of the vendor that waits is sent, to the demo's mailbox and dated when it was queued; how many.

    In the transaction that queued them, so that no worker ever sees them waiting.
    """
    pending = Delivery.objects.filter(state=DeliveryState.PENDING)
    waiting = list(pending.select_related("vendor", "integration").order_by("id"))
    if not waiting:
        return 0
    KeptMailBackend().send_messages([compose(delivery) for delivery in waiting if delivery.channel == EMAIL])
    for delivery in waiting:
        delivery.state, delivery.attempts = DeliveryState.SENT, 1
        delivery.sent_at, delivery.tried_at = delivery.queued_at, delivery.queued_at
        delivery.reference = message_id(delivery) if delivery.channel == EMAIL else _keep(delivery).reference
    Delivery.objects.bulk_update(waiting, ["state", "attempts", "sent_at", "reference"], batch_size=200)
    clear_timers(delivery.pk for delivery in waiting)
    return len(waiting)


def _keep(delivery: Delivery) -> Sent:
    """What telephones and services would have been told."""
    said = {SMS: sms.text, VOICE: voice.spoken}.get(delivery.channel)
    return kept.keep(delivery, said(delivery)) if said is not None else kept.keep_incident(delivery)


def read_notices(*, before: datetime) -> None:
    """What reached people's inboxes earlier than this has been read."""
    Notice.objects.filter(at__lt=before, read_at=None).update(read_at=F("at") + READ_AFTER)
