"""`manage.py up` with real processes: a first start, a second one, and every way to end it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supportdesk.runtime.places import CHECKOUT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for leftovers in /proc"),
]


class Desk:
    """One run of `manage.py up`, with what it has printed so far."""

    def __init__(self, var: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.var, self.printed = var, ""
        unwanted = ("DATABASE_URL", "REDIS_URL", "BASE_URL", "PORT")
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        self.process = subprocess.Popen(
            [sys.executable, str(CHECKOUT / "manage.py"), "up", "--port", str(self.port)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment | {"SUPPORTDESK_VAR": str(var), "DEMO": "true"},
        )

    def wait_for(self, wanted: str) -> str:
        """Reads on until a line matches; returns it."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.printed += line
            if re.search(wanted, line):
                return line
        pytest.fail(f"{wanted!r} never came; this did:\n{self.printed}")

    def end(self, number: signal.Signals = signal.SIGINT) -> int:
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=30)
        self.printed += output
        return self.process.returncode


def processes_of(var: Path) -> list[str]:
    """The commands of every process that runs on the folder, the database server included."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
            environment = (folder / "environ").read_bytes()
            if command and os.fsencode(var) in command + environment and int(folder.name) != os.getpid():
                found.append(command.decode(errors="replace"))
    return found


def wait_for_none(var: Path) -> None:
    patience = time.monotonic() + 15
    while processes_of(var):
        assert time.monotonic() < patience, processes_of(var)
        time.sleep(0.1)


@pytest.fixture(scope="module")
def started_once() -> Iterator[tuple[Path, str, float]]:
    """A folder after its first start and stop, with what was printed and the seconds it took to open."""
    var = Path(tempfile.mkdtemp(prefix="supportdesk-"))
    var.chmod(0o755)
    began = time.monotonic()
    desk = Desk(var)
    desk.wait_for("The desk is open")
    took = time.monotonic() - began
    assert desk.end() == 0
    yield var, desk.printed, took
    shutil.rmtree(var)


@pytest.fixture
def start(started_once: tuple[Path, str, float]) -> Iterator[Callable[[], Desk]]:
    desks: list[Desk] = []

    def start() -> Desk:
        desks.append(Desk(started_once[0]))
        return desks[-1]

    yield start
    for desk in desks:
        desk.process.kill()
        desk.process.wait()
        assert desk.process.stdout is not None
        desk.process.stdout.close()
    wait_for_none(started_once[0])


def test_the_first_start_names_its_steps_and_leaves_nothing_behind(started_once: tuple[Path, str, float]) -> None:
    var, printed, _ = started_once
    for step in ("Database", "Tables", "Contracts", "Demo data"):
        assert re.search(rf"^{step} … \d+\.\d s$", printed, re.MULTILINE)
    assert "Traceback" not in printed
    assert printed.endswith("Stopped.\n")
    assert processes_of(var) == []


def test_the_second_start_is_quick_and_opens_the_sign_in_page(
    started_once: tuple[Path, str, float], start: Callable[[], Desk]
) -> None:
    began = time.monotonic()
    desk = start()
    desk.wait_for("The desk is open")
    assert time.monotonic() - began < max(20, started_once[2] / 2)
    assert "Tables" not in desk.printed, "nothing to migrate"
    with urllib.request.urlopen(f"http://127.0.0.1:{desk.port}/accounts/login/", timeout=10) as answer:
        assert answer.status == 200
    assert desk.end(signal.SIGTERM) == 0
    assert processes_of(desk.var) == []


def test_a_second_supervisor_on_the_folder_is_refused(start: Callable[[], Desk]) -> None:
    desk = start()
    desk.wait_for("The desk is open")
    other = start()
    other.wait_for(rf"supportdesk is already running on \S+ \(process {desk.process.pid}\)")
    assert other.process.wait(10) == 2


def test_a_killed_worker_comes_back_and_the_web_does_not_notice(start: Callable[[], Desk]) -> None:
    desk = start()
    desk.wait_for("The desk is open")
    workers = subprocess.run(["pgrep", "-P", str(desk.process.pid), "-f", "celery"], capture_output=True, check=True)
    os.kill(int(workers.stdout.split()[0]), signal.SIGKILL)
    desk.wait_for(r"^worker .*was ended by SIGKILL; starting it again")
    desk.wait_for(r"^worker .*ready")
    with urllib.request.urlopen(f"http://127.0.0.1:{desk.port}/accounts/login/", timeout=10) as answer:
        assert answer.status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children of their parent's end on Linux only")
def test_a_killed_supervisor_leaves_nothing_behind(start: Callable[[], Desk]) -> None:
    desk = start()
    desk.wait_for("The desk is open")
    desk.end(signal.SIGKILL)
    wait_for_none(desk.var)


def test_a_stop_in_the_middle_of_the_preparation_leaves_nothing_behind(start: Callable[[], Desk]) -> None:
    desk = start()
    desk.wait_for("Database")
    assert desk.end() == 0
    assert "Traceback" not in desk.printed
    assert processes_of(desk.var) == []
