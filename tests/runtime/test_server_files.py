from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from supportdesk.runtime import server_files
from supportdesk.runtime.server_files import programs, server_account


def test_the_server_runs_under_an_account_of_its_own_only_for_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert server_account() is None


def test_programs_that_others_cannot_reach_are_copied_where_they_can(
    var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(server_files, "is_open_to_all", lambda folder: False)
    monkeypatch.setattr(server_files, "SYSTEM_FOLDER", var / "lib")
    copied = programs()
    assert copied.is_relative_to(var / "lib")
    assert programs() == copied
    for program in ("initdb", "postgres"):
        shown = subprocess.run([copied / program, "--version"], capture_output=True, text=True, check=True)
        assert "(PostgreSQL) 18" in shown.stdout
    assert all(path.stat().st_mode & 0o004 for path in copied.parent.rglob("*") if not path.is_symlink())
