"""Forms about tickets. What a customer may choose comes from their projects and their vendor's contract."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from plans import choices
from plans.models import Category, Priority
from plans.states import State
from supportdesk.accounts.models import EnvironmentKind, Membership, Project
from tickets import transitions
from tickets.fields import category_fields
from tickets.models import Ticket

LONGEST_BODY = 200_000


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; cleaned to a list."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        return [file for file in (data or []) if file]


class BodyField(forms.CharField):
    """Markdown text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": 6}), max_length=LONGEST_BODY, **kwargs)


class NewTicketForm(forms.Form):
    """Filing a ticket, in the order of Platform.sh's "Open a Support Ticket"; categories as in OroCloud's portal."""

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    project: forms.ModelChoiceField[Project] = forms.ModelChoiceField(
        queryset=None, label=_("Project"), empty_label=None
    )
    category: forms.ModelChoiceField[Category] = forms.ModelChoiceField(
        queryset=None, label=_("Category"), empty_label=_("Choose one")
    )
    environment = forms.ChoiceField(label=_("Environment"), choices=EnvironmentKind.choices)
    subject = forms.CharField(label=_("Subject"), max_length=200, help_text=_("A short summary of the issue."))
    url = forms.URLField(
        label=_("Address of the problem"),
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text=_("Optional: a URL where we can observe or reproduce it."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
    )
    body = BodyField(
        label=_("Description"),
        help_text=_("Include the steps to reproduce the problem, and the full output of errors and logs."),
    )
    files = FilesField(label=_("Attachments"), required=False)  # type: ignore[assignment]
    is_shared = forms.BooleanField(label=_("Share with my organization"), required=False)
    priority: forms.ModelChoiceField[Priority] = forms.ModelChoiceField(
        queryset=None, label=_("Priority"), widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        projects = Project.objects.open_to(by).filter(is_active=True).select_related("organization").order_by("name")
        if by.is_customer_side:
            assert by.organization is not None
            self.fields["is_shared"].initial = by.organization.shares_by_default
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]
        self.fields["category"].queryset = Category.objects.offered()  # type: ignore[attr-defined]
        self.fields["priority"].queryset = choices.customer_priorities()  # type: ignore[attr-defined]
        if not Category.objects.offered().exists():
            del self.fields["category"]
        self.chosen_category = self._chosen_category()
        questions = category_fields(self.chosen_category) if self.chosen_category else {}
        self.fields.update(questions)
        self.extra_names = list(questions)

    def _chosen_category(self) -> Category | None:
        """The category whose own questions the form asks: the one sent, else the one it begins with."""
        chosen = str(self.data.get("category") or self.initial.get("category") or "")
        if "category" not in self.fields or not chosen.isdecimal() or len(chosen) > 18:
            return None
        return Category.objects.offered().filter(pk=int(chosen)).first()

    @property
    def extra_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.extra_names]

    def answers(self) -> dict[str, Any]:
        """What was said in the category's own fields, by their names in the contract."""
        return {name.removeprefix("field_"): self.cleaned_data[name] for name in self.extra_names}


class AgentTicketForm(NewTicketForm):
    """An agent files for a customer, and says when the customer made contact: clocks run from there."""

    requester: forms.ModelChoiceField[Membership] = forms.ModelChoiceField(
        queryset=None, label=_("Customer"), empty_label=_("Choose one")
    )
    contact_at = forms.DateTimeField(
        label=_("When did the customer make contact?"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Promises are counted from this instant."),
    )

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, by=by, **kwargs)
        people = Membership.objects.filter(organization__isnull=False, is_active=True).select_related(
            "user", "organization"
        )
        field = self.fields["requester"]
        field.queryset = people.order_by("organization__name", "user__name")  # type: ignore[attr-defined]
        field.label_from_instance = lambda person: f"{person.name}, {person.organization}"  # type: ignore[attr-defined]
        project = self.fields["project"]
        project.label_from_instance = lambda each: f"{each.organization}: {each.name}"  # type: ignore[attr-defined]


class ReplyForm(forms.Form):
    body = BodyField(label=_("Reply"))
    files = FilesField(label=_("Attachments"), required=False)  # type: ignore[assignment]


class AgentReplyForm(ReplyForm):
    """A reply with what may follow it in the same save."""

    then_state = forms.TypedChoiceField(label=_("Then"), required=False, coerce=State, empty_value=None)
    next_update_at = forms.DateTimeField(
        label=_("Next update at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, ticket: Ticket, labels: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = transitions.next_states(State(ticket.state))
        choices = [("", _("Leave the status"))] + [(state.value, labels[state.value]) for state in states]
        self.fields["then_state"].choices = choices  # type: ignore[attr-defined]
