"""A dry run: who would be woken when, by what and why, if nobody answered. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from escalation import policies
from escalation.ladder import Finder, Ladder, Landing, Notify, Post, Reached, Standing, rehearse
from escalation.models import Page
from escalation.whom import People
from escalation.words import and_list
from plans.contract import Contract
from plans.contract.paging import PolicySection
from plans.policies import calendars_of, is_for, is_still_for, policy_of
from plans.queries import policy_book_of
from sla.calendars import BusinessCalendar
from supportdesk.notifications.models import Integration
from tickets.matters import matters_of
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a policy would do about a ticket from ``at`` on. ``is_for``: whether it is for that ticket at all, and
    ``is_in_hours``: whether it would be opened at that hour."""

    policy: PolicySection
    ticket: Ticket
    at: datetime
    is_for: bool
    is_in_hours: bool
    landings: tuple[Landing, ...]


@dataclass(frozen=True, slots=True)
class Woken:
    """Who is told at an instant, in words: people first, then services."""

    at: datetime
    names: str


def rehearse_policy(contract: Contract, policy: PolicySection, ticket: Ticket, *, at: datetime) -> Rehearsal:
    """The whole chain of a policy, saved or not; the ticket's assignee (with user) and team are loaded."""
    matter = matters_of([ticket.pk])[ticket.pk]
    calendars = calendars_of(contract, [policy])
    override = policies.overrides_quiet_hours(policy, matter.rank)
    landings = _rehearse(policies.ladder_of(policy), contract, ticket, at=at, calendars=calendars, override=override)
    fits = is_still_for(policy.only, matter)
    in_hours = is_for(policy.only, matter, at=at, calendars=calendars) if fits else True
    return Rehearsal(policy, ticket, at, fits, in_hours, landings)


def ahead(page: Page, ticket: Ticket) -> tuple[Landing, ...]:
    """What is still to come of an open page, as things stand; nothing where nobody further will be told."""
    if page.next_at is None or not page.is_open:
        return ()
    book = policy_book_of(page.contract_version_id)
    policy = policy_of(book.contract, page.policy)
    return _rehearse(
        policies.ladder_in(page.contract_version_id, page.policy),
        book.contract,
        ticket,
        at=page.next_at,
        calendars=book.calendars,
        override=policies.overrides_quiet_hours(policy, page.rank),
        standing=page.standing,
    )


def first_woken(landings: Iterable[Landing]) -> Woken | None:
    """Whom the first of these landings that reaches anybody reaches; None where none does."""
    for landing in landings:
        telling = [deed for deed in landing.deeds if isinstance(deed.step, Notify)]
        names = [person.name for deed in telling for person in deed.people if person.is_told]
        names += [
            deed.step.integration for deed in landing.deeds if isinstance(deed.step, Post) and not deed.is_missing
        ]
        if names:
            return Woken(landing.at, and_list(dict.fromkeys(names)))
    return None


def _rehearse(
    ladder: Ladder,
    contract: Contract,
    ticket: Ticket,
    *,
    at: datetime,
    calendars: Mapping[str, BusinessCalendar],
    override: bool,
    standing: Standing | None = None,
) -> tuple[Landing, ...]:
    services = Integration.objects.enabled().taking_incidents().values_list("name", flat=True)
    return rehearse(
        ladder,
        at=at,
        find=_finder(contract, ticket, override=override),
        calendars=calendars,
        services=frozenset(name.lower() for name in services),
        standing=standing or Standing(),
    )


def _finder(contract: Contract, ticket: Ticket, *, override: bool) -> Finder:
    """Looks people up at each instant of the chain: another may be on call by then."""
    known: dict[datetime, Finder] = {}

    def find(whom: tuple[str, ...], channels: tuple[str, ...], at: datetime) -> tuple[Reached, ...]:
        if at not in known:
            known[at] = People(contract, at=at, tickets=[ticket]).finder(ticket, override_quiet=override)
        return known[at](whom, channels, at)

    return find
