"""Naming a saved view and saying who sees it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership, Role, Team, TeamMember
from tickets.models import SavedView
from tickets.models.saved_view import Sharing


class SavedViewForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=60, strip=True)
    sharing = forms.TypedChoiceField(
        label=_("Who sees it"),
        choices=Sharing.choices,
        coerce=Sharing,
        widget=forms.RadioSelect,
        initial=Sharing.PERSON,
    )
    team: forms.ModelChoiceField[Team] = forms.ModelChoiceField(
        queryset=None, label=_("Group"), required=False, empty_label=_("Choose a group")
    )

    def __init__(self, data: Any = None, *, by: Membership, view: SavedView | None = None) -> None:
        known = {"name": view.name, "sharing": view.sharing, "team": view.team_id} if view else {}
        super().__init__(data, initial=known)
        teams = Team.objects.order_by("name")
        if not by.is_at_least(Role.LEAD):
            teams = teams.filter(pk__in=TeamMember.objects.filter(membership=by).values("team"))
        self.fields["team"].queryset = teams  # type: ignore[attr-defined]
