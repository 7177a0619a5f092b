"""What must hold before anything is started. Each check raises Problem with the one sentence that helps."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.db import OperationalError, connection

from supportdesk.runtime.checks import refusal
from supportdesk.runtime.problem import Problem, unreachable


def check_folder(var: Path) -> None:
    try:
        var.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=var):
            pass
    except OSError as error:
        raise Problem(
            f"The folder {var} cannot be written to ({error.strerror}); "
            "change its owner, or set SUPPORTDESK_VAR to another folder."
        ) from None


@contextlib.contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Holds the folder for this process: two supervisors on the same data would fire every timer twice as often."""
    with Path(var, "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Problem(
                f"supportdesk is already running on {var} (process {lock.read().strip() or 'unknown'}); "
                "stop that one first, or set SUPPORTDESK_VAR to another folder."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def check_port(host: str, port: int) -> None:
    try:
        if not 0 <= port <= 65535:
            raise OverflowError
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, OverflowError):
        raise Problem(
            f"{host}:{port} is not an address of this machine; choose another with --host and --port."
        ) from None
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT is free for the web server
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise Problem(_why_not(error, host, port)) from None


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} on {host} is in use; stop what holds it, or choose another: make run PORT={port + 1}."
    if error.errno == errno.EACCES:
        return f"Port {port} is reserved for root; choose one above 1023: make run PORT=8000."
    return f"{host} port {port} cannot be listened on ({error.strerror}); choose another with --host and --port."


def check_database() -> None:
    """Starts the embedded server or reaches the one named by DATABASE_URL, as a role that row-level security binds."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise Problem(unreachable(error) or str(error)) from None
    sentence = refusal(connection)
    if sentence is not None:
        raise Problem(sentence)
