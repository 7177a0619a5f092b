"""The stories that the demo tells: what people ask, and how the conversation goes, kept as one YAML file a vendor.

A story file has ``words``, lists to choose from where a text says ``[[word]]`` (a ``#`` in a word is any digit), and
``stories``. A story has ``subjects`` (one is chosen), ``priority`` (a code or several), ``body``, and as it likes
``category``, ``environment``, ``path`` (of the problem's address), ``fields`` (answers to the category's form) and
``files`` (small text attachments). Its ``turns`` are, each with its text:

========== ==========================================================================================
answer     the agent writes to the customer
ask        the agent writes, and waits for the customer
update     the agent writes and says in how many ``minutes`` the next update comes
call       the agent spoke with the customer for so many ``minutes``
note       the agent writes an internal note
team       the agent hands the ticket to this team
resolve    the agent writes, and resolves the ticket
customer   the requester writes; ``colleague``: somebody else of the same organization does
solved     the requester marks the ticket as resolved
back       the requester writes after it was resolved, which reopens it
========== ==========================================================================================
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Literal, get_args

import yaml

FOLDER = Path(__file__).parent / "stories"
TurnKind = Literal[
    "answer", "ask", "update", "call", "note", "team", "resolve", "customer", "colleague", "solved", "back"
]
BY_CUSTOMER: frozenset[TurnKind] = frozenset({"customer", "colleague", "solved", "back"})
_PLACE = re.compile(r"\[\[(\w+)\]\]")


@dataclass(frozen=True, slots=True)
class Turn:
    kind: TurnKind
    text: str
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Story:
    subjects: tuple[str, ...]
    priorities: tuple[str, ...]
    body: str
    turns: tuple[Turn, ...]
    category: str = ""
    environment: str = ""
    path: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)

    def first(self, kind: TurnKind) -> int | None:
        """The place of the first turn of this kind; None when there is none."""
        return next((place for place, turn in enumerate(self.turns) if turn.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Storybook:
    words: Mapping[str, tuple[str, ...]]
    stories: tuple[Story, ...]


@cache
def storybook(vendor_slug: str) -> Storybook:
    """The vendor's stories; raises FileNotFoundError when it has none and ValueError when one is not well formed."""
    text = (FOLDER / f"{vendor_slug}.yaml").read_text(encoding="utf-8")
    document: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    words = {name: tuple(str(word) for word in choices) for name, choices in document["words"].items()}
    return Storybook(words, tuple(_story(row) for row in document["stories"]))


class Teller:
    """Fills the texts of one telling of a story: a word once chosen stays the same in it."""

    def __init__(self, words: Mapping[str, tuple[str, ...]], known: Mapping[str, str], rng: Random) -> None:
        self.words = words
        self.chosen = dict(known)
        self.rng = rng

    def fill(self, text: str) -> str:
        """The text with its words; raises KeyError for one that nobody has."""
        return _PLACE.sub(lambda match: self._word(match[1]), text)

    def filled(self, value: Any) -> Any:
        """The same for an answer to a form: texts are filled, the rest stays."""
        return self.fill(value) if isinstance(value, str) else value

    def _word(self, name: str) -> str:
        if name not in self.chosen:
            word = self.fill(self.rng.choice(self.words[name]))
            self.chosen[name] = re.sub("#", lambda _: str(self.rng.randint(1, 9)), word)
        return self.chosen[name]


def _story(row: dict[str, Any]) -> Story:
    priority = row["priority"]
    return Story(
        subjects=tuple(row["subjects"]),
        priorities=(priority,) if isinstance(priority, str) else tuple(priority),
        body=row["body"],
        turns=tuple(_turn(turn) for turn in row["turns"]),
        category=row.get("category", ""),
        environment=row.get("environment", ""),
        path=row.get("path", ""),
        fields=row.get("fields", {}),
        files=row.get("files", {}),
    )


def _turn(row: dict[str, Any]) -> Turn:
    ((name, told),) = row.items()
    kind: TurnKind | None = next((known for known in get_args(TurnKind) if known == name), None)
    if kind is None:
        raise ValueError(f"a story has no turn of the kind {name!r}")
    if isinstance(told, dict):
        return Turn(kind, told["text"], told["minutes"])
    return Turn(kind, told)
