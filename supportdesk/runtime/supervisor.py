from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType

from supportdesk.runtime.children import Child

GRACE = 8.0  # seconds between the polite request to end and the kill
LOOK_EVERY = 0.2


class Stopped(BaseException):
    """Somebody asked to stop (Ctrl-C, SIGTERM, a closed terminal) while something uninterruptible was going on."""


class Supervisor:
    """Keeps children running until it is asked to stop; then nothing of them is left.

    A child that dies is started again after a pause that grows. Every child leads its own process group, so Ctrl-C
    reaches only the supervisor, and whatever a child spawned is ended with it. On Linux the children also end when the
    supervisor itself is killed.
    """

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._interrupts = True
        self._writing = threading.Lock()

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Takes the signals that mean "stop": in here they raise Stopped, except while `run` looks after children."""
        numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = [signal.signal(number, self._ask) for number in numbers]
        try:
            yield
        finally:
            for number, handler in zip(numbers, before, strict=True):
                signal.signal(number, handler)

    def say(self, name: str, line: str) -> None:
        """One line of the log; a terminal that has gone away is no reason to die half-way."""
        with self._writing, contextlib.suppress(OSError, ValueError):
            sys.stdout.write(f"{name:<7}| {line}\n" if name else f"{line}\n")
            sys.stdout.flush()

    def run(self, children: Sequence[Child], is_ready: Callable[[], bool], on_ready: Callable[[], None]) -> bool:
        """Runs the children until asked to stop. False when one ended before all were ready."""
        self._interrupts = False
        ready = False
        try:
            for child in children:
                child.start(time.monotonic())
            while not self._asked.wait(LOOK_EVERY):
                if not ready:
                    if not all(child.is_alive() for child in children):
                        return False
                    if all(child.is_ready(time.monotonic()) for child in children) and is_ready():
                        ready = True
                        on_ready()
                for child in children:
                    child.look(time.monotonic())
            return True
        finally:
            self._stop(children)

    def _stop(self, children: Sequence[Child]) -> None:
        self._asked.clear()
        for child in children:
            child.ask_to_end()
        patience = time.monotonic() + GRACE
        while any(child.is_alive() for child in children) and time.monotonic() < patience:
            if self._asked.wait(0.05):  # asked a second time: no more waiting
                break
        for child in children:
            child.kill()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self._asked.set()
        if self._interrupts:
            raise Stopped
