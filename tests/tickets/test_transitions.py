"""The six states of OroCloud's "Support Request Statuses", and which may follow which."""

from __future__ import annotations

import pytest

from plans.states import OPEN_STATES, State
from tickets import transitions


@pytest.mark.parametrize("state", sorted(OPEN_STATES))
def test_every_open_ticket_can_be_resolved(state: State) -> None:
    assert transitions.may_follow(state, State.RESOLVED)


@pytest.mark.parametrize("state", State)
def test_nothing_becomes_new_again(state: State) -> None:
    assert not transitions.may_follow(state, State.NEW)


@pytest.mark.parametrize("state", State)
def test_only_a_resolved_ticket_is_reopened(state: State) -> None:
    assert transitions.may_follow(state, State.REOPENED) == (state is State.RESOLVED)


def test_reopening_is_all_that_can_follow_resolved() -> None:
    assert transitions.next_states(State.RESOLVED) == (State.REOPENED,)


@pytest.mark.parametrize("state", State)
def test_no_state_follows_itself(state: State) -> None:
    assert not transitions.may_follow(state, state)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (State.WAITING, State.IN_PROGRESS),
        (State.RESOLVED, State.REOPENED),
        (State.NEW, State.NEW),
        (State.ACKNOWLEDGED, State.ACKNOWLEDGED),
        (State.IN_PROGRESS, State.IN_PROGRESS),
        (State.REOPENED, State.REOPENED),
    ],
)
def test_a_customers_message_ends_waiting_and_resolved(before: State, after: State) -> None:
    assert transitions.after_customer_message(before) is after


@pytest.mark.parametrize(
    ("before", "is_assigned", "after"),
    [
        (State.NEW, False, State.ACKNOWLEDGED),
        (State.NEW, True, State.IN_PROGRESS),
        (State.WAITING, True, State.WAITING),
        (State.REOPENED, False, State.REOPENED),
    ],
)
def test_the_first_answer_acknowledges_a_new_ticket(before: State, is_assigned: bool, after: State) -> None:
    assert transitions.after_first_answer(before, is_assigned=is_assigned) is after
