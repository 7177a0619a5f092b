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

__all__ = [
    "acknowledge",
    "annotate",
    "escalate_now",
    "hand_to",
    "move_policy",
    "open_bridge",
    "page_by_hand",
    "remove_policy",
    "resolve",
    "restore_policies",
    "save_policy",
    "switch_policy",
]
