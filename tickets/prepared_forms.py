"""Forms of canned responses and macros."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.models import Priority
from plans.states import State
from supportdesk.accounts.models import Membership, Role, Team
from tickets.composer import QUICK, in_words
from tickets.models import CannedResponse, Macro
from tickets.models.canned_response import LONGEST_TEXT
from tickets.models.macro import Assign
from tickets.models.prepared import Prepared

OWN, EVERYBODY = "own", "everybody"
_VARIABLES_HELP = _("Markdown. Names in double braces are replaced, as in {{customer.first_name}}.")


class PlacedForm(forms.Form):
    """A title, and who may use it: only those places are offered that ``by`` may write to."""

    title = forms.CharField(label=_("Title"), max_length=100, help_text=_("What colleagues search for."))
    place = forms.ChoiceField(label=_("Who uses it?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, by: Membership, prepared: Prepared | None = None, **kwargs: Any) -> None:
        self.by, self.prepared = by, prepared
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {"place": _place_of(prepared)} | kwargs["initial"]
        super().__init__(*args, **kwargs)
        teams = Team.objects.order_by("name")
        if not by.is_at_least(Role.LEAD):
            teams = teams.filter(members__membership=by)
        self.teams = {f"team-{team.pk}": team for team in teams}
        places: list[tuple[str, Any]] = [(OWN, _("Only me"))]
        places += [(key, team.name) for key, team in self.teams.items()]
        if by.is_at_least(Role.LEAD):
            places.append((EVERYBODY, _("Everybody at the desk")))
        self.fields["place"].choices = places  # type: ignore[attr-defined]

    def placed(self) -> dict[str, Any]:
        """The owner or team that was chosen."""
        place = self.cleaned_data["place"]
        return {"owner": self.by if place == OWN else None, "team": self.teams.get(place)}


class CannedResponseForm(PlacedForm):
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_VARIABLES_HELP,
    )
    field_order = ("title", "body", "place")

    def __init__(self, *args: Any, prepared: CannedResponse | None = None, **kwargs: Any) -> None:
        if prepared is not None:
            kwargs["initial"] = {"title": prepared.title, "body": prepared.body}
        super().__init__(*args, prepared=prepared, **kwargs)


class MacroForm(PlacedForm):
    reply = forms.CharField(
        label=_("Reply to the customer"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_VARIABLES_HELP,
    )
    next_update_minutes = forms.TypedChoiceField(
        label=_("Promise the next update"), required=False, coerce=int, empty_value=None
    )
    note = forms.CharField(
        label=_("Internal note"), required=False, max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 3})
    )
    then_state = forms.ChoiceField(label=_("Status"), required=False)
    assign = forms.ChoiceField(label=_("Assignee"), required=False)
    group: forms.ModelChoiceField[Team] = forms.ModelChoiceField(
        queryset=None, label=_("Group"), required=False, empty_label=_("Leave it")
    )
    severity: forms.ModelChoiceField[Priority] = forms.ModelChoiceField(
        queryset=None, label=_("Severity"), required=False, empty_label=_("Leave it")
    )
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=400, help_text=_("Put on the ticket; several with commas between.")
    )
    field_order = (
        "title",
        "reply",
        "next_update_minutes",
        "note",
        "then_state",
        "assign",
        "group",
        "severity",
        "tags",
        "place",
    )

    def __init__(
        self, *args: Any, labels: dict[str, str], severities: Any, prepared: Macro | None = None, **kwargs: Any
    ) -> None:
        if prepared is not None:
            kwargs["initial"] = _initial(prepared)
        super().__init__(*args, prepared=prepared, **kwargs)
        kept_minutes = prepared.next_update_minutes if prepared is not None else None
        minutes = sorted({*QUICK, 24 * 60, *([kept_minutes] if kept_minutes else [])})
        states = [(state.value, labels[state.value]) for state in State if state is not State.NEW]
        self.colleagues = {f"person-{each.pk}": each for each in Membership.objects.staff().order_by("user__name")}
        people = [(key, each.name) for key, each in self.colleagues.items()]
        kept = [(value, label) for value, label in Assign.choices if value != Assign.PERSON]
        for name, offered in (
            ("next_update_minutes", [("", _("No")), *((each, in_words(each)) for each in minutes)]),
            ("then_state", [("", _("Leave it")), *states]),
            ("assign", [*kept, (_("One colleague"), people)]),
        ):
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        self.fields["group"].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
        self.fields["severity"].queryset = severities  # type: ignore[attr-defined]

    def clean_tags(self) -> list[str]:
        names = list(dict.fromkeys(name.strip() for name in self.cleaned_data["tags"].split(",") if name.strip()))
        if any(len(name) > 40 for name in names):
            raise forms.ValidationError(_("A tag has 40 characters at most."))
        return names

    def changes(self) -> dict[str, Any]:
        """What ``keep_macro`` takes beside title and place."""
        data = self.cleaned_data
        person = self.colleagues.get(data["assign"])
        chosen = {"assign": Assign.PERSON.value if person else data["assign"], "assignee": person}
        return chosen | {
            name: data[name]
            for name in ("reply", "note", "then_state", "group", "severity", "next_update_minutes", "tags")
        }


def _place_of(prepared: Prepared | None) -> str:
    if prepared is None or prepared.owner_id is not None:
        return OWN
    return f"team-{prepared.team_id}" if prepared.team_id is not None else EVERYBODY


def _initial(macro: Macro) -> dict[str, Any]:
    names = ("title", "reply", "note", "then_state", "group", "severity", "next_update_minutes")
    assign = f"person-{macro.assignee_id}" if macro.assign == Assign.PERSON else macro.assign
    return {name: getattr(macro, name) for name in names} | {"assign": assign, "tags": ", ".join(macro.tags)}
