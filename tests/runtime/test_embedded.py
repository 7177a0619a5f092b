"""The server lives exactly as long as somebody uses it, whatever happens to them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest

from supportdesk.runtime import embedded
from supportdesk.runtime.embedded import DATABASE, ROLE, attach, detach, is_running
from supportdesk.runtime.problem import Problem

USER = """
import sys
from pathlib import Path
from supportdesk.runtime.embedded import attach
attach(Path(sys.argv[1]))
print("attached", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(var: Path) -> Iterator[Path]:
    yield var / "postgres-test"
    detach(var / "postgres-test")


def another_process(folder: Path) -> subprocess.Popen[str]:
    user = subprocess.Popen(
        [sys.executable, "-c", USER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert user.stdout is not None
    assert user.stdout.readline() == "attached\n"
    return user


def wait_until_ended(folder: Path, seconds: float = 10) -> None:
    patience = time.monotonic() + seconds
    while is_running(folder):
        assert time.monotonic() < patience, "the server is still there"
        time.sleep(0.02)


def ask(folder: Path, query: str) -> tuple[object, ...]:
    connection = psycopg2.connect(host=str(embedded.socket_folder(folder)), user=ROLE, dbname=DATABASE)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row: tuple[object, ...] = cursor.fetchone()
            return row
    finally:
        connection.close()


def server_process(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text().split("\n", 1)[0])


def test_the_application_role_is_bound_by_row_level_security_and_may_make_test_databases(folder: Path) -> None:
    attach(folder)
    assert ask(folder, "SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user") == (
        False,
        False,
        True,
    )


def test_text_search_knows_letters_beyond_ascii(folder: Path) -> None:
    attach(folder)
    assert ask(folder, "SELECT to_tsvector('simple', 'Déployé КИЇВ')::text") == ("'déployé':1 'київ':2",)


def test_the_server_takes_no_connections_from_the_network(folder: Path) -> None:
    attach(folder)
    assert ask(folder, "SHOW listen_addresses") == ("",)


def test_data_survives_the_end_of_the_last_user(folder: Path) -> None:
    attach(folder)
    connection = psycopg2.connect(host=str(embedded.socket_folder(folder)), user=ROLE, dbname=DATABASE)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    connection.close()
    detach(folder)
    assert not is_running(folder)
    assert not (folder / "postmaster.pid").exists()
    attach(folder)
    assert ask(folder, "SELECT answer FROM kept") == (42,)


def test_the_server_stays_for_the_others_and_ends_with_the_last(folder: Path) -> None:
    attach(folder)
    other = another_process(folder)
    detach(folder)
    assert is_running(folder)
    other.communicate()
    assert not is_running(folder), "a user that ends in order waits for the server to end"


def test_a_killed_user_leaves_no_server_behind(folder: Path, ends: Callable[[int], None]) -> None:
    other = another_process(folder)
    number = server_process(folder)
    other.kill()
    other.communicate()
    ends(number)
    wait_until_ended(folder)


def test_many_processes_may_start_at_once(folder: Path) -> None:
    users = [
        subprocess.Popen([sys.executable, "-c", USER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    for user in users:
        output, _ = user.communicate(timeout=60)
        assert output == b"attached\n"
        assert user.returncode == 0
    wait_until_ended(folder)


def test_a_server_that_was_killed_is_started_again_by_the_next_connection(folder: Path) -> None:
    attach(folder)
    os.kill(server_process(folder), signal.SIGKILL)
    wait_until_ended(folder)
    attach(folder)
    assert ask(folder, "SELECT 1") == (1,)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ties server and keeper together on Linux only")
def test_a_killed_keeper_takes_its_server_along(folder: Path, ends: Callable[[int], None]) -> None:
    attach(folder)
    number = server_process(folder)
    embedded._keepers[-1].kill()
    ends(number)


def test_a_mark_left_by_a_lost_machine_does_not_stop_the_start(folder: Path) -> None:
    attach(folder)
    detach(folder)
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}\n")
    attach(folder)
    assert ask(folder, "SELECT 1") == (1,)


def test_data_of_another_major_version_is_refused_with_a_way_out(folder: Path) -> None:
    attach(folder)
    detach(folder)
    (folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(Problem, match=r"was written by PostgreSQL 16 and the installed one is 18; dump it"):
        attach(folder)


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    attach(folder)
    detach(folder)
    (folder / "postgresql.conf").write_text("work_mem = 'plenty'\n")
    with pytest.raises(Problem, match=r"did not start: .*work_mem|did not start: configuration file"):
        attach(folder)


def test_a_path_too_long_for_a_socket_gets_a_short_one(var: Path) -> None:
    folder = var / ("deep-" * 12) / ("deeper-" * 8) / "postgres-test"
    attach(folder)
    try:
        assert len(str(embedded.socket_folder(folder))) < 90
        assert ask(folder, "SELECT 1") == (1,)
    finally:
        detach(folder)
