"""YAML read with the line of every value kept, and with fewer surprises than YAML 1.1.

Only `null`, `true`/`false` and decimal numbers are more than text: `09:00` is not a number in base sixty, `NO` is
Norway, and `2026-12-25` stays as it is written until the schema says that it is a date.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from plans.contract.problems import ContractError, Path, Problem

Value = Any
"""None, bool, int, float, str, a list of values or a mapping of text to values."""

MAX_VALUES = 50_000
_PLAIN_INT = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_PLAIN_FLOAT = re.compile(r"[-+]?[0-9]+\.[0-9]+")


@dataclass
class MarkedDocument:
    """A document and, for each path in it, the line (from 1) on which its key or value stands."""

    file: str
    value: Value = None
    lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """The line of the path, or of its nearest ancestor that is written in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, path: Path, expected: str, found: str = "") -> Problem:
        """A problem at a path, with its line filled in."""
        return Problem(self.file, self.line_of(path), path, expected, found)


def read_marked(text: str, *, file: str) -> MarkedDocument:
    """The document in a YAML text; raises ContractError for broken YAML and for every duplicate or unusable key."""
    document = MarkedDocument(file)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        context = f" {error.context}" if error.context else ""
        raise ContractError([Problem(file, line, (), "expected valid YAML", f"{error.problem}{context}")]) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ContractError(
            [Problem(file, line, (), "expected printable text", f"character #x{error.character:04x}")]
        ) from None
    if node is None:
        raise ContractError([Problem(file, 1, (), "expected a contract", "an empty file")])
    reader = _Reader(document)
    document.value = reader.value(node, (), frozenset())
    if reader.problems:
        raise ContractError(reader.problems)
    return document


class _Reader:
    def __init__(self, document: MarkedDocument) -> None:
        self.document = document
        self.problems: list[Problem] = []
        self.count = 0

    def value(self, node: yaml.Node, path: Path, above: frozenset[int]) -> Value:
        line = node.start_mark.line + 1
        self.document.lines.setdefault(path, line)
        self.count += 1
        if self.count > MAX_VALUES:
            raise ContractError(
                [Problem(self.document.file, line, (), f"expected at most {MAX_VALUES} values", "more")]
            )
        if id(node) in above:
            self.problem(line, path, "expected an alias to something outside itself", "a loop")
            return None
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path, above | {id(node)})
        if isinstance(node, yaml.SequenceNode):
            items = enumerate(node.value)
            return [self.value(item, (*path, index), above | {id(node)}) for index, item in items]
        assert isinstance(node, yaml.ScalarNode)
        return self.scalar(node)

    def mapping(self, node: yaml.MappingNode, path: Path, above: frozenset[int]) -> dict[str, Value]:
        result: dict[str, Value] = {}
        first_line: dict[str, int] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.problem(line, path, "expected a word as key", "a list or mapping")
                continue
            key = str(key_node.value)
            if key == "<<":
                self.problem(line, path, "expected a word as key (merge keys are not used here)", "'<<'")
            elif key in result:
                self.problem(
                    line, (*path, key), "expected each key once", f"it again (first on line {first_line[key]})"
                )
            else:
                first_line[key] = line
                self.document.lines[(*path, key)] = line
                result[key] = self.value(value_node, (*path, key), above)
        return result

    def scalar(self, node: yaml.ScalarNode) -> Value:
        text = str(node.value)
        if node.style is not None:
            return text
        if text in ("", "~", "null"):
            return None
        if text in ("true", "false"):
            return text == "true"
        if _PLAIN_INT.fullmatch(text):
            return int(text)
        if _PLAIN_FLOAT.fullmatch(text):
            return float(text)
        return text

    def problem(self, line: int, path: Path, expected: str, found: str) -> None:
        self.problems.append(Problem(self.document.file, line, path, expected, found))
