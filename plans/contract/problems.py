"""What is wrong with a contract file, said so that the line can be fixed at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """One fault: where it stands, what was expected there, and what was found."""

    file: str
    line: int
    path: Path
    expected: str
    found: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        if self.path:
            where += f"{dotted(self.path)}: "
        return where + self.expected + (f", found {self.found}" if self.found else "")


class ContractError(Exception):
    """Raised when a contract file cannot be used; `problems` lists every fault, in order of line."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = sorted(problems, key=lambda problem: (problem.line, problem.path != (), dotted(problem.path)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


def dotted(path: Path) -> str:
    """The path as people write it: `plans[0].promises.P1.first_response.within`."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def shown(value: object) -> str:
    """A found value in the file's own words, short enough for one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        text = " ".join(value.split())
        return f"'{text}'" if len(text) <= 60 else f"'{text[:57]}…'"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return str(value)
