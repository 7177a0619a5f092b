"""Places at which a test may have the process killed: nothing but a look into the environment in real life."""

from __future__ import annotations

import os
import signal
from pathlib import Path

_KILL_AT = os.environ.get("SUPPORTDESK_KILL_AT", "")
"""``name`` kills whoever comes there; ``name:/path/to/a/file`` the first who does, and leaves the file as a mark."""


def reach(name: str) -> None:
    """Ends this process at once, by SIGKILL, when the environment says so."""
    if not _KILL_AT:
        return
    wanted, _, mark = _KILL_AT.partition(":")
    if wanted != name:
        return
    if mark:
        try:
            Path(mark).touch(exist_ok=False)
        except FileExistsError:
            return
    os.kill(os.getpid(), signal.SIGKILL)
