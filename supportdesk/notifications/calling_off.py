"""Calling off what people were to be told, when it is no longer worth telling."""

from __future__ import annotations

from collections.abc import Collection

from django.db import connection

from supportdesk.notifications.outbox import KIND, URGENT, vendor_in_scope
from supportdesk.timers import actions as timers

CALL_OFF = """
WITH found AS (
    SELECT id FROM notifications_delivery
    WHERE vendor_id = %(vendor)s AND occasion = ANY(%(occasions)s) AND occasion <> ''
        AND state IN ('pending', 'sending')
    ORDER BY id FOR UPDATE)
UPDATE notifications_delivery SET state = 'cancelled', last_error = %(why)s
FROM found WHERE notifications_delivery.id = found.id RETURNING found.id"""
"""Locked in the order of their ids and before their timers, as by whoever sends a batch (``batch.lock``)."""


def call_off(occasions: Collection[str], *, why: str) -> int:
    """What waits of these occasions does not leave any more, and what is just being sent is not tried again should that
    fail; how many. Copies that services keep in step (incidents) are not touched: they have no such occasion."""
    if not occasions:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(CALL_OFF, {"why": why, "vendor": vendor_in_scope(), "occasions": list(occasions)})
        found = [pk for (pk,) in cursor.fetchall()]
    for kind in (KIND, URGENT):
        timers.clear_many(kind, found)
    return len(found)
