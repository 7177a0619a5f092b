"""A contract written and read again is the same contract."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest

from plans.contract import Contract, canonical, digest, read, read_canonical, read_file, schema, write
from plans.contract.marked import read_marked

ROOT = Path(__file__).parents[3]
FILES = sorted(Path(ROOT, "contracts").glob("*.yaml"))


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def contract(request: pytest.FixtureRequest) -> Contract:
    return read_file(request.param)[0]


def test_there_are_the_five_vendors() -> None:
    assert sorted(path.stem for path in FILES) == ["commercetools", "drud", "orocloud", "platformsh", "platformsh-apps"]


def test_the_yaml_reads_as_the_same_contract(contract: Contract) -> None:
    again = read(write(contract), file="written.yaml")
    assert again == contract
    assert write(again) == write(contract)


def test_the_canonical_document_survives_the_database(contract: Contract) -> None:
    document = json.loads(json.dumps(canonical(contract), sort_keys=True))  # a jsonb column keeps no order
    assert read_canonical(document, name="kept") == contract
    assert write(read_canonical(document, name="kept")) == write(contract)
    assert digest(document) == digest(canonical(contract))


def test_comments_spelling_and_order_of_keys_do_not_count() -> None:
    text = Path(ROOT, "contracts", "platformsh.yaml").read_text(encoding="utf-8")
    other = text.replace("within: 1h", "within: 60 minutes   # an hour").replace(
        "mon-fri: 09:00-17:00", "mon, tue, wed-fri: [09:00-17:00]"
    )
    assert other != text
    assert digest(canonical(read(other, file="a"))) == digest(canonical(read(text, file="b")))


def test_what_counts_changes_the_digest() -> None:
    text = Path(ROOT, "contracts", "platformsh.yaml").read_text(encoding="utf-8")
    other = text.replace("within: 1h", "within: 61 min")
    assert digest(canonical(read(other, file="a"))) != digest(canonical(read(text, file="b")))


def test_never_pausing_is_something_else_than_not_saying() -> None:
    contract = read_file(Path(ROOT, "contracts", "commercetools.yaml"))[0]
    update = read(write(contract), file="written.yaml").plan("premium").promises["S1"].update
    assert update is not None
    assert update.pauses_in == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_editors_find_no_fault_in_the_files(path: Path) -> None:
    rules = jsonschema.Draft202012Validator(json.loads(schema()))
    document = read_marked(path.read_text(encoding="utf-8"), file=path.name).value
    assert [error.message for error in rules.iter_errors(document)] == []
    document["vendor"]["nmae"] = "Oro"
    document["plans"][0]["promises"] = {"P1": {"first_response": {"within": 2}}}
    assert {tuple(error.path)[:1] for error in rules.iter_errors(document)} == {("vendor",), ("plans",)}


def test_the_committed_schema_is_current() -> None:
    committed = Path(ROOT, "docs", "contract.schema.json").read_text(encoding="utf-8")
    assert committed == schema(), "run: manage.py contract schema"
