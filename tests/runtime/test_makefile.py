"""`make` on a bare machine: installs once, and says plainly what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from supportdesk.runtime.places import CHECKOUT


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )


def python_that(fails_at: str, folder: Path) -> Path:
    """An interpreter whose `-c` fails when the code mentions something: too old, or stripped down by a distribution."""
    program = folder / "python3"
    program.write_text(f'#!/bin/sh\ncase "$2" in *{fails_at}*) exit 1;; esac\nexec "{sys.executable}" "$@"\n')
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("target", ["run", "test", "check"])
def test_a_missing_python_is_one_sentence(tmp_path: Path, target: str) -> None:
    refused = make(target, "PYTHON=no-such-python", f"VENV={tmp_path}/venv")
    assert refused.returncode == 2
    assert refused.stderr.startswith("no-such-python was not found; install Python 3.11 or newer")


def test_an_old_python_is_one_sentence(tmp_path: Path) -> None:
    refused = make("run", f"PYTHON={python_that('version_info', tmp_path)}", f"VENV={tmp_path}/venv")
    assert refused.returncode == 2
    assert "is older than Python 3.11" in refused.stderr


def test_a_python_without_venv_names_the_package_to_install(tmp_path: Path) -> None:
    refused = make("run", f"PYTHON={python_that('ensurepip', tmp_path)}", f"VENV={tmp_path}/venv")
    assert refused.returncode == 2
    assert "apt-get install python3-venv" in refused.stderr
    assert not (tmp_path / "venv").exists()


def test_a_second_start_installs_nothing(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    (tmp_path / ".installed").touch()
    planned = make("--dry-run", "run", f"VENV={tmp_path}", "PORT=8123")
    assert planned.stdout.strip() == f"exec {tmp_path}/bin/python manage.py up --port 8123"


def test_new_pinned_versions_are_installed(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    assert "--require-hashes -r requirements.txt" in make("--dry-run", "run", f"VENV={tmp_path}").stdout


def test_every_target_is_explained() -> None:
    explained = make("help").stdout
    for target in ("run", "test", "check", "bench", "lock", "clean"):
        assert f"make {target} " in explained
