"""The processes that `manage.py up` looks after."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)
BACK_OFF = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)  # seconds before each restart in a row
PRESUMED_READY = 15.0  # seconds
STEADY = 60.0  # seconds after which a child counts as healthy again


@dataclass
class Child:
    """One supervised command with its log prefix; it leads a process group of its own."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    cwd: str
    say: Callable[[str, str], None]
    ready_line: str = ""  # what it prints when it stands; without one it stands as soon as it runs
    process: subprocess.Popen[str] | None = None
    started: float = 0.0  # monotonic seconds
    failures: int = 0
    restart_at: float | None = None
    _stands: bool = False
    _reader: threading.Thread | None = field(default=None, repr=False)

    def start(self, now: float) -> None:
        """Call from the main thread only: the kernel ends the child when the thread that made it ends."""
        parent = os.getpid()

        def end_with_supervisor() -> None:
            LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() != parent:
                os._exit(1)

        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=self.environment,
            cwd=self.cwd,
            start_new_session=True,
            preexec_fn=end_with_supervisor if sys.platform == "linux" else None,  # noqa: PLW1509 (calls nothing that locks)
        )
        self.started, self.restart_at = now, None
        self._reader = threading.Thread(target=self._relay, args=(self.process,), daemon=True)
        self._reader.start()

    def look(self, now: float) -> None:
        """Notices an unexpected end, and starts the child again when its pause is over."""
        if self.process is not None and self.process.poll() is not None:
            code = self.process.returncode
            self._end_group(signal.SIGKILL)  # what it left behind would hold the port
            self.process = None
            self.failures = 1 if now - self.started > STEADY else self.failures + 1
            pause = BACK_OFF[min(self.failures, len(BACK_OFF)) - 1]
            self.restart_at = now + pause
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
            self.say(self.name, f"{how}; starting it again in {pause:g} s")
        if self.restart_at is not None and now >= self.restart_at:
            self.start(now)

    def is_ready(self, now: float) -> bool:
        """Whether it said so, or has run so long that it must be (its logging may be set to less)."""
        return self.is_alive() and (self._stands or not self.ready_line or now - self.started > PRESUMED_READY)

    def ask_to_end(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self._end_group(signal.SIGTERM)

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Ends whatever is left of the child's process group, and reads its last words."""
        if self.process is None:
            return
        self._end_group(signal.SIGKILL)
        self.process.wait()
        if self._reader is not None:
            self._reader.join(1.0)

    def _end_group(self, number: signal.Signals) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def _relay(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                self._stands = self._stands or self.ready_line in line
                self.say(self.name, line.rstrip("\n"))
