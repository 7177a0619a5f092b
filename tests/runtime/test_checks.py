"""The application never works under a role that row-level security does not bind."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from supportdesk.runtime.embedded import DATABASE, attach, detach, socket_folder
from supportdesk.runtime.places import CHECKOUT


@pytest.fixture
def sockets(var: Path) -> Iterator[Path]:
    folder = var / "postgres-test"
    attach(folder)
    connection = psycopg2.connect(host=str(socket_folder(folder)), user="postgres", dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE passes LOGIN NOSUPERUSER BYPASSRLS")
    connection.close()
    yield socket_folder(folder)
    detach(folder)


@pytest.mark.parametrize("command", [("up", "--port", "0"), ("migrate",), ("check", "--database", "default")])
@pytest.mark.parametrize(("role", "privilege"), [("postgres", "is a superuser"), ("passes", "has BYPASSRLS")])
def test_a_role_above_row_level_security_is_refused(
    sockets: Path, bare_environment: dict[str, str], command: tuple[str, ...], role: str, privilege: str
) -> None:
    url = f"postgres://{role}@/{DATABASE}?host={sockets}"
    refused = subprocess.run(
        [sys.executable, str(CHECKOUT / "manage.py"), *command],
        capture_output=True,
        text=True,
        env=bare_environment | {"DATABASE_URL": url, "SECRET_KEY": "x" * 50},
        timeout=60,
        check=False,
    )
    assert refused.returncode != 0
    assert f"The database role {role} {privilege}, so row-level security would not hold for it" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_embedded_role_passes(var: Path, bare_environment: dict[str, str]) -> None:
    checked = subprocess.run(
        [sys.executable, str(CHECKOUT / "manage.py"), "check", "--database", "default"],
        capture_output=True,
        text=True,
        env=bare_environment,
        timeout=60,
        check=False,
    )
    assert checked.returncode == 0, checked.stderr
