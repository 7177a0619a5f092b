"""The contract file: everything one vendor promises, readable, checked, versioned.

`read` parses and checks, `write` gives the canonical YAML back, `canonical` and `digest` are what the database keeps
and compares. Pure: nothing here touches Django or the clock.
"""

from __future__ import annotations

from plans.contract.document import Contract
from plans.contract.problems import ContractError, Problem
from plans.contract.read import read, read_canonical, read_file
from plans.contract.write import canonical, digest, schema, write

__all__ = [
    "Contract",
    "ContractError",
    "Problem",
    "canonical",
    "digest",
    "read",
    "read_canonical",
    "read_file",
    "schema",
    "write",
]
