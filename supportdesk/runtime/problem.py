from __future__ import annotations

from django.core.management.base import CommandError
from django.db import OperationalError


class Problem(CommandError):  # noqa: N818 (what people read is "Problem: …")
    """A reason not to start that the person at the keyboard can do something about.

    The message is one sentence: what is wrong and what to do. Commands that raise it print the sentence without a
    traceback and exit with code 2.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)


def unreachable(error: OperationalError) -> str | None:
    """The sentence for a connection that could not be made, or None for an error of an established one."""
    cause = error.__cause__
    if getattr(cause, "pgcode", None) is not None or getattr(getattr(cause, "diag", None), "severity", None):
        return None
    reason = str(error).strip().split("\n", 1)[0].rstrip(".")
    return f"The database cannot be reached: {reason}. Check that it runs and that DATABASE_URL is right."
