"""An article's text without its markup: what is searched, and what excerpts are cut from."""

from __future__ import annotations

import html
import re

from supportdesk import markdown

START, STOP = "\ue000", "\ue001"
"""Where an excerpt's marked words begin and end: private characters, which no text keeps."""

_BLOCK = re.compile(r"</(?:p|li|h\d|td|th|tr|pre|blockquote)>|<(?:br|hr)\s*/?>")
_TAG = re.compile(r"<[^>]*>")
_BLANK = re.compile(r"\s+")


def plain_text(body: str) -> str:
    """``body`` (Markdown) as one line of text; nothing in it may be put on a page unescaped."""
    blocks = _BLOCK.sub(" ", str(markdown.render(body)))
    return _BLANK.sub(" ", without_marks(html.unescape(_TAG.sub("", blocks)))).strip()


def without_marks(text: str) -> str:
    return text.replace(START, "").replace(STOP, "")
