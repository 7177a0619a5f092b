"""What several commands take in one spelling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.core.management.base import CommandError


def holidays(texts: Sequence[str]) -> dict[date, str]:
    """``--holiday 2026-03-09=Name``, repeated; without a name it is one all the same. Raises CommandError."""
    return dict(_holiday(text) for text in texts)


def _holiday(text: str) -> tuple[date, str]:
    on, _, name = text.partition("=")
    try:
        return date.fromisoformat(on), name or "Holiday"
    except ValueError:
        raise CommandError(f"--holiday: expected a date such as 2026-03-09, found '{on}'.") from None
