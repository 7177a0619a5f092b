from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture
def var() -> Iterator[Path]:
    """A folder for a desk of its own, open to the server's account (pytest's own folders are private)."""
    folder = Path(tempfile.mkdtemp(prefix="supportdesk-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def bare_environment(var: Path) -> dict[str, str]:
    """What a newcomer's shell would have, with the data in `var`; tests' clusters skip fsync as pytest's do."""
    kept = ("PATH", "HOME", "LANG", "PYTEST_VERSION", "PYTHONPATH", "DJANGO_SETTINGS_MODULE")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"SUPPORTDESK_VAR": str(var)}


@pytest.fixture
def ends() -> Callable[[int], None]:
    """Waits until a process has ended (whether or not its parent has taken notice), and fails when it does not."""

    def wait(number: int, seconds: float = 15) -> None:
        patience = time.monotonic() + seconds
        while True:
            ps = ["ps", "-o", "stat=", "-p", str(number)]
            state = subprocess.run(ps, capture_output=True, text=True, check=False).stdout.strip()
            if not state or state.startswith("Z"):
                return
            assert time.monotonic() < patience, f"process {number} is still there"
            time.sleep(0.05)

    return wait
