"""People write Markdown; the page gets HTML that cannot hurt anybody."""

from __future__ import annotations

import html.parser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportdesk.markdown import SCHEMES, TAGS, render


class Seen(html.parser.HTMLParser):
    """Collects every element and attribute of a piece of HTML."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.extend((name, value or "") for name, value in attrs)


ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD4=)",
    "[click](vbscript:msgbox)",
    "![x](javascript:alert(1))",
    "<a href='https://ok.example' style='position:fixed'>x</a>",
    "<svg/onload=alert(1)>",
    '[x](https://e.example "\\" onmouseover=alert(1)")',
    '```" onclick=alert(1)\ncode\n```',
    "<iframe src=https://e.example></iframe>",
    "<form action=https://e.example><input name=password>",
]


def assert_harmless(source: str) -> None:
    seen = Seen(render(source))
    assert seen.tags <= TAGS
    for name, value in seen.attributes:
        assert name in {"href", "title", "rel", "start", "class", "tabindex"}
        if name == "href" and ":" in value.split("/")[0]:
            assert value.split(":")[0].lower() in SCHEMES


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_comes_out_as_text(attack: str) -> None:
    assert_harmless(attack)


@given(st.lists(st.one_of(st.sampled_from(ATTACKS), st.text(max_size=40)), max_size=6).map("\n".join))
def test_nothing_people_can_write_gets_past(source: str) -> None:
    assert_harmless(source)


def test_raw_html_is_shown_as_it_was_written() -> None:
    assert render("use <b>bold</b>") == "<p>use &lt;b&gt;bold&lt;/b&gt;</p>\n"


def test_line_breaks_lists_and_code_are_kept() -> None:
    assert render("one\ntwo") == "<p>one<br>\ntwo</p>\n"
    assert "<li>step</li>" in render("- step")
    assert '<pre tabindex="0"><code class="language-php">$x;\n</code></pre>' in render("```php\n$x;\n```")
    assert "<th>Code</th>" in render("| Code | Name |\n|---|---|\n| P1 | Urgent |")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("see https://shop.example/cart.", "https://shop.example/cart"),
        ("(https://shop.example/a_(b))", "https://shop.example/a_(b)"),
        ("at https://shop.example/?a=1&b=2, sorry", "https://shop.example/?a=1&amp;b=2"),
    ],
)
def test_a_bare_address_becomes_a_link_without_the_punctuation_after_it(text: str, address: str) -> None:
    assert f'<a href="{address}" rel="noopener noreferrer nofollow">{address}</a>' in render(text)


def test_an_address_in_code_or_in_a_link_is_left_alone() -> None:
    assert "<a" not in render("`https://shop.example`")
    assert render("[https://a.example](https://b.example)").count("<a ") == 1


def test_a_picture_is_a_link_so_that_reading_fetches_nothing() -> None:
    html_ = render("![the cart](https://tracker.example/p.png)")
    assert "<img" not in html_
    assert '<a href="https://tracker.example/p.png" rel="noopener noreferrer nofollow">the cart</a>' in html_


def test_headings_stand_below_those_of_the_page() -> None:
    assert "<h4>Steps</h4>" in render("# Steps")
    assert "<h6>Steps</h6>" in render("##### Steps")
