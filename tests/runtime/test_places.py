from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from supportdesk.runtime import places
from supportdesk.runtime.places import cluster_folder, database_home, is_open_to_all, secret_key, var_folder


def test_the_data_is_in_the_checkout_unless_the_environment_names_a_folder(var: Path) -> None:
    assert var_folder({}) == places.CHECKOUT / "var"
    assert var_folder({"SUPPORTDESK_VAR": str(var)}) == var


def test_tests_have_a_cluster_beside_the_one_that_people_use(var: Path) -> None:
    assert cluster_folder({"SUPPORTDESK_VAR": str(var)}).name == "postgres"
    assert cluster_folder({"SUPPORTDESK_VAR": str(var), "PYTEST_VERSION": "9"}).name == "postgres-test"


def test_a_folder_below_a_private_one_is_not_open(var: Path) -> None:
    private = var / "home"
    private.mkdir(mode=0o700)
    assert is_open_to_all(var / "not" / "there" / "yet")
    assert not is_open_to_all(private / "checkout" / "var")


def test_root_leaves_a_private_home_as_it_is(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    private = var / "home"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(places, "SYSTEM_FOLDER", var / "lib")
    home = database_home(private / "var")
    assert home.parent == var / "lib"
    assert database_home(private / "other") != home
    assert stat.S_IMODE(private.stat().st_mode) == 0o700


def test_data_stays_where_it_is_when_a_folder_is_opened_later(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(places, "SYSTEM_FOLDER", var / "lib")
    private = var / "home"
    private.mkdir(mode=0o700)
    home = database_home(private)
    home.mkdir(parents=True)
    private.chmod(0o755)
    assert database_home(private) == home


def test_others_keep_the_data_under_var_whatever_its_mode(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (var / "home").mkdir(mode=0o700)
    assert database_home(var / "home") == var / "home"


def test_the_secret_key_is_made_once_and_private(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTDESK_VAR", str(var / "new"))
    key = secret_key()
    assert len(key) >= 50
    assert secret_key() == key
    assert stat.S_IMODE((var / "new" / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in (var / "new").iterdir()] == ["secret.key"]


def test_settings_can_be_read_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUPPORTDESK_VAR", "/dev/null/var")
    assert len(secret_key()) >= 50
