"""Calling off what people were to be told, when it is no longer worth telling."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import connection

from supportdesk.notifications import departures
from supportdesk.notifications.models import DeliveryState
from supportdesk.notifications.outbox import KIND, URGENT, vendor_in_scope
from supportdesk.notifications.outgoing import TOTAL_SECONDS
from supportdesk.timers import actions as timers

LONGEST_EXCHANGE = timedelta(seconds=TOTAL_SECONDS)

CALL_OFF = """
WITH found AS (
    SELECT id, state, order_key FROM notifications_delivery
    WHERE vendor_id = %(vendor)s AND occasion = ANY(%(occasions)s) AND occasion <> ''
        AND state IN ('pending', 'sending')
    ORDER BY id FOR UPDATE)
UPDATE notifications_delivery SET state = 'cancelled', last_error = %(why)s
FROM found WHERE notifications_delivery.id = found.id RETURNING found.id, found.state, found.order_key <> ''"""
"""Locked in the order of their ids and before their timers, as by whoever sends a batch (``batch.lock``)."""


def call_off(occasions: Collection[str], *, why: str, at: datetime) -> int:
    """What waits of these occasions does not leave any more, and what is just being sent is not tried again should that
    fail; how many. What stood behind them goes on, once nothing of them can be on its way any more. Copies that
    services keep in step (incidents) are not touched: they have no such occasion."""
    if not occasions:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(CALL_OFF, {"why": why, "vendor": vendor_in_scope(), "occasions": list(occasions)})
        rows = cursor.fetchall()
    for kind in (KIND, URGENT):
        timers.clear_many(kind, [pk for pk, _state, _has_order in rows])
    ordered = [(pk, state) for pk, state, has_order in rows if has_order]
    departures.wake_after([pk for pk, state in ordered if state == DeliveryState.PENDING], at=at)
    on_their_way = [pk for pk, state in ordered if state == DeliveryState.SENDING]
    departures.wake_after(on_their_way, at=at + LONGEST_EXCHANGE)
    return len(rows)
