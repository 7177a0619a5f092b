"""People named with an @ in an internal note. Pure: which names stand in a text."""

from __future__ import annotations

import re
from collections.abc import Mapping

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`", re.DOTALL)
_BEFORE = r"(?<![\w@.])@"
_AFTER = r"(?![\w-])"


def named_in(text: str, names: Mapping[int, str]) -> set[int]:
    """Whose names stand in ``text`` after an @, by their ids: the full name whatever its case, or the first name alone
    where only one person has it. Nobody is named in an e-mail address or in code; of two names that begin alike the
    longer one counts ("@Dan Whitfield" does not name a Dan)."""
    prose = _CODE.sub(" ", text)
    if "@" not in prose:
        return set()
    called = _called(names)
    spelled = "|".join(re.escape(name) for name in sorted(called, key=len, reverse=True))
    if not spelled:
        return set()
    found = re.findall(rf"{_BEFORE}({spelled}){_AFTER}", prose, re.IGNORECASE)
    return {pk for name in found for pk in called[_folded(name)]}


def _called(names: Mapping[int, str]) -> dict[str, set[int]]:
    """By what can be written, folded: who is meant. People of one full name are all meant; a first name that several
    have means nobody."""
    full: dict[str, set[int]] = {}
    first: dict[str, set[int]] = {}
    for pk, name in names.items():
        if name.strip():
            full.setdefault(_folded(name), set()).add(pk)
            first.setdefault(_folded(name.split()[0]), set()).add(pk)
    alone = {name: pks for name, pks in first.items() if len(pks) == 1}
    return alone | full


def _folded(name: str) -> str:
    return " ".join(name.split()).lower()
