"""Forms by which the desk arranges to talk to a customer. Instants are typed and shown in the reader's zone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.asking import WHEN, WRITTEN


class ScheduleForm(forms.Form):
    """Which number, when, and what for."""

    number = forms.CharField(
        label=_("Telephone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel"}),
        help_text=_("With the country code, as in +49 30 901820."),
    )
    starts_at = forms.DateTimeField(label=_("Call at"), widget=forms.DateTimeInput(attrs=WHEN, format=WRITTEN))
    note = forms.CharField(
        label=_("What for"),
        max_length=300,
        required=False,
        help_text=_("For whoever calls; the customer does not see it."),
    )


class ConferenceForm(forms.Form):
    """Where to meet, and when."""

    url = forms.URLField(
        label=_("Address of the meeting"),
        max_length=500,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    starts_at = forms.DateTimeField(
        label=_("Begins at"),
        required=False,
        widget=forms.DateTimeInput(attrs=WHEN, format=WRITTEN),
        help_text=_("Empty: now."),
    )

    def __init__(self, *args: Any, has_rooms: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if has_rooms:
            self.fields["url"].required = False
            self.fields["url"].help_text = _("Leave it empty for a new room of your own.")
