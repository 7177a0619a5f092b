"""The files of the multi-process deployment, as far as they can be held to account without a container engine."""

from __future__ import annotations

import re
import subprocess
import tomllib
from typing import Any

import pytest
import yaml

from supportdesk.runtime.embedded import SETTINGS
from supportdesk.runtime.places import CHECKOUT

COMPOSE: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ("migrate", "web", "worker")


def test_web_and_workers_wait_for_the_migrations_and_run_more_than_once() -> None:
    for name in ("web", "worker"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
        assert SERVICES[name]["deploy"]["replicas"] > 1
    assert SERVICES["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"


@pytest.mark.parametrize("name", OURS)
def test_every_process_of_ours_gets_the_same_settings_and_each_is_one_that_is_read(name: str) -> None:
    environment = SERVICES[name]["environment"]
    assert environment == SERVICES["web"]["environment"]
    readers = [CHECKOUT / "supportdesk" / "settings.py", CHECKOUT / "supportdesk" / "runtime" / "database.py"]
    read = set(
        re.findall(r'env(?:\.\w+)?\(\s*(?:#[^\n]*\s+)?"([A-Z_]+)"', "".join(path.read_text() for path in readers))
    )
    assert set(environment) - read == set()


def test_the_application_works_under_a_role_that_row_level_security_binds() -> None:
    script = (CHECKOUT / "deploy" / "postgres" / "application-role.sh").read_text()
    made = re.search(r"CREATE ROLE (\w+) ([^;]+);", script)
    assert made is not None
    assert SERVICES["web"]["environment"]["DATABASE_URL"].startswith(f"postgres://{made[1]}:")
    assert {"LOGIN", "NOSUPERUSER", "NOBYPASSRLS"} <= set(made[2].split())
    assert "APPLICATION_PASSWORD" in SERVICES["database"]["environment"]
    assert "POSTGRES_PASSWORD" not in SERVICES["web"]["environment"]


def test_the_database_ends_transactions_that_do_nothing_as_the_embedded_one_does() -> None:
    name = "idle_in_transaction_session_timeout"
    assert f"{name}={SETTINGS[name]}" in SERVICES["database"]["command"]


def test_no_secret_has_a_default() -> None:
    text = (CHECKOUT / "docker-compose.yml").read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", "APPLICATION_PASSWORD"):
        assert set(re.findall(rf"\${{{name}(..)", text)) == {":?"}


def test_mounted_files_are_there_and_named_volumes_are_declared() -> None:
    for service in SERVICES.values():
        for mount in service.get("volumes", ()):
            source = mount.split(":", 1)[0]
            assert (CHECKOUT / source).exists() if source.startswith(".") else source in COMPOSE["volumes"]


def test_the_image_runs_the_supported_python_as_a_plain_user_from_pinned_packages() -> None:
    image = (CHECKOUT / "Dockerfile").read_text()
    wanted = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert set(re.findall(r"^FROM python:([\d.]+)-slim", image, re.MULTILINE)) == {wanted.removeprefix(">=")}
    assert re.findall(r"^USER (\w+)", image, re.MULTILINE) == ["supportdesk"]
    assert "--require-hashes -r /requirements.txt" in image


@pytest.mark.parametrize("script", ["deploy/postgres/application-role.sh", ".ci/run"])
def test_scripts_are_executable_bash(script: str) -> None:
    path = CHECKOUT / script
    assert path.stat().st_mode & 0o100
    assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0
