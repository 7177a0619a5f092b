from __future__ import annotations

from supportdesk.knowledge.text import START, STOP, as_page, plain_text


def test_plain_text_has_no_markup_and_keeps_words_apart() -> None:
    body = "# Title\n\nSome **bold** [link](https://x.example)\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |"
    assert plain_text(body) == "Title Some bold link one two a b 1 2"


def test_plain_text_keeps_what_code_says() -> None:
    assert plain_text("Use `a < b && c` and <script>") == "Use a < b && c and <script>"


def test_plain_text_has_no_marks() -> None:
    assert plain_text(f"a{START}b{STOP}c") == "abc"


def test_headings_begin_below_the_title_whatever_the_writer_began_with() -> None:
    assert str(as_page("# A\n\n## B")) == "<h2>A</h2>\n<h3>B</h3>\n"
    assert str(as_page("### A\n\n#### B")).startswith("<h2>A</h2>")


def test_a_heading_in_code_is_code() -> None:
    assert "&lt;h4&gt;" in as_page("`<h4>`\n\n# A")


def test_a_page_is_safe() -> None:
    page = as_page("<script>x</script> [a](javascript:x) <h1 onclick=x>")
    assert "<script" not in page
    assert "href" not in page
    assert "<h1" not in page
