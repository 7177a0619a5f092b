"""Changing the escalation policies: each change is the next version of the contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from plans.actions import load_contract
from plans.contract import Contract, canonical, write
from plans.contract.edit import with_policies
from plans.models import ContractVersion
from plans.queries import contract_of, current_contract
from supportdesk.accounts import audit
from supportdesk.accounts.models import Membership, Role
from tickets.errors import Refused

Section = Mapping[str, Any]


@transaction.atomic
def save_policy(section: Section, *, by: Membership, at: datetime) -> Contract:
    """Puts the policy in the place of the one of its slug, or at the end. Raises ContractError for what is wrong."""
    sections = _sections(by)
    places = [place for place, each in enumerate(sections) if each["slug"] == section["slug"]]
    if places:
        sections[places[0]] = section
    else:
        sections.append(section)
    return _load(sections, "saved", section["slug"], by=by, at=at)


@transaction.atomic
def remove_policy(slug: str, *, by: Membership, at: datetime) -> Contract:
    """Takes it out of the contract; what is open of it runs on as it was."""
    return _load([each for each in _sections(by) if each["slug"] != slug], "removed", slug, by=by, at=at)


@transaction.atomic
def switch_policy(slug: str, *, on: bool, by: Membership, at: datetime) -> Contract:
    """Switches it on or off; what is open of it runs on."""
    sections = [
        {**{key: value for key, value in each.items() if key != "enabled"}, **({} if on else {"enabled": False})}
        if each["slug"] == slug
        else each
        for each in _sections(by)
    ]
    return _load(sections, "switched on" if on else "switched off", slug, by=by, at=at)


@transaction.atomic
def move_policy(slug: str, *, up: bool, by: Membership, at: datetime) -> Contract:
    """One place up or down; at the end of the list it stays."""
    sections = _sections(by)
    place = next((place for place, each in enumerate(sections) if each["slug"] == slug), None)
    if place is None:
        raise Refused(_("There is no such policy any more."))
    other = place - 1 if up else place + 1
    if 0 <= other < len(sections):
        sections[place], sections[other] = sections[other], sections[place]
    return _load(sections, "moved", slug, by=by, at=at)


@transaction.atomic
def restore_policies(number: int, *, by: Membership, at: datetime) -> Contract:
    """The policies as they were in an earlier version of the contract."""
    _admins_only(by)
    version = ContractVersion.objects.filter(number=number).first()
    if version is None:
        raise Refused(_("There is no such version of the contract."))
    sections = canonical(contract_of(version.pk)).get("escalation", {}).get("policies", [])
    return _load(sections, "restored", str(number), by=by, at=at)


def _sections(by: Membership) -> list[Section]:
    """The policies in force, as the contract's document has them."""
    _admins_only(by)
    contract = current_contract()
    if contract is None:
        raise Refused(_("The vendor has no contract."))
    return list(canonical(contract).get("escalation", {}).get("policies", []))


def _load(sections: Sequence[Section], what: str, slug: str, *, by: Membership, at: datetime) -> Contract:
    contract = current_contract()
    assert contract is not None, "whoever changes policies has read them"
    changed = with_policies(contract, sections)
    loaded = load_contract(changed, by=by, at=at, source_text=write(changed))
    if loaded.is_changed:
        audit.record(
            "escalation.policy",
            by=by,
            at=at,
            subject=loaded.version,
            what=what,
            policy=slug,
            number=loaded.version.number,
        )
    return changed


def _admins_only(by: Membership) -> None:
    if not by.is_at_least(Role.ADMIN):
        raise PermissionDenied(_("Only admins change who is woken."))
