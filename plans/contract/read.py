"""From the text of a contract file to a Contract, or to every fault in it at once."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from plans.contract.document import Contract
from plans.contract.marked import MarkedDocument, read_marked
from plans.contract.problems import ContractError, Path, Problem, shown
from plans.contract.references import reference_problems

_EXPECTED = {
    "model_type": "expected a mapping",
    "model_attributes_type": "expected a mapping",
    "dict_type": "expected a mapping",
    "list_type": "expected a list",
    "string_type": "expected text",
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "float_type": "expected a number",
    "none_required": "expected nothing",
}


def read(text: str, *, file: str) -> Contract:
    """The contract in a text; raises ContractError with every fault, each naming `file`, its line and its path."""
    return _parse(read_marked(text, file=file))


def read_file(path: FilePath) -> tuple[Contract, str]:
    """The contract in a file, and the file's text; raises ContractError, also when the file cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ContractError([Problem(str(path), 1, (), "expected a readable file", str(error.strerror))]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ContractError([Problem(str(path), line, (), "expected UTF-8 text", "other bytes")]) from None
    return read(text, file=str(path)), text


def read_canonical(data: dict[str, Any], *, name: str) -> Contract:
    """The contract of a canonical document, as the database keeps it."""
    return _parse(MarkedDocument(name, data))


def _parse(document: MarkedDocument) -> Contract:
    if not isinstance(document.value, dict):
        raise ContractError([document.problem((), "expected a mapping with 'format: 1'", shown(document.value))])
    contract: Contract | None = None
    problems: list[Problem] = []
    try:
        contract = Contract.model_validate(document.value)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            problems += _problem(document, detail)
    told = {problem.path for problem in problems}
    problems += [problem for problem in reference_problems(document) if problem.path not in told]
    if contract is None or problems:
        raise ContractError(problems)
    return contract


def _problem(document: MarkedDocument, detail: ErrorDetails) -> Iterator[Problem]:
    path: Path = tuple(step for step in detail["loc"] if step != "[key]")
    kind, context, value = detail["type"], detail.get("ctx", {}), detail["input"]
    if kind == "missing":
        yield document.problem(path, "expected a value here", "nothing")
    elif kind == "extra_forbidden":
        known = _known_keys(path[:-1])
        close = get_close_matches(str(path[-1]), known, n=1)
        hint = f" (did you mean '{close[0]}'?)" if close else ""
        yield document.problem(path, f"expected one of: {', '.join(known)}", f"'{path[-1]}'{hint}")
    elif kind in ("value_error", "assertion_error"):
        expected = str(context.get("error", detail["msg"]))
        found = "" if "found" in expected or isinstance(value, dict | BaseModel) else shown(value)
        yield document.problem(path, expected, found)
    elif kind == "literal_error":
        yield document.problem(path, f"expected {context['expected']}", shown(value))
    elif kind in _EXPECTED:
        yield document.problem(path, _EXPECTED[kind], shown(value))
    elif kind in ("greater_than_equal", "less_than_equal"):
        limit = context.get("ge", context.get("le"))
        yield document.problem(
            path, f"expected a number {'from' if 'ge' in context else 'up to'} {limit}", shown(value)
        )
    elif kind == "too_short":
        yield document.problem(path, "expected at least one entry", "none")
    else:
        yield document.problem(path, f"expected another value: {detail['msg']}", shown(value))


def _known_keys(path: Path) -> list[str]:
    """The keys that the section at a path of the document may have."""
    current: Any = Contract
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            current = current.model_fields[str(step)].annotation if step in current.model_fields else None
        else:
            current = get_args(current)[-1] if get_args(current) else None
        current = _section(current)
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _section(annotation: Any) -> Any:
    """The annotation without `| None`."""
    choices = [choice for choice in get_args(annotation) if choice is not type(None)]
    if type(None) in get_args(annotation) and len(choices) == 1:
        return choices[0]
    return annotation
