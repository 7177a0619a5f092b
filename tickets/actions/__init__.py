"""Everything that can be done to a ticket. Each is one transaction that ends on the timeline."""

from tickets.actions.conversation import log_call, no_reply_needed, note, promise_update, reply
from tickets.actions.merging import merge
from tickets.actions.opening import open_ticket
from tickets.actions.status import reopen, resolve, set_state
from tickets.actions.triage import assign, set_priority, set_team, triage

__all__ = [
    "assign",
    "log_call",
    "merge",
    "no_reply_needed",
    "note",
    "open_ticket",
    "promise_update",
    "reopen",
    "reply",
    "resolve",
    "set_priority",
    "set_state",
    "set_team",
    "triage",
]
