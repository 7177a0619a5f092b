"""Forms about launches and critical functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from onboarding.forms import DayInput
from supportdesk.accounts.models import Project


class LaunchForm(forms.Form):
    """A launch to announce."""

    project: forms.ModelChoiceField[Project] = forms.ModelChoiceField(
        queryset=None, label=_("Project"), empty_label=None
    )
    planned_on = forms.DateField(label=_("Planned date"), widget=DayInput())
    note = forms.CharField(
        label=_("What support should know"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, projects: Sequence[Project], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        found = Project.objects.filter(pk__in=[each.pk for each in projects]).order_by("name")
        self.fields["project"].queryset = found  # type: ignore[attr-defined]


class FunctionsForm(forms.Form):
    """What is critical to the business of a project: one function a line."""

    functions = forms.CharField(
        label=_("Functions critical to business"),
        required=False,
        max_length=12_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("One a line, as agreed with the customer. They are asked for when a ticket is filed."),
    )

    @property
    def names(self) -> list[str]:
        """The lines that say something; for a valid form."""
        return [line for line in self.cleaned_data["functions"].splitlines() if line.strip()]
