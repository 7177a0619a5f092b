from __future__ import annotations

from contextlib import ExitStack

import pytest

from supportdesk.notifications import lanes as module
from supportdesk.notifications.lanes import Lanes


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.0)


def enter(
    stack: ExitStack, lanes: Lanes, vendor: int, to: str, *, urgent: bool = False, doubtful: bool = False
) -> bool:
    return stack.enter_context(lanes.flight(vendor, to, is_urgent=urgent, is_doubtful=doubtful)) is not None


def test_one_thread_is_always_left_for_what_is_urgent() -> None:
    lanes = Lanes(threads=4)
    with ExitStack() as stack:
        assert [enter(stack, lanes, vendor, "email") for vendor in (1, 2, 3, 4)] == [True, True, True, False]
        assert enter(stack, lanes, 4, "pager", urgent=True)


def test_one_vendor_never_has_all_threads_urgent_or_not() -> None:
    lanes = Lanes(threads=4)
    with ExitStack() as stack:
        assert [enter(stack, lanes, 1, "pager", urgent=True) for _ in range(4)] == [True, True, True, False]
        assert enter(stack, lanes, 2, "pager", urgent=True)


def test_a_destination_that_has_just_failed_has_one() -> None:
    lanes = Lanes(threads=4)
    with ExitStack() as stack:
        assert [enter(stack, lanes, 1, "hook", doubtful=True) for _ in range(2)] == [True, False]
        assert enter(stack, lanes, 1, "another", doubtful=True)


def test_a_vendor_whose_sendings_hang_has_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOW", -1.0)
    lanes = Lanes(threads=8)
    with ExitStack() as stack:
        assert [enter(stack, lanes, 1, f"hook-{n}") for n in range(5)] == [True, True, True, True, False]
        assert enter(stack, lanes, 2, "email")


def test_whoever_goes_on_from_message_to_message_does_not_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    lanes = Lanes(threads=8)
    with ExitStack() as stack:
        flights = [
            stack.enter_context(lanes.flight(1, f"hook-{n}", is_urgent=False, is_doubtful=False)) for n in range(4)
        ]
        clock[0] = module.SLOW + 1
        assert not enter(stack, lanes, 1, "another")
        for flight in flights:
            assert flight is not None
            flight.goes_on()
        assert enter(stack, lanes, 1, "another")


def test_what_has_landed_makes_room() -> None:
    lanes = Lanes(threads=2)
    for _ in range(3):
        with ExitStack() as stack:
            assert enter(stack, lanes, 1, "email")


def test_a_thread_that_is_alone_shares_with_nobody() -> None:
    with ExitStack() as stack:
        lanes = Lanes(threads=1)
        assert enter(stack, lanes, 1, "email")
        assert enter(stack, lanes, 1, "email", doubtful=True)
