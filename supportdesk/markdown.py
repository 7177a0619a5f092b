"""What people write, as safe HTML: Markdown rendered by markdown-it, then sanitised by nh3.

Raw HTML is shown as the text it is. Pictures become links to themselves, so that opening a ticket never fetches
anything from an address that a stranger chose. Headings start at the fourth level, below those of the page around.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

TAGS = frozenset(
    {"a", "blockquote", "br", "code", "del", "em", "hr", "p", "pre", "s", "strong"}
    | {"h4", "h5", "h6", "li", "ol", "ul"}
    | {"table", "tbody", "td", "th", "thead", "tr"}
)
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}, "code": {"class"}}
SCHEMES = {"http", "https", "mailto", "tel"}

_BARE_ADDRESS = re.compile(r"https?://[^\s<>\"'`]+")
_TRAILING = ".,;:!?*_~"


def render(text: str) -> Markup:
    """`text` (Markdown, CommonMark with tables and struck-out text) as HTML that is safe to put on a page."""
    clean = nh3.clean(
        _parser.render(text),
        tags=set(TAGS),
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
        attribute_filter=_keep_attribute,
    )
    # Wide code scrolls, so the keyboard must be able to reach it.
    return Markup(clean.replace("<pre>", '<pre tabindex="0">'))  # noqa: S704 - nh3 has cleaned it


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    """Of a code block's classes only the language name survives; it is for syntax, not for style."""
    if tag == "code" and name == "class":
        return value if re.fullmatch(r"language-[\w+-]{1,32}", value) else None
    return value


def _build() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    parser.core.ruler.after("inline", "bare_addresses", _link_bare_addresses)
    parser.core.ruler.push("page_below", _fit_into_page)
    return parser


def _link_bare_addresses(state: StateCore) -> None:
    for block in state.tokens:
        if block.type == "inline" and block.children and "://" in block.content:
            block.children = _linked(block.children)


def _linked(children: Sequence[Token]) -> list[Token]:
    result: list[Token] = []
    inside_link = 0
    for token in children:
        inside_link += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        result.extend(_split(token) if token.type == "text" and not inside_link else [token])
    return result


def _split(token: Token) -> list[Token]:
    pieces: list[Token] = []
    position = 0
    for match in _BARE_ADDRESS.finditer(token.content):
        address = _trim(match[0])
        pieces.append(_text(token.content[position : match.start()]))
        pieces.extend(
            (Token("link_open", "a", 1, attrs={"href": address}), _text(address), Token("link_close", "a", -1))
        )
        position = match.start() + len(address)
    pieces.append(_text(token.content[position:]))
    return [piece for piece in pieces if piece.type != "text" or piece.content]


def _trim(address: str) -> str:
    """The address without the punctuation of the sentence around it; a closing bracket opened inside stays."""
    while address and (address[-1] in _TRAILING or (address[-1] == ")" and address.count(")") > address.count("("))):
        address = address[:-1]
    return address


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _fit_into_page(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + 3, 6)}"
        if token.children:
            token.children = [piece for child in token.children for piece in _picture_as_link(child)]


def _picture_as_link(token: Token) -> list[Token]:
    if token.type != "image":
        return [token]
    address = str(token.attrs.get("src", ""))
    return _link(address, token.content or address)


def _link(address: str, text: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": address}), _text(text), Token("link_close", "a", -1)]


_parser = _build()
