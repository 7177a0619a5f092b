"""Whether a customer's words escalate: the vendor's keyword ("in the form of a key-word for tickets", Platform.sh
application support, Communication). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

AT_MOST_EVERY = timedelta(hours=1)
"""A ticket escalates once in this time: whoever was told is still on the way."""

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_QUOTED = re.compile(r" {0,3}>")
_INDENTED = re.compile(r"(?: {4}|\t)")
_FORWARDED = re.compile(r"\s*-{3,}\s*(?:original message|forwarded message)\s*-{3,}\s*", re.IGNORECASE)
_INLINE_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


def mentions(text: str, keyword: str) -> bool:
    """Whether the writer's own words contain the keyword as a word of its own, in any case of letters.

    Lines quoted with ``>``, what follows the head of an original or forwarded message, code (fenced, indented or
    between backticks) and addresses are not the writer's own words.
    """
    if not keyword.strip():
        return False
    words = _ADDRESS.sub(" ", _INLINE_CODE.sub(" ", "\n".join(_own_lines(text))))
    word = r"\s+".join(re.escape(part) for part in keyword.split())
    return re.search(rf"(?<!\w)_*{word}_*(?!\w)", words, re.IGNORECASE) is not None


def again_from(last: datetime | None, at: datetime) -> datetime | None:
    """When the ticket may be escalated again, its last escalation being ``last``; None when it may be now."""
    return last + AT_MOST_EVERY if last is not None and at < last + AT_MOST_EVERY else None


def _own_lines(text: str) -> Iterator[str]:
    fence = ""
    after_gap = True
    for line in text.splitlines():
        marker = _FENCE.fullmatch(line)
        if fence:
            closes = marker is not None and marker[1].startswith(fence) and not marker[2].strip()
            fence = "" if closes else fence
        elif marker is not None and not (marker[1][0] == "`" and "`" in marker[2]):
            fence = marker[1]
        elif _FORWARDED.fullmatch(line):
            return
        elif not _QUOTED.match(line) and not (after_gap and line.strip() and _INDENTED.match(line)):
            yield line
            after_gap = not line.strip()
