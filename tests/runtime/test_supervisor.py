"""Children are kept running, and nothing of them is left when the supervisor ends, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supportdesk.runtime.places import CHECKOUT

# A supervisor of stand-ins: each child writes its number, and the number of a grandchild, to a file named after it.
SUPERVISOR = """
import os, sys, time
from pathlib import Path
from supportdesk.runtime.children import Child
from supportdesk.runtime.supervisor import Stopped, Supervisor

folder, *scripts = sys.argv[1:]
supervisor = Supervisor()
children = [
    Child(f"child{n}", [sys.executable, "-c", script, f"{folder}/{n}"], dict(os.environ), folder, supervisor.say)
    for n, script in enumerate(scripts)
]
ready = lambda: all(Path(folder, str(n)).exists() for n in range(len(scripts)))
with supervisor.listening():
    sys.exit(0 if supervisor.run(children, ready, lambda: supervisor.say("", "ready")) else 3)
"""
CHILD = """
import os, subprocess, sys, time
from pathlib import Path
helper = subprocess.Popen(["sleep", "1000"])
draft = Path(sys.argv[1] + ".new")
draft.write_text(f"{os.getpid()} {helper.pid}")
draft.rename(sys.argv[1])
print("hello", flush=True)
time.sleep(1000)
"""
DEAF = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + CHILD
ENDS_AT_ONCE = "import sys; print('no such setting', flush=True); sys.exit(7)"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    started = []

    def start(*scripts: str) -> subprocess.Popen[str]:
        supervisor = subprocess.Popen(
            [sys.executable, "-c", SUPERVISOR, str(tmp_path), *scripts],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=CHECKOUT,
            start_new_session=True,
        )
        started.append(supervisor)
        return supervisor

    yield start
    for supervisor in started:
        supervisor.kill()
        supervisor.wait()
        assert supervisor.stdout is not None
        supervisor.stdout.close()


def read_until(supervisor: subprocess.Popen[str], wanted: str) -> str:
    assert supervisor.stdout is not None
    text = ""
    for line in supervisor.stdout:
        text += line
        if wanted in line:
            return text
    pytest.fail(f"{wanted!r} never came; this did:\n{text}")


def numbers(folder: Path, count: int) -> list[int]:
    return [int(number) for n in range(count) for number in (folder / str(n)).read_text().split()]


def test_lines_carry_the_name_of_the_child(start: Callable[..., subprocess.Popen[str]]) -> None:
    supervisor = start(CHILD)
    assert "child0 | hello\n" in read_until(supervisor, "hello")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_to_stop_leaves_no_process_behind(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, ends: Callable[[int], None], number: signal.Signals
) -> None:
    supervisor = start(CHILD, CHILD)
    read_until(supervisor, "ready")
    supervisor.send_signal(number)
    began = time.monotonic()
    supervisor.communicate(timeout=20)
    assert supervisor.returncode == 0
    assert time.monotonic() - began < 5
    for process in numbers(tmp_path, 2):
        ends(process)


@pytest.mark.slow
def test_a_child_that_does_not_listen_is_killed(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, ends: Callable[[int], None]
) -> None:
    supervisor = start(DEAF)
    read_until(supervisor, "ready")
    supervisor.terminate()
    supervisor.communicate(timeout=20)
    for process in numbers(tmp_path, 1):
        ends(process)


def test_a_second_ctrl_c_does_not_wait(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, ends: Callable[[int], None]
) -> None:
    supervisor = start(DEAF)
    read_until(supervisor, "ready")
    supervisor.send_signal(signal.SIGINT)
    time.sleep(0.5)
    supervisor.send_signal(signal.SIGINT)
    supervisor.communicate(timeout=3)
    for process in numbers(tmp_path, 1):
        ends(process)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children of their parent's end on Linux only")
def test_a_killed_supervisor_takes_its_children_along(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, ends: Callable[[int], None]
) -> None:
    supervisor = start(CHILD, CHILD)
    read_until(supervisor, "ready")
    supervisor.kill()
    supervisor.communicate()
    for n in range(2):
        ends(numbers(tmp_path, 2)[2 * n])
    for n in range(2):
        os.kill(numbers(tmp_path, 2)[2 * n + 1], signal.SIGTERM)  # a stand-in does not look after its own children


def test_a_child_that_dies_is_started_again_without_its_leftovers(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, ends: Callable[[int], None]
) -> None:
    supervisor = start(CHILD, CHILD)
    read_until(supervisor, "ready")
    child, helper, *others = numbers(tmp_path, 2)
    os.kill(child, signal.SIGKILL)
    text = read_until(supervisor, "starting it again")
    assert "child0 | was ended by SIGKILL; starting it again in 0.5 s" in text
    read_until(supervisor, "hello")
    ends(helper)
    assert numbers(tmp_path, 2)[0] != child
    assert numbers(tmp_path, 2)[2:] == others


def test_a_child_that_ends_before_the_desk_opens_ends_everything(
    start: Callable[..., subprocess.Popen[str]], tmp_path: Path, ends: Callable[[int], None]
) -> None:
    supervisor = start(CHILD, ENDS_AT_ONCE)
    output, _ = supervisor.communicate(timeout=20)
    assert supervisor.returncode == 3
    assert "child1 | no such setting" in output
    if (tmp_path / "0").exists():
        for process in numbers(tmp_path, 1):
            ends(process)
