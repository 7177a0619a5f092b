"""Places at which a test may have the process killed: nothing but a look into the environment in real life."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def reach(name: str) -> None:
    """Ends this process at once, by SIGKILL, when ``SUPPORTDESK_KILL_AT`` says so: ``name`` kills whoever comes there,
    ``name:/path/to/a/file`` the first who does, and leaves the file as a mark."""
    kill_at = os.environ.get("SUPPORTDESK_KILL_AT")
    if not kill_at:
        return
    wanted, _, mark = kill_at.partition(":")
    if wanted != name:
        return
    if mark:
        try:
            Path(mark).touch(exist_ok=False)
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
