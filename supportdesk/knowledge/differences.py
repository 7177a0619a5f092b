"""What one save changed: lines taken away and lines added, with a little of what stands around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

AROUND = 2


@dataclass(frozen=True, slots=True)
class Line:
    """``kind`` is added, removed, same, or gap: lines that are the same and not shown."""

    kind: str
    text: str = ""


def differences(before: str, after: str) -> list[Line]:
    """Line by line; empty when nothing changed."""
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(a=old, b=new, autojunk=False)
    lines: list[Line] = []
    end = 0
    for group in matcher.get_grouped_opcodes(AROUND):
        if group[0][1] > end:
            lines.append(Line("gap"))
        for tag, old_start, old_end, new_start, new_end in group:
            lines += _lines(tag, old[old_start:old_end], new[new_start:new_end])
        end = group[-1][2]
    return [*lines, Line("gap")] if lines and end < len(old) else lines


def _lines(tag: str, old: list[str], new: list[str]) -> Iterator[Line]:
    if tag == "equal":
        yield from (Line("same", text) for text in old)
        return
    yield from (Line("removed", text) for text in old)
    yield from (Line("added", text) for text in new)
