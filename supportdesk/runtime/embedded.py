"""The embedded PostgreSQL server: who needs the database attaches; the first one starts it, the last one ends it.

Three lock files beside the data folder keep any number of processes in step (web, workers, commands, test workers):
`.starting` is held while one process looks and starts; `.users` is held, shared, by everybody who is attached; and
`.keeper` is held by the process that owns the server (`keeper.py`) for as long as the server lives.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2

from supportdesk.runtime import keeper
from supportdesk.runtime.cluster import (
    SUPERUSER,
    check_version,
    clean_environment,
    end_orphan,
    make_cluster,
    prepare_home,
)
from supportdesk.runtime.problem import Problem
from supportdesk.runtime.server_files import programs, server_account

ROLE = DATABASE = "supportdesk"
START_PATIENCE = 120.0  # seconds; recovery after a power cut replays the write-ahead log first
STOP_PATIENCE = 20.0

# For a desk machine: many short connections, modest memory, no replication. Durability stays on.
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "synchronous_commit": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "max_wal_size": "2GB",
    "idle_in_transaction_session_timeout": "10min",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}
SETTINGS_OF_TESTS = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "1GB"}

_attached: dict[Path, tuple[int, int]] = {}  # folder → (process that attached, descriptor of the users lock)
_keepers: list[subprocess.Popen[bytes]] = []
_threads = threading.Lock()


def attach(folder: Path) -> Path:
    """Makes sure that the cluster in `folder` runs for as long as this process does; returns its socket folder.

    Cheap when already attached, so it is called before every connection, and a server that died is started again.
    Raises Problem when the server cannot be started.
    """
    with _threads:
        held = _attached.get(folder)
        if held is None or not is_running(folder):
            prepare_home(folder)
            with _starting(folder):
                if held is None:
                    users = os.open(_lock_file(folder, "users"), os.O_RDWR | os.O_CREAT, 0o600)
                    fcntl.flock(users, fcntl.LOCK_SH)  # waits for a server that is just stopping
                    _attached[folder] = (os.getpid(), users)
                if not is_running(folder):
                    _start(folder)
    return socket_folder(folder)


def detach(folder: Path) -> None:
    """Lets go of the server; if nobody else uses it, returns when it has ended."""
    with _threads:
        held = _attached.pop(folder, None)
    if held is None:
        return
    os.close(held[1])  # never LOCK_UN: a forked child that shares the descriptor must keep its hold
    patience = time.monotonic() + STOP_PATIENCE
    while is_running(folder) and not _is_used_by_others(folder) and time.monotonic() < patience:
        time.sleep(0.01)
    for process in _keepers[:]:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0 if is_running(folder) else 2)
            _keepers.remove(process)


@atexit.register
def _detach_all() -> None:
    for folder, (process, _) in list(_attached.items()):
        if process == os.getpid():
            detach(folder)
    for keeper_process in _keepers:
        keeper_process.returncode = 0  # others still use the server: its keeper outlives us, and nobody waits for it


def is_running(folder: Path) -> bool:
    """Whether a keeper owns a server in `folder` at this moment (it may still be starting, or be stopping)."""
    try:
        with _opened(_lock_file(folder, "keeper")) as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except FileNotFoundError:
        return False
    return False


def socket_folder(folder: Path) -> Path:
    """Where the server's Unix socket is: the data folder, or a short path when that is too long for a socket."""
    if len(os.fsencode(folder / ".s.PGSQL.5432")) < 100:
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"supportdesk-{os.geteuid()}-{name}"


def _start(folder: Path) -> None:
    """Starts a keeper with the server and waits until it answers. The caller holds `.starting` and `.users`."""
    account = server_account()
    if not (folder / "PG_VERSION").exists():
        make_cluster(folder)
    check_version(folder)
    end_orphan(folder)
    sockets = socket_folder(folder)
    sockets.mkdir(mode=0o700, exist_ok=True)
    if account is not None:
        os.chown(sockets, account.pw_uid, account.pw_gid)
    settings = SETTINGS | (SETTINGS_OF_TESTS if folder.name.endswith("-test") else {})
    command = [str(programs() / "postgres"), "-D", str(folder), "-k", str(sockets)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    order = {
        "command": command,
        "cwd": str(folder.parent),
        "environment": clean_environment(),
        "keeper_lock": str(_lock_file(folder, "keeper")),
        "users_lock": str(_lock_file(folder, "users")),
        "uid": account.pw_uid if account else None,
        "gid": account.pw_gid if account else None,
    }
    log = folder.with_name(f"{folder.name}.log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-SE", keeper.__file__, json.dumps(order)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
        )
    _keepers.append(process)
    patience = time.monotonic() + START_PATIENCE
    while not _answers(sockets):
        if process.poll() is not None or time.monotonic() > patience:
            raise Problem(f"The embedded PostgreSQL did not start: {_last_complaint(log)} (the whole log: {log})")
        time.sleep(0.02)


def _answers(sockets: Path) -> bool:
    """Whether the server takes connections; makes the application's role and database when they are missing."""
    try:
        connection = psycopg2.connect(host=str(sockets), user=SUPERUSER, dbname=SUPERUSER)
    except psycopg2.OperationalError:
        return False
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            if cursor.fetchone() is None:
                # Neither superuser nor BYPASSRLS: row-level security holds for it. CREATEDB is for test databases.
                cursor.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB NOSUPERUSER NOBYPASSRLS")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")
    finally:
        connection.close()
    return True


def _is_used_by_others(folder: Path) -> bool:
    """Whether somebody else is attached; while the keeper holds the lock alone the answer is no: it is stopping."""
    with _opened(_lock_file(folder, "users")) as lock:
        for kind, answer in ((fcntl.LOCK_EX, False), (fcntl.LOCK_SH, True)):
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(lock, kind | fcntl.LOCK_NB)
                return answer
    return False


@contextlib.contextmanager
def _starting(folder: Path) -> Iterator[None]:
    with _opened(_lock_file(folder, "starting")) as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _lock_file(folder: Path, name: str) -> Path:
    return folder.with_name(f"{folder.name}.{name}")


def _last_complaint(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if "FATAL" in line or "could not" in line]
    return lines[-1].split("FATAL:")[-1].strip() if lines else "it gave no reason"
