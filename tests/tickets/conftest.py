"""Tickets to begin with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.cast import MONDAY, Desk
from tickets import actions
from tickets.models import Ticket

File = Callable[..., Ticket]


@pytest.fixture
def file(in_oro: Desk) -> File:
    """Files a ticket at OroCloud: Alice's P2 on Monday, unless said otherwise."""

    def file(**said: object) -> Ticket:
        facts: dict[str, object] = {
            "by": in_oro.alice,
            "at": MONDAY,
            "project": in_oro.project,
            "priority": in_oro.priority("P2"),
            "subject": "Checkout is down",
            "body": "It answers 502.",
        }
        return actions.open_ticket(**(facts | said))  # type: ignore[arg-type]

    return file


@pytest.fixture
def ticket(file: File) -> Ticket:
    return file()
