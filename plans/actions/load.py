"""Loading a contract: the one way by which anything of it is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from plans.actions.catalogue import write_categories, write_priorities, write_status_labels, write_teams
from plans.actions.versions import write_calendars, write_plans
from plans.contract import Contract, ContractError, Problem, canonical, digest
from plans.models import ContractVersion
from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Vendor
from supportdesk.tenancy.scope import vendor_scope


@dataclass(frozen=True)
class Loaded:
    """What loading a contract did."""

    vendor: Vendor
    version: ContractVersion
    is_changed: bool
    calendars: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.is_changed:
            return f"{self.vendor.slug}: unchanged (version {self.version.number})"
        parts = [f"calendars {', '.join(self.calendars)}"] if self.calendars else []
        parts += [f"plans {', '.join(self.plans)}"] if self.plans else []
        what = " and ".join(parts)
        return f"{self.vendor.slug}: version {self.version.number}: " + (
            f"{what} changed" if what else "no promise changed"
        )


def load_contract(
    contract: Contract,
    *,
    by: Membership | None,
    at: datetime,
    source_text: str,
    effective_from: datetime | None = None,
) -> Loaded:
    """Makes the database say what the contract says, in one transaction.

    A contract equal to the one in force changes nothing, whatever its comments and spelling (nor does a newer edition
    of the holidays library: its dates are taken up when the contract next changes). Otherwise it becomes the
    next ContractVersion; calendars and plans get a new version each only where they differ, plans from
    `effective_from` (now when left out) on. Priorities, categories and the like are renamed in place; what is gone from
    the contract is retired and never deleted. Makes the vendor on first loading. Raises ContractError when the vendor's
    own facts cannot stand beside other vendors' (a reserved slug, a domain in use).
    """
    document = canonical(contract)
    fingerprint = digest(document)
    with transaction.atomic():
        vendor = _locked_vendor(contract, at)
        with vendor_scope(vendor):
            latest = ContractVersion.objects.order_by("-number").first()
            if latest is not None and latest.digest == fingerprint:
                return Loaded(vendor, latest, is_changed=False)
            _write_vendor(vendor, contract)
            version = ContractVersion.objects.create(
                number=latest.number + 1 if latest else 1,
                digest=fingerprint,
                document=document,
                source_text=source_text,
                loaded_at=at,
                loaded_by=by,
            )
            write_teams(contract)
            write_status_labels(contract)
            write_categories(contract, at=at)
            priorities = write_priorities(contract, at=at)
            calendars = write_calendars(contract, at=at)
            plans = write_plans(
                contract, version, calendars.current, priorities, at=at, effective_from=effective_from or at
            )
            audit.record("contract.loaded", by=by, at=at, subject=version, number=version.number, plans=list(plans))
            return Loaded(vendor, version, is_changed=True, calendars=calendars.changed, plans=plans)


def _locked_vendor(contract: Contract, at: datetime) -> Vendor:
    """The vendor, made when new; its row stays locked so that two loads of one contract go one after the other."""
    section = contract.vendor
    if not Vendor.objects.filter(slug=section.slug).exists():
        new = Vendor(slug=section.slug, created_at=at)
        _fill(new, contract)
        _check(new)
        Vendor.objects.get_or_create(slug=section.slug, defaults=_facts(contract) | {"created_at": at})
    return Vendor.objects.select_for_update().get(slug=section.slug)


def _write_vendor(vendor: Vendor, contract: Contract) -> None:
    _fill(vendor, contract)
    _check(vendor)
    vendor.save()


def _fill(vendor: Vendor, contract: Contract) -> None:
    for name, value in _facts(contract).items():
        setattr(vendor, name, value)


def _facts(contract: Contract) -> dict[str, str]:
    section = contract.vendor
    return {
        "name": section.name,
        "zone": section.zone,
        "accent": section.accent,
        "help_text": section.help_text,
        "domain": section.domain or "",
    }


def _check(vendor: Vendor) -> None:
    try:
        vendor.full_clean()
    except ValidationError as error:
        file = f"{vendor.slug}.yaml"
        raise ContractError(
            [
                Problem(file, 1, ("vendor", field), f"expected another value: {' '.join(messages)}")
                for field, messages in error.message_dict.items()
            ]
        ) from None
