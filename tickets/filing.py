"""What a customer fills in to file a ticket."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.models import Membership
from tickets import uploads
from tickets.forms import NewTicketForm


class PeopleField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Some of one's colleagues."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Membership) -> str:
        return obj.name


class FilingForm(NewTicketForm):
    """The portal's form: with people to keep informed, and each mistake named where it was made."""

    informed = PeopleField(queryset=None, label=_("People to keep informed"), required=False)

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        colleagues = Membership.objects.filter(organization=by.organization, is_active=True).exclude(pk=by.pk)
        self.fields["informed"].queryset = colleagues.select_related("user").order_by("user__name")  # type: ignore[attr-defined]
        # A browser cuts what is pasted at maxlength without a word; this form says what is too long instead.
        for name in ("subject", "body", "url"):
            self.fields[name].widget.attrs.pop("maxlength", None)
        self.fields["subject"].error_messages |= {
            "required": _("Say in a few words what is wrong."),
            "max_length": _("This is too long for a subject: at most %(limit_value)d characters, %(show_value)d here."),
        }
        self.fields["body"].error_messages |= {
            "required": _("Describe what happens."),
            "max_length": _(
                "This is too long: at most %(limit_value)d characters, %(show_value)d here. Shorten it, and attach "
                "long logs as files."
            ),
        }
        self.fields["project"].error_messages["invalid_choice"] = _("Choose one of the projects in the list.")
        self.fields["priority"].error_messages["required"] = _("Choose a priority.")
        if "category" in self.fields:
            self.fields["category"].error_messages["required"] = _("Choose what kind of request it is.")

    def clean_subject(self) -> str:
        """Words, or at least a number: a subject of pictures alone tells an agent nothing."""
        subject = str(self.cleaned_data["subject"])
        if not any(each.isalnum() for each in subject):
            raise ValidationError(
                _("Say in words what is wrong: signs and emoji alone cannot be searched or read out.")
            )
        return subject

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        try:
            uploads.check(data.get("files") or [])
        except ValidationError as error:
            self.add_error(None, error)
        return data
