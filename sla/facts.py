"""What happened to a ticket, as far as its clocks care. Pure: a fact is a value, wherever it was read from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sla.targets import Terms


class FactKind(StrEnum):
    OPENED = "opened"
    CUSTOMER_WROTE = "customer_wrote"
    REPLIED = "replied"
    """A public reply by a person of the vendor. Automatic replies and internal notes are no facts to a clock."""
    CALL_LOGGED = "call_logged"
    NO_REPLY_NEEDED = "no_reply_needed"
    UPDATE_PROMISED = "update_promised"
    CALLBACK_REQUESTED = "callback_requested"
    CALLBACK_CANCELLED = "callback_cancelled"
    """Nobody waits for the call any more."""
    DELIVERY_REQUESTED = "delivery_requested"
    DELIVERED = "delivered"
    PRIORITY_CHANGED = "priority_changed"
    SEVERITY_CHANGED = "severity_changed"
    TERMS_CHANGED = "terms_changed"
    """Another plan, another version of the plan, or an edited calendar."""
    STATE_CHANGED = "state_changed"
    MERGED = "merged"
    """This ticket went into another one and owes nothing any more."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened at the instant ``at``; a kind carries what it needs and leaves the rest empty.

    ``since`` is, of an opening, the instant at which the request was received or the customer made contact when that
    was earlier than ``at``; ``until`` the next update that was stated; ``key`` the delivery target that was asked for.
    """

    at: datetime
    kind: FactKind
    priority: str = ""
    severity: str | None = None
    state: str = ""
    reason: str = ""
    terms: Terms | None = None
    since: datetime | None = None
    until: datetime | None = None
    key: str = ""
