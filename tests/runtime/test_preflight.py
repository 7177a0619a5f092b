"""What a newcomer may stumble over is one sentence that names the way out."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from supportdesk.runtime import preflight
from supportdesk.runtime.places import CHECKOUT
from supportdesk.runtime.problem import Problem


def up(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHECKOUT / "manage.py"), "up", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)


def test_a_port_in_use_is_named_with_another_to_try(bare_environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refused = up(bare_environment, "--port", str(port))
    assert refused.returncode == 2
    assert f"Port {port} on 127.0.0.1 is in use" in refused.stderr
    assert f"make run PORT={port + 1}" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_free_port_passes_and_stays_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    preflight.check_port("127.0.0.1", port)
    preflight.check_port("127.0.0.1", port)


@pytest.mark.parametrize(("host", "port"), [("192.0.2.1", 8000), ("no.such.host.invalid", 8000), ("127.0.0.1", 70000)])
def test_an_address_of_no_use_is_refused(host: str, port: int) -> None:
    with pytest.raises(Problem, match=r"choose another with --host and --port\.$"):
        preflight.check_port(host, port)


def test_a_folder_that_cannot_be_written_is_named(bare_environment: dict[str, str], var: Path) -> None:
    (var / "file").touch()
    refused = up(bare_environment | {"SUPPORTDESK_VAR": str(var / "file" / "var")})
    assert refused.returncode == 2
    assert re.search(r"The folder \S+/file/var cannot be written to .* SUPPORTDESK_VAR to another", refused.stderr)
    assert "Traceback" not in refused.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_of_somebody_else_is_named(var: Path) -> None:
    var.chmod(0o555)
    with pytest.raises(Problem, match="cannot be written to"):
        preflight.check_folder(var)


def test_an_unreachable_database_is_one_sentence_that_keeps_the_password(bare_environment: dict[str, str]) -> None:
    url = "postgres://desk:very-secret@127.0.0.1:1/desk"
    for command in (("up", "--port", "0"), ("migrate",)):
        refused = subprocess.run(
            [sys.executable, str(CHECKOUT / "manage.py"), *command],
            capture_output=True,
            text=True,
            env=bare_environment | {"DATABASE_URL": url},
            timeout=60,
            check=False,
        )
        assert refused.returncode == 2
        assert "The database cannot be reached: " in refused.stderr
        assert "DATABASE_URL" in refused.stderr
        assert "Traceback" not in refused.stderr
        assert "very-secret" not in refused.stdout + refused.stderr


def test_another_engine_than_postgresql_is_refused(bare_environment: dict[str, str]) -> None:
    refused = up(bare_environment | {"DATABASE_URL": "sqlite:///desk.sqlite3"})
    assert refused.returncode == 2
    assert refused.stderr.startswith("DATABASE_URL must name a PostgreSQL database")


def test_two_supervisors_on_one_folder_are_refused(var: Path) -> None:
    refusal = pytest.raises(Problem, match=rf"already running on .* \(process {os.getpid()}\)")
    with preflight.only_one(var), refusal, preflight.only_one(var):
        pytest.fail("the second one got in")
    with preflight.only_one(var):
        assert (var / "up.lock").read_text() == str(os.getpid())
