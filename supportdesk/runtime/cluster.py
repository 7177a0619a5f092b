"""The data folder of an embedded server: made once, whole or not at all, and looked at before every start."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from supportdesk.runtime import keeper
from supportdesk.runtime.problem import Problem
from supportdesk.runtime.server_files import programs, server_account

SUPERUSER = "postgres"
LOCALES = ("C.UTF-8", "en_US.UTF-8", "C")  # the first that the machine has; it classifies letters for text search


def prepare_home(folder: Path) -> None:
    """Makes the folder around the cluster; raises Problem when it, or the data in it, cannot be ours to use."""
    home, account = folder.parent, server_account()
    try:
        made = [place for place in (home, *home.parents) if not place.exists()]
        home.mkdir(parents=True, exist_ok=True)
        if account is not None:
            for place in made:  # the server's account must be able to walk in, whatever root's umask is
                place.chmod(0o755)
        owner = folder.stat().st_uid if folder.exists() else None
    except OSError as error:
        raise Problem(f"The folder {home} cannot be used: {error.strerror}; set SUPPORTDESK_VAR to another.") from None
    if owner is not None and owner != (account.pw_uid if account else os.geteuid()):
        raise Problem(
            f"The data in {folder} belongs to another user of this machine (number {owner}); "
            "start as that user, or set SUPPORTDESK_VAR to another folder."
        )
    if not os.access(home, os.W_OK | os.X_OK):
        raise Problem(f"The folder {home} is not writable; change its owner, or set SUPPORTDESK_VAR to another folder.")


def make_cluster(folder: Path) -> None:
    """initdb beside the final place, then one rename: a cluster is there whole or not at all."""
    unfinished = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    owner: dict[str, Any] = {}
    account = server_account()
    if account is not None:
        os.chown(unfinished, account.pw_uid, account.pw_gid)
        owner = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    command = [str(programs() / "initdb"), "-D", str(unfinished), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-instructions"]
    if folder.name.endswith("-test"):
        command.append("--no-sync")
    for locale in LOCALES:
        made = subprocess.run(
            [*command, f"--locale={locale}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=folder.parent,
            env=clean_environment(),
            **owner,
        )
        if made.returncode == 0:
            unfinished.rename(folder)
            return
    shutil.rmtree(unfinished, ignore_errors=True)
    raise Problem(f"The embedded PostgreSQL could not make its data folder: {made.stderr.strip().splitlines()[-1]}")


def check_version(folder: Path) -> None:
    """Raises Problem when the data was written by another major version than the one installed."""
    shown = subprocess.run([programs() / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    major = re.search(r"\d+", shown)
    found = (folder / "PG_VERSION").read_text().strip()
    if major is not None and major[0] != found:
        raise Problem(
            f"The data in {folder} was written by PostgreSQL {found} and the installed one is {major[0]}; "
            "dump it with the old version, or move the folder away to begin afresh."
        )


def end_orphan(folder: Path) -> None:
    """Ends a server that lost its keeper, and clears the mark of one that was lost with its machine.

    Where the kernel cannot tie the two together (it can on Linux) the server outlives a killed keeper; and in a
    container the process number in the mark may by now belong to something else, which PostgreSQL would wait for.
    """
    mark = folder / "postmaster.pid"
    try:
        number = int(mark.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    patience = time.monotonic() + keeper.PATIENCE
    sent = False
    while _is_server(number, folder):
        if not sent:
            os.kill(number, signal.SIGINT)
            sent = True
        if time.monotonic() > patience:
            raise Problem(f"A PostgreSQL server without an owner (process {number}) still uses {folder}; end it first.")
        time.sleep(0.05)
    mark.unlink(missing_ok=True)


def _is_server(number: int, folder: Path) -> bool:
    if Path("/proc/self/cmdline").exists():
        try:
            shown = Path(f"/proc/{number}/cmdline").read_text(errors="replace")
        except OSError:
            return False
    else:
        ps = ["ps", "-o", "args=", "-p", str(number)]
        shown = subprocess.run(ps, capture_output=True, text=True, check=False).stdout
    return "postgres" in shown and str(folder) in shown


def clean_environment() -> dict[str, str]:
    """What the server's programs see: nothing of ours that could steer them (PGDATA, PGHOST, locales)."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
