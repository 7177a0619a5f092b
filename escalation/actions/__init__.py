from escalation.actions.pages import (
    acknowledge,
    annotate,
    escalate_now,
    hand_to,
    open_bridge,
    page_by_hand,
    resolve,
)

__all__ = ["acknowledge", "annotate", "escalate_now", "hand_to", "open_bridge", "page_by_hand", "resolve"]
