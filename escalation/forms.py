"""Forms about shifts: covering, asking for cover, time off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from escalation.models import Rota
from escalation.queries import OnOffer
from supportdesk.accounts.models import Membership, Role
from supportdesk.jinja import duration


class MomentInput(forms.DateTimeInput):
    """A date and a time in the reader's zone, as browsers ask for them."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M")


class ColleagueField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody of the support team, by name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=None, **kwargs)

    def offer(self, people: Any) -> None:
        self.queryset = people.select_related("user").order_by("user__name", "pk")

    def label_from_instance(self, obj: Membership) -> str:
        return obj.name


class StretchForm(forms.Form):
    """From when to when, in the reader's zone."""

    starts_at = forms.DateTimeField(label=_("From"), widget=MomentInput())
    ends_at = forms.DateTimeField(label=_("Until"), widget=MomentInput())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        starts_at, ends_at = data.get("starts_at"), data.get("ends_at")
        if isinstance(starts_at, datetime) and isinstance(ends_at, datetime) and ends_at <= starts_at:
            self.add_error("ends_at", _("The end is not after the start."))
        return data


class CoverForm(StretchForm):
    """Who covers which layer when. Agents cover themselves, leads put anybody on."""

    layer = forms.TypedChoiceField(label=_("Layer"), coerce=int)
    person = ColleagueField(label=_("Who covers"))
    reason = forms.CharField(
        label=_("Reason"), max_length=200, required=False, help_text=_("Both who covers and who is relieved read it.")
    )

    field_order = ("layer", "person", "starts_at", "ends_at", "reason")

    def __init__(self, *args: Any, rota: Rota, layers: list[tuple[int, str]], by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rota = rota
        self.fields["layer"].choices = layers  # type: ignore[attr-defined]
        people = Membership.objects.staff()
        if not by.is_at_least(Role.LEAD):
            people = people.filter(pk=by.pk)
        person = self.fields["person"]
        assert isinstance(person, ColleagueField)
        person.offer(people)
        person.initial = by.pk
        person.empty_label = None


class AskForm(StretchForm):
    """Asking a colleague, or anyone, to take (a part of) a shift, perhaps for one of ``on_offer`` in return."""

    asked = ColleagueField(label=_("Whom to ask"), required=False, empty_label=_("Anyone of the team"))
    in_return = forms.ChoiceField(
        label=_("In return"), required=False, help_text=_("Both change hands when your colleague agrees.")
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    field_order = ("asked", "starts_at", "ends_at", "in_return", "note")

    def __init__(self, *args: Any, giver: Membership, on_offer: Sequence[OnOffer] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        asked = self.fields["asked"]
        assert isinstance(asked, ColleagueField)
        asked.offer(Membership.objects.staff().exclude(pk=giver.pk))
        self._on_offer = {f"{each.layer}/{each.start.isoformat()}": each for each in on_offer}
        groups: dict[str, list[tuple[str, str]]] = {}
        for value, each in self._on_offer.items():
            groups.setdefault(each.person.name, []).append((value, _offered(each)))
        self.fields["in_return"].choices = [("", _("Nothing")), *groups.items()]  # type: ignore[attr-defined]
        if not on_offer:
            del self.fields["in_return"]

    def clean(self) -> dict[str, Any]:
        """Whose shift it is, is who is asked."""
        data = super().clean()
        wanted = data["in_return"] = self._on_offer.get(data.get("in_return") or "")
        if wanted is not None:
            asked = data.get("asked")
            if asked is not None and asked.pk != wanted.person.pk:
                self.add_error("in_return", _("This is a shift of %(name)s.") % {"name": wanted.person.name})
            data["asked"] = wanted.person
        return data


class TimeOffForm(forms.Form):
    """Whole days away."""

    person = ColleagueField(label=_("Who"))
    starts_on = forms.DateField(label=_("First day"), widget=DayInput())
    ends_on = forms.DateField(label=_("Last day"), widget=DayInput())
    note = forms.CharField(label=_("Note"), max_length=200, required=False, help_text=_("Vacation, a conference …"))

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self, by)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("The last day is before the first."))
        return data


class CalendarForm(forms.Form):
    """A calendar file of somebody's absences."""

    person = ColleagueField(label=_("Whose"))
    calendar = forms.FileField(
        label=_("Calendar file"),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        help_text=_("An .ics file, as every calendar exports it. Uploading it again changes what moved."),
    )

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        kwargs["prefix"] = "upload"
        super().__init__(*args, **kwargs)
        _offer(self, by)


def _offered(shift: OnOffer) -> str:
    """`Dan, Thu 5 Mar, 09:00, 24 h · Primary`, in the reader's zone: it also stands alone, once it is chosen."""
    start = date_format(localtime(shift.start), "D j M, H:i")
    return f"{shift.person.name}, {start}, {duration(shift.end - shift.start)} · {shift.layer_name}"


def _offer(form: forms.Form, by: Membership) -> None:
    """Oneself; to leads everybody."""
    people = Membership.objects.staff()
    if not by.is_at_least(Role.LEAD):
        people = people.filter(pk=by.pk)
    person = form.fields["person"]
    assert isinstance(person, ColleagueField)
    person.offer(people)
    person.initial = by.pk
    person.empty_label = None
