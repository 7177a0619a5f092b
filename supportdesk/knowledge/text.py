"""An article's Markdown as a page of its own, and as plain text to search in."""

from __future__ import annotations

import html
import re

from markupsafe import Markup

from supportdesk import markdown

START, STOP = "\ue000", "\ue001"
"""Where an excerpt's marked words begin and end: private characters, which no text keeps."""

_BLOCK = re.compile(r"</(?:p|li|h\d|td|th|tr|pre|blockquote)>|<(?:br|hr)\s*/?>")
_TAG = re.compile(r"<[^>]*>")
_BLANK = re.compile(r"\s+")
_HEADING = re.compile(r"(</?h)([1-6])(?=>)")


def as_page(body: str) -> Markup:
    """``body`` as safe HTML whose headings begin at the second level, below the article's title, whatever level the
    writer began with."""
    written = markdown.render(body)
    levels = [int(match[2]) for match in _HEADING.finditer(written)]
    if not levels:
        return written
    shift = min(levels) - 2
    return Markup(_HEADING.sub(lambda match: f"{match[1]}{int(match[2]) - shift}", written))  # noqa: S704 - still clean


def plain_text(body: str) -> str:
    """``body`` as one line of text; nothing in it may be put on a page unescaped."""
    blocks = _BLOCK.sub(" ", str(markdown.render(body)))
    return _BLANK.sub(" ", without_marks(html.unescape(_TAG.sub("", blocks)))).strip()


def without_marks(text: str) -> str:
    return text.replace(START, "").replace(STOP, "")
