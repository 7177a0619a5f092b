"""The process that owns an embedded PostgreSQL server: it starts it, and stops it when nobody uses it any longer.

Run as a script by `embedded.attach` with the standard library only. Whoever uses the server holds a shared lock on
the users file. The keeper waits for the exclusive lock: it gets it at the instant the last user is gone, however
that user ended (the kernel drops the locks of a killed process), so no list of processes can go stale.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

FAST, IMMEDIATE = signal.SIGINT, signal.SIGQUIT
PATIENCE = 60.0  # seconds for a fast shutdown, which writes a checkpoint
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)


def main(order: dict[str, Any]) -> int:
    own_lock = os.open(order["keeper_lock"], os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(own_lock, fcntl.LOCK_EX)
    account = {"user": order["uid"], "group": order["gid"], "extra_groups": []} if order["uid"] is not None else {}
    server = subprocess.Popen(
        order["command"],
        stdin=subprocess.DEVNULL,
        cwd=order["cwd"],
        env=order["environment"],
        start_new_session=True,
        preexec_fn=_end_with_keeper if sys.platform == "linux" else None,  # noqa: PLW1509 (no threads yet)
        **account,
    )
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: server.send_signal(FAST))
    threading.Thread(target=_stop_when_unused, args=(order["users_lock"], server), daemon=True).start()
    code = server.wait()
    os.close(own_lock)  # before the users' lock falls: whoever waits for that one must find no server
    return code


def _end_with_keeper() -> None:
    """Runs in the forked child: should the keeper be killed, the kernel asks the server for a fast shutdown."""
    LIBC.prctl(PR_SET_PDEATHSIG, FAST)


def _stop_when_unused(users_lock: str, server: subprocess.Popen[bytes]) -> None:
    users = os.open(users_lock, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(users, fcntl.LOCK_EX)
    server.send_signal(FAST)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.send_signal(IMMEDIATE)


if __name__ == "__main__":
    sys.exit(main(json.loads(sys.argv[1])))
