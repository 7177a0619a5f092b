"""Forms about integrations, and about what a person wants to be told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from supportdesk.notifications import integrations
from supportdesk.notifications.channels.base import Setting
from supportdesk.notifications.channels.registry import SETTINGS
from supportdesk.notifications.groups import GROUPS, Group
from supportdesk.notifications.models import Integration, IntegrationKind, Preference

KEPT = _("It is kept, and not shown. Write here to replace it.")


class IntegrationForm(forms.Form):
    """A name, and the settings of the kind. Secrets are never filled in; left empty, they stay as they are."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("As it is chosen in escalation policies."))

    def __init__(self, *args: Any, kind: IntegrationKind, of: Integration | None = None, **kwargs: Any) -> None:
        self.kind, self.of = kind, of
        if of is not None:
            kwargs["initial"] = {"name": of.name, **of.config}
        else:
            kwargs["initial"] = {"name": kind.label}
        super().__init__(*args, **kwargs)
        kept = integrations.kept(of) if of is not None else frozenset()
        for setting in SETTINGS[kind]:
            self.fields[setting.name] = _field(setting, is_new=of is None, is_kept=setting.name in kept)

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        others = Integration.objects.filter(name__iexact=name)
        if (others.exclude(pk=self.of.pk) if self.of is not None else others).exists():
            raise ValidationError(_("Another integration has this name."))
        return name

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for setting in SETTINGS[self.kind]:
            value = str(cleaned.get(setting.name) or "")
            problem = _problem(setting, value) if value else None
            if problem:
                self.add_error(setting.name, str(problem))
        return cleaned

    def config(self) -> dict[str, str]:
        return {each.name: self.cleaned_data[each.name] for each in SETTINGS[self.kind] if not each.is_secret}

    def secrets(self) -> dict[str, str]:
        return {each.name: self.cleaned_data[each.name] for each in SETTINGS[self.kind] if each.is_secret}


def _field(setting: Setting, *, is_new: bool, is_kept: bool) -> forms.Field:
    if setting.choices:
        return forms.ChoiceField(label=str(setting.label), help_text=str(setting.hint), choices=setting.choices)
    attrs = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
    if setting.is_secret:
        attrs["autocomplete"] = "new-password"
        attrs |= {"placeholder": "••••••••••••"} if is_kept else {}
    return forms.CharField(
        label=str(setting.label),
        help_text=str(KEPT if is_kept else setting.hint),
        required=setting.is_required and (is_new or not setting.is_secret),
        max_length=2000,
        widget=forms.PasswordInput(attrs=attrs) if setting.is_secret else forms.TextInput(attrs=attrs),
    )


def _problem(setting: Setting, value: str) -> object | None:
    if setting.pattern and not re.fullmatch(setting.pattern, value):
        return setting.wrong
    if not setting.is_url:
        return None
    parts = urlsplit(value)
    schemes = ("https", "http") if settings.OUTGOING_ALLOW else ("https",)
    if parts.scheme not in schemes or not parts.hostname or not value.isascii() or parts.username or " " in value:
        return _("A web address that begins with https://.")
    return None


class PreferenceForm(forms.Form):
    """Rows of check boxes ``email-<group>`` and ``sms-<group>``, quiet hours, and how e-mails are put together."""

    has_quiet = forms.BooleanField(label=_("Quiet hours"), required=False)
    quiet_from = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}))
    quiet_to = forms.TimeField(label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}))
    bundle = forms.TypedChoiceField(label=_("E-mails that follow one another"), coerce=int)

    def __init__(
        self, *args: Any, groups: Iterable[Group], of: Preference, may_text: bool, is_staff: bool, **kwargs: Any
    ) -> None:
        usual = 2 if is_staff else 0
        kwargs["initial"] = {
            "has_quiet": of.quiet_from is not None,
            "quiet_from": of.quiet_from or time(22),
            "quiet_to": of.quiet_to or time(7),
            "bundle": usual if of.bundle_minutes is None else of.bundle_minutes,
            **{f"email-{each.slug}": each.slug not in of.email_off for each in groups},
            **{f"sms-{each.slug}": each.slug in of.sms_on for each in groups},
        }
        super().__init__(*args, **kwargs)
        self.groups, self.may_text, self.usual = list(groups), may_text, usual
        self.fields["bundle"].choices = [  # type: ignore[attr-defined]
            (0, _("each at once")),
            (2, _("at once, then together every 2 minutes")),
            (15, _("at once, then together every 15 minutes")),
            (60, _("at once, then together every hour")),
        ]
        for each in self.groups:
            said = {"what": each.called(is_staff=is_staff)}
            self.fields[f"email-{each.slug}"] = forms.BooleanField(
                label=gettext("%(what)s by e-mail") % said, required=False
            )
            self.fields[f"sms-{each.slug}"] = forms.BooleanField(
                label=gettext("%(what)s by text message") % said, required=False, disabled=not may_text
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        starts, ends = cleaned.get("quiet_from"), cleaned.get("quiet_to")
        if cleaned.get("has_quiet") and starts is not None and starts == ends:
            self.add_error("quiet_to", gettext("Quiet hours end at another time than they begin."))
        return cleaned

    def chosen(self) -> dict[str, Any]:
        """The columns of ``Preference``."""
        data = self.cleaned_data
        is_quiet = data["has_quiet"]
        return {
            "email_off": [each.slug for each in self.groups if not data[f"email-{each.slug}"]],
            "sms_on": [each.slug for each in self.groups if data[f"sms-{each.slug}"]],
            "quiet_from": data["quiet_from"] if is_quiet else None,
            "quiet_to": data["quiet_to"] if is_quiet else None,
            "bundle_minutes": None if data["bundle"] == self.usual else data["bundle"],
        }

    def rows(self) -> list[tuple[Group, forms.BoundField, forms.BoundField]]:
        return [(each, self[f"email-{each.slug}"], self[f"sms-{each.slug}"]) for each in self.groups]


def groups_for(*, is_staff: bool) -> list[Group]:
    """What this side can choose."""
    return [each for each in GROUPS if (each.for_staff if is_staff else each.for_customers)]


class NumberForm(forms.Form):
    number = forms.CharField(
        label=_("Telephone number"),
        max_length=40,
        help_text=_("With the country code, for example +380 44 123 45 67."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    takes_texts = forms.BooleanField(label=_("It takes text messages"), required=False, initial=True)
    takes_calls = forms.BooleanField(label=_("It takes calls"), required=False, initial=True)

    def clean_number(self) -> str:
        """In E.164."""
        try:
            parsed = phonenumbers.parse(self.cleaned_data["number"], None)
        except phonenumbers.NumberParseException:
            raise ValidationError(_("Begin with + and the country code.")) from None
        if not phonenumbers.is_valid_number(parsed):
            raise ValidationError(_("This is not a number that can be called."))
        return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not (cleaned.get("takes_texts") or cleaned.get("takes_calls")):
            self.add_error("takes_texts", gettext("Choose at least one: texts or calls."))
        return cleaned


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
