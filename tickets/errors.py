"""What a ticket action refuses, and why, in words for the person who asked."""

from __future__ import annotations

from django.core.exceptions import ValidationError


class Refused(ValidationError):  # noqa: N818 (what happened, in one word)
    """The action was not carried out; nothing was written. ``field`` names the input at fault, if one is."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__({field: [message]} if field else message)
        self.text = message
        self.field = field
