"""Forms about absences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership, Organization


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PersonField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Somebody of the organization, or everybody."""

    def __init__(self, organization: Organization) -> None:
        people = Membership.objects.filter(organization=organization, is_active=True).select_related("user")
        super().__init__(
            queryset=people.order_by("user__name"),
            label=_("Who"),
            required=False,
            empty_label=_("Everybody"),
        )

    def label_from_instance(self, obj: Membership) -> str:
        return obj.name


class AbsenceForm(forms.Form):
    """One absence, of whole days."""

    starts_on = forms.DateField(label=_("First day"), widget=DayInput())
    ends_on = forms.DateField(label=_("Last day"), widget=DayInput())
    note = forms.CharField(
        label=_("Note"), max_length=200, required=False, help_text=_("Vacation, a conference, who to ask instead …")
    )

    field_order = ("person", "starts_on", "ends_on", "note")

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"] = PersonField(organization)
        self.fields["person"].widget.attrs["aria-required"] = "true"
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("starts_on") and data.get("ends_on") and data["ends_on"] < data["starts_on"]:
            self.add_error("ends_on", _("The last day is before the first."))
        return data


class CalendarForm(forms.Form):
    """A calendar file, and whose it is."""

    calendar = forms.FileField(
        label=_("Calendar file"),
        widget=forms.FileInput(attrs={"accept": ".ics,text/calendar"}),
        help_text=_("An .ics file, as every calendar exports it. Uploading it again changes what moved."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        kwargs["prefix"] = "upload"
        super().__init__(*args, **kwargs)
        self.fields["person"] = PersonField(organization)
        self.order_fields(("person", "calendar"))
