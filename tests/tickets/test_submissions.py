"""A form sent twice at one instant."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from supportdesk.tenancy.scope import vendor_scope
from tests.cast import MONDAY, Desk
from tickets import actions
from tickets.models import Message, Ticket


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_one_instant_make_one_ticket(oro: Desk) -> None:
    submission, together = uuid.uuid4(), Barrier(2)

    def click() -> int:
        try:
            with vendor_scope(oro.vendor):
                priority = oro.priority("P1")
                together.wait(timeout=30)
                return actions.open_ticket(
                    by=oro.alice,
                    at=MONDAY,
                    project=oro.project,
                    priority=priority,
                    subject="Down",
                    body="It is down.",
                    submission=submission,
                ).number
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        numbers = [each.result(timeout=60) for each in [threads.submit(click) for _click in range(2)]]

    assert numbers == [1, 1]
    with vendor_scope(oro.vendor):
        assert (Ticket.objects.count(), Message.objects.count()) == (1, 1)
