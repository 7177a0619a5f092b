"""Which state may follow which: the six of OroCloud's "Support Request Statuses". Pure."""

from __future__ import annotations

from plans.states import State

_NEXT: dict[State, tuple[State, ...]] = {
    State.NEW: (State.ACKNOWLEDGED, State.IN_PROGRESS, State.WAITING, State.RESOLVED),
    State.ACKNOWLEDGED: (State.IN_PROGRESS, State.WAITING, State.RESOLVED),
    State.IN_PROGRESS: (State.ACKNOWLEDGED, State.WAITING, State.RESOLVED),
    State.WAITING: (State.ACKNOWLEDGED, State.IN_PROGRESS, State.RESOLVED),
    State.RESOLVED: (State.REOPENED,),
    State.REOPENED: (State.ACKNOWLEDGED, State.IN_PROGRESS, State.WAITING, State.RESOLVED),
}


def next_states(state: State) -> tuple[State, ...]:
    """The states an agent may choose from here, in the order of a ticket's life."""
    return _NEXT[state]


def may_follow(state: State, to: State) -> bool:
    return to in _NEXT[state]


def after_customer_message(state: State) -> State:
    """Any customer message takes a ticket out of waiting, and out of resolved; the rest stays as it is."""
    if state is State.WAITING:
        return State.IN_PROGRESS
    if state is State.RESOLVED:
        return State.REOPENED
    return state


def after_first_answer(state: State, *, is_assigned: bool) -> State:
    """A public answer acknowledges a new ticket; somebody who also took it is working on it."""
    if state is State.NEW:
        return State.IN_PROGRESS if is_assigned else State.ACKNOWLEDGED
    return state
