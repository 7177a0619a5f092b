"""Forms of a rota's settings: what it is called, its layers, and from when on they hold."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from escalation.actions import LayerTerms
from escalation.drafts import Draft, week_of
from escalation.forms import ClockInput, ColleagueField, DayInput, MomentInput
from escalation.models import Rota, Unit
from supportdesk.accounts.models import Membership, Team

NOTICES = [
    (0, _("Not at all")),
    (15, _("15 minutes before")),
    (60, _("An hour before")),
    (12 * 60, _("12 hours before")),
    (24 * 60, _("A day before")),
]
HOURS = [
    ("always", _("Around the clock")),
    ("business", _("Business hours: Mon–Fri 09:00–17:00")),
    ("off-hours", _("Off hours: nights and weekends")),
    ("nights", _("Nights: 22:00–06:00")),
    ("weekends", _("Weekends")),
    ("own", _("Other hours …")),
]


def zones() -> list[tuple[str, str]]:
    named = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return [(zone, zone.replace("_", " ")) for zone in ["UTC", *named]]


class RotaForm(forms.Form):
    """The rota itself."""

    name = forms.CharField(label=_("Name"), max_length=100)
    zone = forms.ChoiceField(label=_("Time zone"))
    team: forms.ModelChoiceField[Team] = forms.ModelChoiceField(label=_("Team"), queryset=None, required=False)
    fallback_person = ColleagueField(label=_("If nobody is on call, tell"), required=False)
    fallback_team: forms.ModelChoiceField[Team] = forms.ModelChoiceField(
        label=_("and the team"), queryset=None, required=False
    )
    notice_minutes = forms.TypedChoiceField(label=_("Tell people of their shifts"), coerce=int, choices=NOTICES)
    starting = forms.ChoiceField(
        label=_("The layers hold"),
        choices=[("now", _("from now on")), ("later", _("from a later instant on"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    effective_at = forms.DateTimeField(label=_("From"), required=False, widget=MomentInput())

    def __init__(self, *args: Any, rota: Rota | None, zone: str, at: datetime, **kwargs: Any) -> None:
        self.at = at
        kwargs["initial"] = _facts(rota, zone) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = zones()  # type: ignore[attr-defined]
        for name in ("team", "fallback_team"):
            self.fields[name].queryset = Team.objects.order_by("name")  # type: ignore[attr-defined]
            self.fields[name].empty_label = _("None")  # type: ignore[attr-defined]
        person = self.fields["fallback_person"]
        assert isinstance(person, ColleagueField)
        person.offer(Membership.objects.staff())
        person.empty_label = _("The leads")
        if rota is None:
            del self.fields["starting"], self.fields["effective_at"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("starting") == "later":
            effective_at = data.get("effective_at")
            if effective_at is None and "effective_at" not in self.errors:
                self.add_error("effective_at", _("Say from when on the layers hold."))
            elif effective_at is not None and effective_at < self.at:
                self.add_error("effective_at", _("Choose now or later: who was on call stays on record."))
        return data

    @property
    def begins_at(self) -> datetime:
        """From when on the layers hold; of a form that is wrong from now on."""
        data = getattr(self, "cleaned_data", {})
        later = data.get("effective_at") if data.get("starting") == "later" else None
        return later if isinstance(later, datetime) and later >= self.at else self.at

    def facts(self) -> dict[str, Any]:
        """What ``make_rota`` and ``change_rota`` take."""
        names = ("name", "zone", "team", "fallback_person", "fallback_team", "notice_minutes")
        return {name: self.cleaned_data[name] for name in names}


class OrderedPeople(forms.Field):
    """People in the order of their turns, each by a select of its own; the same may have several places."""

    def __init__(self, staff: dict[int, Membership], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.staff = staff
        self.widget = OrderedSelects()

    def clean(self, value: Any) -> list[Membership]:
        found = []
        for each in value or []:
            if not str(each).isdigit() or int(each) not in self.staff:
                raise ValidationError(_("Choose people of the support team."))
            found.append(self.staff[int(each)])
        return found


class OrderedSelects(forms.Widget):
    """Reads every value of the name; the template draws the selects."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [each for each in data.getlist(name) if each]


class LayerForm(forms.Form):
    """One layer: who takes turns, how long they are, and in which hours."""

    key = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label=_("Name"), max_length=100)
    starts_on = forms.DateField(label=_("First hand-over"), widget=DayInput())
    hands_over_at = forms.TimeField(label=_("at"), widget=ClockInput())
    length = forms.IntegerField(label=_("A turn lasts"), min_value=1, max_value=999)
    unit = forms.ChoiceField(label=_("Unit"), choices=Unit.choices)
    zone = forms.ChoiceField(label=_("In the time of"))
    hours = forms.ChoiceField(label=_("Hours"), choices=HOURS)
    own_hours = forms.CharField(
        label=_("Which hours"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "placeholder": "mon-thu 22:00-06:00\nsat, sun 00:00-24:00"}),
        help_text=_(
            "A line for each run of days, as “mon-fri 09:00-12:00, 13:00-17:00”. 22:00-06:00 runs into the next day."
        ),
    )

    def __init__(self, draft: Draft, number: int, staff: dict[int, Membership], *, is_sent: bool = True) -> None:
        """``is_sent`` False: shows the draft without a word about what is wrong with it."""
        self.draft, self.number, self.staff = draft, number, staff
        data = draft.data(f"layer-{number}") if is_sent else None
        super().__init__(data, prefix=f"layer-{number}", initial=draft.values)
        self.fields["zone"].choices = zones()  # type: ignore[attr-defined]
        self.fields["person"] = OrderedPeople(staff, label=_("People, in the order of their turns"), required=False)

    @property
    def people(self) -> list[str]:
        return self.draft.people

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        try:
            data["week"] = week_of(data.get("hours", "always"), data.get("own_hours", ""))
        except ValueError as error:
            self.add_error("own_hours", _now("These hours cannot be read: %(why)s.") % {"why": error})
        return data

    def terms(self) -> LayerTerms:
        data = self.cleaned_data
        return LayerTerms(
            key=data["key"],
            name=data["name"],
            people=tuple(data["person"]),
            starts_on=data["starts_on"],
            hands_over_at=data["hands_over_at"],
            length=data["length"],
            unit=Unit(data["unit"]),
            zone=data["zone"],
            week=data["week"],
        )


def _facts(rota: Rota | None, zone: str) -> dict[str, Any]:
    if rota is None:
        return {"zone": zone, "notice_minutes": 60}
    return {
        "name": rota.name,
        "zone": rota.zone,
        "team": rota.team_id,
        "fallback_person": rota.fallback_person_id,
        "fallback_team": rota.fallback_team_id,
        "notice_minutes": rota.notice_minutes,
    }
