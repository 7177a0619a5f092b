"""From a Contract back to its canonical document, its digest and its YAML; reading the YAML gives the same contract."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from plans.contract.desk import HINTS
from plans.contract.document import Contract
from plans.states import State


def canonical(contract: Contract) -> dict[str, Any]:
    """The document in its one normal form: canonical spellings, defaults and empty values left out, and mappings in an
    order of their own (the database keeps none): states and priorities by rank, all else by name."""
    document = contract.model_dump(mode="json", exclude_defaults=True)
    for section in ("teams", "calendars"):
        if section in document:
            document[section] = dict(sorted(document[section].items()))
    document["statuses"] = _ordered(document["statuses"], [state.value for state in State])
    if "hints" in document.get("intake", {}):
        document["intake"]["hints"] = _ordered(document["intake"]["hints"], HINTS)
    codes = [*contract.priority_codes(), *contract.severity_codes()]
    for plan in document["plans"]:
        for cells in ("promises", "objectives"):
            if cells in plan:
                plan[cells] = _ordered(plan[cells], codes)
    return document


def digest(document: Mapping[str, Any]) -> str:
    """The SHA-256 of a JSON document, in hexadecimal, the same whatever the order of its keys."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def write(contract: Contract) -> str:
    """The contract as YAML."""
    return yaml.dump(
        canonical(contract), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, default_flow_style=False
    )


def schema() -> str:
    """The JSON Schema of the format, for editors."""
    document = Contract.model_json_schema(mode="validation")
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "supportdesk contract file"}
    return json.dumps(head | {key: value for key, value in document.items() if key != "title"}, indent=2) + "\n"


def _ordered(mapping: dict[str, Any], order: Sequence[str]) -> dict[str, Any]:
    return {key: mapping[key] for key in dict.fromkeys(order) if key in mapping}


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
