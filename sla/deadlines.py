"""What a plan would owe for a ticket received at an instant, from the database or straight from a contract file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import OperationalError, ProgrammingError

from plans.contract import Contract, read_file
from plans.contract.edit import with_holidays
from plans.models import Plan
from plans.queries import contract_of, version_in_force
from plans.terms import terms_of, terms_of_contract
from sla.targets import Target, Terms
from supportdesk.accounts.models import Vendor
from supportdesk.tenancy.scope import vendor_scope


class UnansweredError(Exception):
    """The question names something that does not exist, or more than one thing; the message names the choices."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """One target's due instant for a clock that starts at ``start``; None for best effort, and for a calendar that
    never opens again. ``low_at`` is the lower end of a range of days."""

    target: Target
    start: datetime
    due_at: datetime | None
    low_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """Instants as ISO 8601 in UTC."""
        return {
            "metric": self.target.metric.value,
            "audience": self.target.audience.value,
            "due_at": self.due_at.isoformat().replace("+00:00", "Z") if self.due_at else None,
            "best_effort": self.target.is_best_effort,
            "promise": self.target.promise,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """``from_file`` is the contract file that was read because the vendor is not in the database, else None. ``codes``
    are those of its priorities and severities."""

    vendor_name: str
    zone: ZoneInfo
    terms: Terms
    codes: tuple[str, ...]
    deadlines: tuple[Deadline, ...]
    from_file: Path | None = None


@dataclass(frozen=True, slots=True)
class _Sold:
    """The terms of one plan as sold under one offering."""

    offering: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class Closing:
    """Dates, with their names, on which one calendar of the contract is taken to be closed besides."""

    calendar: str
    holidays: Mapping[date, str]


def deadlines(
    vendor: str,
    plan: str,
    priority: str,
    *,
    at: datetime,
    offering: str | None = None,
    closing: Closing | None = None,
    contracts: Path,
) -> Answer:
    """Every target's due instant for a ticket of this priority received at ``at``, as the vendor's contract in force
    then says; from ``contracts/<vendor>.yaml`` when the database does not know the vendor. Raises UnansweredError."""
    loaded = _from_database(vendor, plan, offering, at)
    file = None
    if loaded is None:
        file = contracts / f"{vendor}.yaml"
        if vendor not in _slugs_of(contracts):
            raise UnansweredError(f"There is no vendor '{vendor}': {_choices(_known_vendors(contracts))}.")
        loaded = _from_file(file, plan, offering)
    contract, sold = _closed(*loaded, plan, closing) if closing else loaded
    codes = list(dict.fromkeys([*contract.priority_codes(), *contract.severity_codes()]))
    if priority not in codes:
        raise UnansweredError(f"{contract.vendor.slug} has no priority '{priority}': {_choices(codes)}.")
    found = {each.offering: each.terms.applying(priority) for each in sold}
    answers = list(found.values())
    if any(_sense(answer) != _sense(answers[0]) for answer in answers):
        raise UnansweredError(
            f"'{plan}' promises different things in different offerings: add --offering {' or '.join(sorted(found))}."
        )
    return Answer(
        vendor_name=contract.vendor.name,
        zone=ZoneInfo(contract.vendor.zone),
        terms=sold[0].terms,
        codes=tuple(codes),
        deadlines=tuple(Deadline(target, at, target.due(at), target.due_low(at)) for target in answers[0]),
        from_file=file,
    )


def _closed(contract: Contract, sold: list[_Sold], plan: str, closing: Closing) -> tuple[Contract, list[_Sold]]:
    """The contract with these holidays too, and what the plan then promises."""
    try:
        edited = with_holidays(contract, closing.calendar, closing.holidays)
    except LookupError as error:
        raise UnansweredError(f"{error.args[0]}.") from None
    return edited, [_Sold(each.offering, terms_of_contract(edited, plan, each.offering)) for each in sold]


def _sense(targets: tuple[Target, ...]) -> list[tuple[Any, ...]]:
    """What is promised, without the names that differ from version to version."""
    return [(each.metric, each.audience, each.amount, each.calendar, each.runs_in, each.promise) for each in targets]


def _from_database(vendor: str, plan: str, offering: str | None, at: datetime) -> tuple[Contract, list[_Sold]] | None:
    """None when the database does not have the vendor's contract, or is not there at all."""
    try:
        row = Vendor.objects.filter(slug=vendor).first()
        if row is None:
            return None
        with vendor_scope(row):
            plans = list(Plan.objects.filter(retired_at__isnull=True).select_related("offering"))
            if not plans:
                return None
            slugs = list(dict.fromkeys(each.slug for each in plans))
            named = [each for each in plans if each.slug == plan]
            if not named:
                raise UnansweredError(f"{vendor} has no plan '{plan}': {_choices(slugs)}.")
            chosen = [each for each in named if offering in (None, each.offering.slug)]
            if not chosen:
                offered = _choices(sorted(each.offering.slug for each in named))
                raise UnansweredError(f"'{plan}' is not sold in an offering '{offering}': {offered}.")
            versions = [(each.offering.slug, version_in_force(each, at)) for each in chosen]
            sold = [_Sold(slug, terms_of(version)) for slug, version in versions if version is not None]
            contract_version = next(version.contract_version_id for _, version in versions if version is not None)
            return contract_of(contract_version), sold
    except (OperationalError, ProgrammingError):
        return None


def _from_file(path: Path, plan: str, offering: str | None) -> tuple[Contract, list[_Sold]]:
    contract, _ = read_file(path)
    try:
        section = contract.plan(plan)
        offered = [each.slug for each in contract.offerings_of(section)]
        wanted = offered if offering is None else [offering]
        return contract, [_Sold(slug, terms_of_contract(contract, plan, slug)) for slug in wanted]
    except LookupError as error:
        raise UnansweredError(f"{error.args[0]}.") from None


def _known_vendors(contracts: Path) -> list[str]:
    try:
        loaded = list(Vendor.objects.values_list("slug", flat=True))
    except (OperationalError, ProgrammingError):
        loaded = []
    return sorted({*loaded, *_slugs_of(contracts)})


def _slugs_of(contracts: Path) -> list[str]:
    return sorted(path.stem for path in contracts.glob("*.yaml"))


def _choices(names: list[str]) -> str:
    return ", ".join(names) or "there is none"
