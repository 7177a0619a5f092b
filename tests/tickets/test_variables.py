"""What a prepared text may leave open."""

from __future__ import annotations

import pytest

from tickets.variables import VARIABLES, filled, missing_in, unknown_in


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Hello {{customer.first_name}}, #{{ ticket.number }}", []),
        ("Hello {{customer.frist_name}}", ["customer.frist_name"]),
        ("{{agent.password}} {{ticket.__class__}} {{agent.password}}", ["agent.password", "ticket.__class__"]),
        ("{{}}", [""]),
        ("{single} {{{customer.name}}}", []),
        ("no braces", []),
    ],
)
def test_names_what_nothing_stands_for(text: str, unknown: list[str]) -> None:
    assert unknown_in(text) == unknown


def test_every_name_has_a_value_once_it_is_given() -> None:
    text = " ".join(f"{{{{{name}}}}}" for name in VARIABLES)
    assert filled(text, {name: name.upper() for name in VARIABLES}) == " ".join(VARIABLES).upper()


def test_a_value_is_never_read_again() -> None:
    assert filled("{{ticket.subject}}", {"ticket.subject": "{{agent.name}}", "agent.name": "Carol"}) == "{{agent.name}}"


def test_what_has_no_value_leaves_a_mark() -> None:
    text = filled("We answer by {{next_due}}.", {"next_due": ""})
    assert text == "We answer by [?next_due]."
    assert missing_in(text) == ["[?next_due]"]
    assert missing_in("We answer by noon [?].") == []
