"""Who stands behind the names of a policy's step at an instant: found when the step is taken, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from escalation.ladder import LOUD, Finder, Reached
from escalation.models import Rota
from escalation.on_call import people_on_call
from plans.contract import Contract
from supportdesk.accounts.models import Membership, Organization, Team, TeamMember
from supportdesk.notifications.models import Integration
from supportdesk.notifications.reach import quiet_until_of
from tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody a name stands for. Without ``member`` they have no place here, and are reached by their addresses.
    ``phone`` is the telephone that the contract names for them; else it is their own."""

    key: str
    name: str
    why: str
    member: Membership | None = None
    email: str = ""
    phone: str = ""


class People:
    """Finds people of the vendor in scope at one instant: every name is looked up once, whatever the number of pages.

    ``contacts`` holds everybody found so far, by key; ``integrations`` what incidents are posted to, by
    name in small letters, and ``services`` those of them that are on.
    """

    def __init__(self, contract: Contract, *, at: datetime, tickets: Iterable[Ticket] = ()) -> None:
        self.contract, self.at = contract, at
        self.contacts: dict[str, Contact] = {}
        self._known: dict[tuple[str, int | None], list[Contact]] = {}
        self._quiet: dict[int, datetime | None] = {}
        self.integrations = {each.name.lower(): each for each in Integration.objects.taking_incidents()}
        self.services = frozenset(name for name, each in self.integrations.items() if each.is_enabled)
        tickets = list(tickets)
        self._customers = {each.organization_id for each in tickets}
        self._engineers: dict[int, Membership | None] = {}
        self._watch({each.assignee_id for each in tickets if each.assignee_id is not None})

    def finder(self, ticket: Ticket, *, override_quiet: bool) -> Finder:
        """For a page of this ticket, whose assignee (with user) and team are loaded. The instant asked for is this
        ``People``'s own."""

        def find(whom: tuple[str, ...], channels: tuple[str, ...], at: datetime) -> tuple[Reached, ...]:
            found = {contact.key: contact for name in whom for contact in self._behind(name, ticket)}
            self.contacts |= {key: each for key, each in found.items() if each.phone or not self._has_phone(key)}
            self._watch(each.member.pk for each in found.values() if each.member is not None)
            return tuple(self._reached(contact, channels, override_quiet) for contact in found.values())

        return find

    def _has_phone(self, key: str) -> bool:
        """Who is a director and leads the desk stays the one with the director's telephone."""
        return key in self.contacts and bool(self.contacts[key].phone)

    def _reached(self, contact: Contact, channels: tuple[str, ...], override_quiet: bool) -> Reached:
        until = self._quiet.get(contact.member.pk) if contact.member is not None and not override_quiet else None
        if until is None or not LOUD & set(channels):
            return Reached(contact.key, contact.name, contact.why, channels)
        softly = tuple(channel for channel in channels if channel not in LOUD) or ("inbox",)
        return Reached(contact.key, contact.name, contact.why, softly, is_quiet=True)

    def _watch(self, memberships: Iterable[int]) -> None:
        if unknown := set(memberships) - self._quiet.keys():
            self._quiet |= dict.fromkeys(unknown) | quiet_until_of(unknown, self.at)

    def _behind(self, name: str, ticket: Ticket) -> list[Contact]:
        kind, _colon, rest = name.partition(":")
        of_ticket = _OF_TICKET[name](ticket) if name in _OF_TICKET else None
        if (name, of_ticket) not in self._known:
            self._known[name, of_ticket] = list(self._look_up(kind, rest, ticket))
        return self._known[name, of_ticket]

    def _look_up(self, kind: str, rest: str, ticket: Ticket) -> Iterator[Contact]:
        match kind:
            case "rota":
                yield from self._on_call(rest)
            case "team":
                yield from self._team(rest, ticket)
            case "person":
                found = Membership.objects.staff().filter(user__email__iexact=rest)
                yield from (_contact(each, _("named by the policy")) for each in found)
            case "assignee" if ticket.assignee is not None and ticket.assignee.is_active:
                yield _contact(ticket.assignee, _("has the ticket"))
            case "leads":
                leads = Membership.objects.leads().order_by("user__name", "pk")
                yield from (_contact(each, _("leads the desk")) for each in leads)
            case "director":
                yield from self._director()
            case "success-engineer":
                yield from self._success_engineer(ticket.organization_id)

    def _on_call(self, rest: str) -> Iterator[Contact]:
        """`support` is whoever comes first of those on call just then, `support/2` whoever comes after them: a layer
        that has nobody at that hour is passed over."""
        slug, _slash, layer = rest.partition("/")
        place = int(layer or 1)
        rota = Rota.objects.in_use().filter(slug=slug).first()
        on_call = people_on_call(rota, self.at) if rota is not None else ()
        there = list(dict.fromkeys(person for person in on_call if person is not None))
        if rota is not None and place <= len(there):
            why = _("on call: %(rota)s") if place == 1 else _("on call: %(rota)s, number %(place)s")
            yield _contact(there[place - 1], why % {"rota": rota.name, "place": place})

    def _team(self, slug: str, ticket: Ticket) -> Iterator[Contact]:
        team = Team.objects.filter(slug=slug).first() if slug else ticket.team
        if team is not None:
            rows = TeamMember.objects.filter(team=team, membership__is_active=True).select_related("membership__user")
            why = _("in %(team)s") % {"team": team.name}
            yield from (_contact(row.membership, why) for row in rows.order_by("membership__user__name", "pk"))

    def _director(self) -> Iterator[Contact]:
        section = self.contract.escalation.director if self.contract.escalation else None
        if section is None:
            return
        member = None
        if section.email:
            member = Membership.objects.staff().filter(user__email__iexact=section.email).first()
        why = _("named by the contract")
        phone = section.phone.replace(" ", "")
        name = member.name if member else section.title
        key = f"member-{member.pk}" if member else "director"
        yield Contact(key, name, why, member, section.email or "", phone)

    def _success_engineer(self, customer: int) -> Iterator[Contact]:
        """Whoever is named for the customer; for one without, whoever is in the team of that name sees to it."""
        if customer not in self._engineers:
            asked = self._customers | {customer}
            named = Organization.objects.filter(pk__in=asked).select_related("success_engineer__user")
            self._engineers |= {each.pk: each.engineer for each in named}
        if (engineer := self._engineers[customer]) is not None:
            yield _contact(engineer, _("the customer’s success engineer"))
            return
        rows = TeamMember.objects.filter(team__slug="customer-success", membership__is_active=True)
        why = _("success engineer")
        yield from (_contact(row.membership, why) for row in rows.select_related("membership__user").order_by("pk"))


_OF_TICKET: Mapping[str, Callable[[Ticket], int | None]] = {
    "assignee": lambda ticket: ticket.pk,
    "team": lambda ticket: ticket.team_id,
    "success-engineer": lambda ticket: ticket.organization_id,
}
"""Names that stand for other people on another ticket, and what of it decides."""


def _contact(member: Membership, why: str) -> Contact:
    return Contact(f"member-{member.pk}", member.name, why, member, member.user.email)
