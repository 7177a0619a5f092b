"""A Redis of the tests' own, to be emptied and ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_redis = pytest.mark.skipif(
    shutil.which("redis-server") is None and os.environ.get("CI") != "true",
    reason="redis-server is not installed (in CI that fails)",
)


@contextmanager
def redis_at(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("redis-server")
    assert program is not None, "redis-server is not installed (on Debian and Ubuntu: apt-get install redis-server)"
    server = subprocess.Popen(
        [program, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    try:
        yield server
    finally:
        server.kill()
        server.wait(10)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def command(port: int, *words: str) -> str:
    """What Redis answers, as it stands on the wire."""
    with socket.create_connection(("127.0.0.1", port), 5) as redis:
        redis.sendall((" ".join(words) + "\r\n").encode())
        return redis.recv(100).decode()
