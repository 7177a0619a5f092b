"""What a ticket action refuses, and why, in words for the person who asked."""

from __future__ import annotations

from django.core.exceptions import ValidationError


class Refused(ValidationError):  # noqa: N818 (what happened, in one word)
    """The action was not carried out; nothing was written. ``field`` names the input at fault, if one is; several
    messages are several faults of it."""

    def __init__(self, *messages: str, field: str | None = None) -> None:
        super().__init__({field: list(messages)} if field else list(messages))
        self.text = " ".join(messages)
        self.field = field
