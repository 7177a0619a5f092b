"""What a report is asked about."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.queries import plan_names
from sla.reports import By, Selection
from sla.targets import Audience

LONGEST = timedelta(days=3 * 366)


class ReportForm(forms.Form):
    """A period of whole days in the vendor's zone, both ends counted; by default the last twelve months."""

    start = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    end = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    plan = forms.TypedChoiceField(label=_("Plan"), required=False, coerce=int, empty_value=None)
    audience = forms.ChoiceField(
        label=_("Promised to"),
        required=False,
        choices=[
            ("", _("Everybody")),
            (Audience.CONTRACT.value, _("Customers")),
            (Audience.INTERNAL.value, _("Ourselves")),
        ],
    )

    def __init__(self, asked: dict[str, Any], *, zone: ZoneInfo, at: datetime) -> None:
        today = at.astimezone(zone).date()
        standard = {"start": _a_year_before(today).isoformat(), "end": today.isoformat()}
        super().__init__(standard | {name: value for name, value in asked.items() if value})
        self.zone = zone
        plan: forms.TypedChoiceField = self.fields["plan"]  # type: ignore[assignment]
        plan.choices = [("", _("Every plan")), *((str(pk), name) for pk, name in plan_names().items())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start and end and start > end:
            self.add_error("end", _("The period ends before it starts."))
        elif start and end and end - start > LONGEST:
            self.add_error("start", _("At most three years at once."))
        return data

    def selection(self) -> Selection:
        """What a valid form asks for."""
        data = self.cleaned_data
        return Selection(
            start=_midnight(data["start"], self.zone),
            end=_midnight(data["end"] + timedelta(days=1), self.zone),
            audience=Audience(data["audience"]) if data["audience"] else None,
            plan_id=data["plan"],
        )


def by_of(text: str) -> By:
    """What attainment is told apart by; months where the address says nothing that is known."""
    try:
        return By(text)
    except ValueError:
        return By.MONTH


def _a_year_before(day: date) -> date:
    """The first of the month after this one, a year ago: twelve months, the present one among them."""
    return date(day.year - (day.month < 12), day.month % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)
