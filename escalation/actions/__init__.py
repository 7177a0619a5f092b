from escalation.actions.exchanges import InReturn
from escalation.actions.feeds import make_feed, revoke_feed
from escalation.actions.overrides import cover, uncover
from escalation.actions.pages import (
    acknowledge,
    annotate,
    escalate_now,
    hand_to,
    open_bridge,
    page_by_hand,
    resolve,
)
from escalation.actions.policies import move_policy, remove_policy, restore_policies, save_policy, switch_policy
from escalation.actions.rotas import (
    LayerTerms,
    archive_rota,
    change_layers,
    change_rota,
    make_rota,
    restore_rota,
    withdraw_version,
)
from escalation.actions.swaps import ask, decline, give_back, take, withdraw
from escalation.actions.time_off import keep_calendar, note_time_off, remove_time_off, remove_upload

__all__ = [
    "InReturn",
    "LayerTerms",
    "acknowledge",
    "annotate",
    "archive_rota",
    "ask",
    "change_layers",
    "change_rota",
    "cover",
    "decline",
    "escalate_now",
    "give_back",
    "hand_to",
    "keep_calendar",
    "make_feed",
    "make_rota",
    "move_policy",
    "note_time_off",
    "open_bridge",
    "page_by_hand",
    "remove_policy",
    "remove_time_off",
    "remove_upload",
    "resolve",
    "restore_policies",
    "restore_rota",
    "revoke_feed",
    "save_policy",
    "switch_policy",
    "take",
    "uncover",
    "withdraw",
    "withdraw_version",
]
