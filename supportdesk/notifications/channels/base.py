"""What every channel is: one function that tries once and says how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Literal, Protocol

from django.utils.functional import Promise

from supportdesk.notifications.models import Delivery

LONGEST_WISH_SECONDS = 24 * 3600
Fault = Literal["destination", "throttle", "message"]


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side took it; ``reference`` is its own name for it, when it gave one, ``answer`` what it said."""

    reference: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class TryLater:
    """It may work another time: a time-out, a busy or broken server. ``retry_after``: the other side's own wish.

    ``fault``: is it the ``destination``, so that others had better not be sent there now; are we too fast for it
    (``throttle``); or is it this ``message`` alone, a full mailbox?
    """

    reason: str
    retry_after: timedelta | None = None
    fault: Fault = "destination"


@dataclass(frozen=True, slots=True)
class Refused:
    """It never will: no such address, a malformed message. ``is_gone``: whoever it was meant for wants no more."""

    reason: str
    is_gone: bool = False


Result = Sent | TryLater | Refused


def asked_to_wait(headers: Mapping[str, str]) -> timedelta | None:
    """What an HTTP answer's Retry-After asks for, in either of its forms (RFC 9110 §10.2.3); None when it asks nothing.

    A date is read against the answer's own Date, so that the two clocks need not agree.
    """
    wish = headers.get("Retry-After", "").strip()
    if wish.isdecimal():
        return timedelta(seconds=min(int(wish), LONGEST_WISH_SECONDS))
    try:
        wait = parsedate_to_datetime(wish) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return max(timedelta(0), min(wait, timedelta(seconds=LONGEST_WISH_SECONDS)))


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that an admin says of an integration. A secret is sealed and never shown again. ``pattern`` is a
    regular expression that the whole value matches; ``choices`` are pairs of a value and its words."""

    name: str
    label: str | Promise
    hint: str | Promise = ""
    is_secret: bool = False
    is_required: bool = True
    is_url: bool = False
    pattern: str = ""
    wrong: str | Promise = ""
    choices: tuple[tuple[str, str | Promise], ...] = ()


class NotSigned(Exception):  # noqa: N818 - said of the report
    """The other side's report carries no signature that we can trust."""


class Send(Protocol):
    """Tries one delivery once, with no transaction open, within ten seconds or so; may be called again for the same one
    and must then show the other side the same identity. The delivery comes with its vendor and integration loaded. What
    it raises counts as TryLater.
    """

    def __call__(self, delivery: Delivery) -> Result: ...
