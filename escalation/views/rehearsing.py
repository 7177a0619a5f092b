"""The dry run of a policy: for a ticket and an instant, who would be woken when, by what and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalation.rehearsal import Rehearsal, rehearse_policy
from escalation.words import words_of
from plans.contract import Contract
from plans.contract.paging import PolicySection
from supportdesk.accounts.models import Membership
from tickets.models import Ticket


class RehearsalForm(forms.Form):
    """Of which ticket, and from when on; left empty: the latest open ticket it is for, and now."""

    number = forms.IntegerField(label=_("Ticket number"), min_value=1, required=False)
    moment = forms.DateTimeField(
        label=_("If it happened at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, who: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.who = who
        self.ticket: Ticket | None = None

    def clean_number(self) -> int | None:
        """Finds the ticket: the one named, or the latest open one."""
        number: int | None = self.cleaned_data.get("number")
        tickets = Ticket.objects.visible_to(self.who).select_related(
            "organization", "assignee__user", "team", "priority"
        )
        if number is not None:
            self.ticket = tickets.filter(number=number).first()
            if self.ticket is None:
                raise forms.ValidationError(_("There is no such ticket."))
        else:
            self.ticket = tickets.open().order_by("priority__rank", "-pk").first()
        return number


def rehearsed(
    data: Mapping[str, Any], contract: Contract, policy: PolicySection, *, who: Membership, at: datetime
) -> dict[str, Any]:
    """What the dry run shows: its form, and where there is a ticket the chain."""
    form = RehearsalForm(data, who=who, prefix="dry")
    rehearsal: Rehearsal | None = None
    if form.is_valid() and form.ticket is not None:
        rehearsal = rehearse_policy(contract, policy, form.ticket, at=form.cleaned_data["moment"] or at)
    landings = rehearsal.landings if rehearsal is not None else ()
    return {
        "dry": form,
        "rehearsal": rehearsal,
        "ahead": [(landing.at, [words_of(deed) for deed in landing.deeds]) for landing in landings],
    }
