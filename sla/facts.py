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
    TOOK_IN = "took_in"
    """Another ticket went into this one: what was owed there since earlier is owed here since then."""
    CAME_BACK = "came_back"
    """The merging was undone: this ticket is again what it was, and its clocks run from where they began."""
    GAVE_BACK = "gave_back"
    """The merging was undone: what the other ticket brought is no longer owed here."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened at the instant ``at``; a kind carries what it needs and leaves the rest empty.

    ``since`` is, of an opening, the instant at which the request was received or the customer made contact when that
    was earlier than ``at``; ``until`` the next update that was stated; ``key`` the delivery target that was asked for.
    Of a merging and its undoing ``since``, ``asked_at`` and ``unanswered_at`` are what ``sla.book.Book`` has of these
    names (``since``: ``open_since``): the other ticket's when it comes in, afterwards the ticket's own.
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
    asked_at: datetime | None = None
    unanswered_at: datetime | None = None
    key: str = ""
