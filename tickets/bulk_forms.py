"""What the bar of selected tickets sends: which tickets, and the one change to make to each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.states import State
from supportdesk.accounts.models import Membership, Team
from tickets.actions.bulk import MOST_AT_ONCE
from tickets.actions.tagging import tag_named
from tickets.errors import Refused
from tickets.models import Tag, Ticket
from tickets.models.bulk_change import Change
from tickets.models.ticket import TicketQuerySet
from tickets.triage import grades

LONGEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change and what to; ``words`` names that in a sentence."""

    change: Change
    to: Any
    words: str


class BulkForm(forms.Form):
    """``do`` is a change with what to, as in ``assign:12``, ``state:waiting``, ``untag:3``; without it for the changes
    that are typed: ``tag`` is a tag's name and ``into`` a ticket's number."""

    numbers = forms.CharField(max_length=(LONGEST_NUMBER + 1) * MOST_AT_ONCE)
    do = forms.CharField(max_length=40)
    tag = forms.CharField(required=False, max_length=200)
    into = forms.CharField(required=False, max_length=LONGEST_NUMBER + 1)

    def __init__(self, data: Any, *, by: Membership, labels: dict[str, str]) -> None:
        super().__init__(data)
        self.by, self.labels = by, labels

    def clean_numbers(self) -> list[int]:
        """Raises ValidationError for anything but numbers."""
        written = self.cleaned_data["numbers"].split()
        if not all(each.isdecimal() and each.isascii() and len(each) <= LONGEST_NUMBER for each in written):
            raise forms.ValidationError(gettext_lazy("These are no ticket numbers."))
        return sorted({int(each) for each in written})

    def tickets(self) -> TicketQuerySet:
        found: TicketQuerySet = Ticket.objects.visible_to(self.by).filter(number__in=self.cleaned_data["numbers"])
        return found

    def wanted(self) -> Wanted:
        """What is to be done; raises Refused for what is not there (any more)."""
        name, _separator, to = self.cleaned_data["do"].partition(":")
        if name not in Change.values:
            raise Refused(_("This cannot be done to many tickets."))
        change = Change(name)
        match change:
            case Change.ASSIGN:
                return self._assign(to)
            case Change.TEAM:
                return self._team(to)
            case Change.STATE:
                return self._state(to)
            case Change.SEVERITY:
                return self._severity(to)
            case Change.TAG:
                tag = tag_named(self.cleaned_data["tag"])
                return Wanted(change, tag, tag.name)
            case Change.UNTAG:
                tag = _found(Tag.objects, to, _("That tag is gone."))
                return Wanted(change, tag, tag.name)
            case Change.MERGE:
                number = self.cleaned_data["into"].strip().removeprefix("#")
                into = Ticket.objects.visible_to(self.by).filter(number=_number(number)).first()
                if into is None:
                    raise Refused(_("There is no ticket #%(number)s.") % {"number": number}, field="into")
                return Wanted(change, into, f"#{into.number}")

    def _assign(self, to: str) -> Wanted:
        if not to:
            return Wanted(Change.ASSIGN, None, _("nobody"))
        person = self.by if to == "me" else _found(Membership.objects.staff(), to, _("That colleague has left."))
        return Wanted(Change.ASSIGN, person, person.name)

    def _team(self, to: str) -> Wanted:
        team = _found(Team.objects, to, _("That group is gone.")) if to else None
        return Wanted(Change.TEAM, team, team.name if team else _("no group"))

    def _state(self, to: str) -> Wanted:
        if to not in set(State):
            raise Refused(_("There is no such status."))
        return Wanted(Change.STATE, State(to), self.labels[to])

    def _severity(self, to: str) -> Wanted:
        if not to:
            return Wanted(Change.SEVERITY, None, _("none"))
        severity = next((each for each in grades().severities if str(each.pk) == to), None)
        if severity is None:
            raise Refused(_("The contract has no such severity any more."))
        return Wanted(Change.SEVERITY, severity, severity.code)


def _number(written: str) -> int:
    return int(written) if written.isdecimal() and written.isascii() and len(written) <= LONGEST_NUMBER else 0


def _found(rows: Any, pk: str, otherwise: str) -> Any:
    found = rows.filter(pk=int(pk)).first() if pk.isdecimal() and pk.isascii() and len(pk) <= 18 else None
    if found is None:
        raise Refused(otherwise)
    return found
