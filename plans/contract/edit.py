"""Small edits of a contract, each giving another contract that was checked like a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from plans.contract.document import Contract
from plans.contract.read import read_canonical
from plans.contract.write import canonical


def with_holidays(contract: Contract, calendar: str, holidays: Mapping[date, str]) -> Contract:
    """The contract with these dates, by name, closed on one of its calendars too.

    Raises LookupError, naming the calendars there are, for an unknown one, and ContractError for a date without a name.
    """
    if calendar not in contract.calendars:
        known = ", ".join(sorted(contract.calendars))
        raise LookupError(f"{contract.vendor.slug} has no calendar '{calendar}': {known}")
    document = canonical(contract)
    section = document["calendars"][calendar]
    section["holidays"] = [
        *section.get("holidays", []),
        *({"date": day.isoformat(), "name": name} for day, name in sorted(holidays.items())),
    ]
    return read_canonical(document, name=f"{contract.vendor.slug} with more holidays")


def with_policies(contract: Contract, policies: Sequence[Mapping[str, Any]]) -> Contract:
    """The contract with these escalation policies, as sections of a file, instead of its own.

    Raises ContractError for what is wrong with them.
    """
    document = canonical(contract)
    section = {key: value for key, value in document.get("escalation", {}).items() if key != "policies"}
    if policies:
        section["policies"] = [dict(policy) for policy in policies]
    if section:
        document["escalation"] = section
    else:
        document.pop("escalation", None)
    return read_canonical(document, name=contract.vendor.slug)
