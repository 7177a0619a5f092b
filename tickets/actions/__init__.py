"""Everything that can be done to a ticket. Each is one transaction that ends on the timeline."""

from tickets.actions.bulk import change_many, undo
from tickets.actions.callbacks import ask_for_callback, cancel_callback, claim_callback, schedule_callback
from tickets.actions.conferencing import end_conference, open_conference
from tickets.actions.conversation import log_call, no_reply_needed, note, promise_update, reply
from tickets.actions.escalating import escalate
from tickets.actions.following import follow, unfollow
from tickets.actions.following_up import follow_up
from tickets.actions.incidents import answer_together
from tickets.actions.issues import add_issue, change_issue, remove_issue
from tickets.actions.linking import link, unlink
from tickets.actions.merging import merge, unmerge
from tickets.actions.opening import open_ticket
from tickets.actions.priority_requests import accept_priority, ask_for_priority, decline_priority
from tickets.actions.rating import rate
from tickets.actions.saved_views import (
    arrange_rail,
    change_view,
    choose_columns,
    remove_view,
    restore_view,
    save_view,
    set_view_columns,
    update_view,
)
from tickets.actions.scoping import answer_fee, decide_scope
from tickets.actions.splitting import split
from tickets.actions.status import reopen, resolve, set_state
from tickets.actions.tagging import merge_tags, remove_tag, rename_tag, tag, tag_named, untag
from tickets.actions.time import (
    change_time,
    delete_time,
    discard_timer,
    log_time,
    restore_time,
    start_timer,
    stop_timer,
)
from tickets.actions.triage import assign, hand_over, set_category, set_priority, set_team, triage

__all__ = [
    "accept_priority",
    "add_issue",
    "answer_fee",
    "answer_together",
    "arrange_rail",
    "ask_for_callback",
    "ask_for_priority",
    "assign",
    "cancel_callback",
    "change_issue",
    "change_many",
    "change_time",
    "change_view",
    "choose_columns",
    "claim_callback",
    "decide_scope",
    "decline_priority",
    "delete_time",
    "discard_timer",
    "end_conference",
    "escalate",
    "follow",
    "follow_up",
    "hand_over",
    "link",
    "log_call",
    "log_time",
    "merge",
    "merge_tags",
    "no_reply_needed",
    "note",
    "open_conference",
    "open_ticket",
    "promise_update",
    "rate",
    "remove_issue",
    "remove_tag",
    "remove_view",
    "rename_tag",
    "reopen",
    "reply",
    "resolve",
    "restore_time",
    "restore_view",
    "save_view",
    "schedule_callback",
    "set_category",
    "set_priority",
    "set_state",
    "set_team",
    "set_view_columns",
    "split",
    "start_timer",
    "stop_timer",
    "tag",
    "tag_named",
    "triage",
    "undo",
    "unfollow",
    "unlink",
    "unmerge",
    "untag",
    "update_view",
]
