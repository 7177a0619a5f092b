from __future__ import annotations

from supportdesk.knowledge.differences import Line, differences


def test_nothing_changed() -> None:
    assert differences("a\nb", "a\nb") == []


def test_a_line_changed_with_what_stands_around_it() -> None:
    before = "\n".join("abcdefgh")
    assert differences(before, before.replace("d", "D")) == [
        Line("gap"),
        Line("same", "b"),
        Line("same", "c"),
        Line("removed", "d"),
        Line("added", "D"),
        Line("same", "e"),
        Line("same", "f"),
        Line("gap"),
    ]


def test_lines_added_to_nothing() -> None:
    assert differences("", "a\nb") == [Line("added", "a"), Line("added", "b")]


def test_a_line_taken_away() -> None:
    assert differences("a\nb", "a") == [Line("same", "a"), Line("removed", "b")]
