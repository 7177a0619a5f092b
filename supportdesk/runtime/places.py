"""Where data is kept on this machine."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SYSTEM_FOLDER = Path("/var/lib/supportdesk")


def var_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder for everything the running desk writes: `SUPPORTDESK_VAR`, or `var/` in the checkout."""
    named = environ.get("SUPPORTDESK_VAR")
    return Path(named).expanduser().resolve() if named else CHECKOUT / "var"


def cluster_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The data folder of the embedded server.

    Tests (pytest announces itself in the environment) have a cluster of their own beside the demo's, which is fast
    because it need not survive a power cut, and which no test run can confuse with data that somebody wants to keep.
    """
    return database_home(var_folder(environ)) / ("postgres-test" if "PYTEST_VERSION" in environ else "postgres")


def database_home(var: Path) -> Path:
    """The folder that holds the embedded clusters: `var` itself, except for root under a private folder.

    PostgreSQL refuses to run as root, so root starts it under a system user, who must be able to walk down to its
    data. Opening somebody's home folder for that is out of the question: then the data lives under `/var/lib`, in a
    folder named after `var`. Data that is already in one of the two places stays where it is.
    """
    if os.geteuid() != 0:
        return var
    elsewhere = SYSTEM_FOLDER / hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    if elsewhere.is_dir() or not is_open_to_all(var):
        return elsewhere
    return var


def is_open_to_all(folder: Path) -> bool:
    """Whether every user of the machine may walk into `folder`; folders not made yet will be open."""
    return all(_may_walk(step) for step in (folder, *folder.parents))


def _may_walk(folder: Path) -> bool:
    try:
        return bool(folder.stat().st_mode & stat.S_IXOTH)
    except (FileNotFoundError, NotADirectoryError):
        return True


def secret_key() -> str:
    """The key that signs sessions on a single machine: made once and kept in `var/secret.key`.

    Several machines share one through SECRET_KEY instead. Where nothing can be written the key lasts as long as the
    process: reading the settings must work everywhere, and `up` says itself what is wrong with the folder.
    """
    kept = var_folder() / "secret.key"
    with contextlib.suppress(OSError):
        return kept.read_text()
    made = secrets.token_urlsafe(50)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        draft = kept.with_name(f"secret.key.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(made)
        try:
            os.link(draft, kept)  # unlike a rename it fails when another process was first
        except FileExistsError:
            return kept.read_text()
        finally:
            draft.unlink()
    except OSError:
        pass
    return made
