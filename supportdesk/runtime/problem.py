from __future__ import annotations

from django.core.management.base import CommandError


class Problem(CommandError):
    """A reason not to start that the person at the keyboard can do something about.

    The message is one sentence: what is wrong and what to do. Commands that raise it print the sentence without a
    traceback and exit with code 2.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)
