"""What a ticket action refuses, and why, in words for the person who asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from tickets.models import Message, Ticket


class Refused(ValidationError):  # noqa: N818 (what happened, in one word)
    """The action was not carried out; nothing was written. ``field`` names the input at fault, if one is; several
    messages are several faults of it."""

    def __init__(self, *messages: str, field: str | None = None) -> None:
        super().__init__({field: list(messages)} if field else list(messages))
        self.text = " ".join(messages)
        self.field = field


class HeldBack(Refused):
    """A reply was not sent because it would cross what the customer can read since: ``came_in``, oldest first."""

    def __init__(self, came_in: Sequence[Message]) -> None:
        super().__init__(_("Your reply was held back: somebody wrote while you were writing. Nothing was sent yet."))
        self.came_in = list(came_in)


class Moved(Refused):
    """The ticket was merged into another one: ``into``, on which to go on."""

    def __init__(self, into: Ticket) -> None:
        super().__init__(_("This ticket was merged into #%(number)s; please go on there.") % {"number": into.number})
        self.into = into
