from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from supportdesk.timers.registry import DueTimer


class Recorder:
    """An inline handler that writes down what it was called with."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.at: list[datetime] = []

    def __call__(self, due: Sequence[DueTimer], *, at: datetime) -> None:
        self.calls.append([each.subject_id for each in due])
        self.at.append(at)

    @property
    def subjects(self) -> list[int]:
        return [subject for call in self.calls for subject in call]
