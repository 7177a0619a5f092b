"""Forms by which a customer asks for more than an answer, and says who is kept informed."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans import choices
from plans.models import Priority
from supportdesk.accounts.models import Membership
from supportdesk.accounts.models.membership import MembershipQuerySet
from tickets.forms import BodyField, FilesField
from tickets.models import Follower, Ticket

WHEN = {"type": "datetime-local"}
WRITTEN = "%Y-%m-%dT%H:%M"


def colleagues(by: Membership) -> MembershipQuerySet:
    """Whom a customer may keep informed while filing: the other people of the organization, by name."""
    people = Membership.objects.filter(organization=by.organization, organization__isnull=False, is_active=True)
    return people.exclude(pk=by.pk).select_related("user").order_by("user__name", "pk")


class FollowersField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic at run time
    """People to keep informed, for the form that files a ticket; each is then given to ``actions.follow``."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, by: Membership, **kwargs: Any) -> None:
        given = {"label": _("People to keep informed"), "required": False} | kwargs
        super().__init__(colleagues(by), **given)


class FollowerForm(forms.Form):
    """One more person who follows: somebody of the ticket's organization who sees its project, and for staff also a
    colleague of the desk."""

    person: forms.ModelChoiceField[Membership] = forms.ModelChoiceField(
        queryset=None, label=_("Who else should be kept informed?"), empty_label=_("Choose a person")
    )

    def __init__(self, *args: Any, ticket: Ticket, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Follower.objects.filter(ticket=ticket).values("person")
        people = Membership.objects.seeing(ticket.project_id).filter(is_active=True)
        if by.is_customer_side:
            people = people.filter(organization_id=ticket.organization_id)
        people = people.exclude(pk__in=known).exclude(pk=ticket.requester_id).select_related("user", "organization")
        field = self.fields["person"]
        field.queryset = people.order_by("organization", "user__name", "pk")  # type: ignore[attr-defined]
        if by.is_staff_side:
            field.label_from_instance = _with_side  # type: ignore[attr-defined]


def _with_side(person: Membership) -> str:
    return f"{person.name}, {person.organization or person.get_role_display()}"


class PriorityRequestForm(forms.Form):
    """Which higher priority, and why."""

    priority: forms.ModelChoiceField[Priority] = forms.ModelChoiceField(
        queryset=None, label=_("Priority"), widget=forms.RadioSelect, empty_label=None
    )
    reason = forms.CharField(
        label=_("What has changed?"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Whom it affects and what it prevents you from doing. The support team decides by this."),
    )

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        higher = choices.customer_priorities().filter(rank__lt=ticket.priority.rank)
        self.fields["priority"].queryset = higher  # type: ignore[attr-defined]


class EscalationForm(forms.Form):
    reason = forms.CharField(
        label=_("What should they know?"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class CallbackForm(forms.Form):
    """A number, and when the call suits; instants are typed and shown in the reader's zone."""

    number = forms.CharField(
        label=_("Telephone number"),
        max_length=40,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
        help_text=_("With the country code, as in +49 30 901820."),
    )
    starts_at = forms.DateTimeField(
        label=_("Call me from"), required=False, widget=forms.DateTimeInput(attrs=WHEN, format=WRITTEN)
    )
    ends_at = forms.DateTimeField(
        label=_("until"), required=False, widget=forms.DateTimeInput(attrs=WHEN, format=WRITTEN)
    )


class RatingForm(forms.Form):
    """One question and a comment."""

    is_good = forms.TypedChoiceField(
        label=_("How was the outcome?"),
        choices=[("true", _("Good")), ("false", _("Not good"))],
        coerce=lambda value: value == "true",
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("Would you like to say more?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class FollowUpForm(forms.Form):
    """A follow-up ticket: what is asked of a new one and is not known from the old one."""

    submission = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    subject = forms.CharField(label=_("Subject"), max_length=200)
    body = BodyField(label=_("What is the matter now?"))
    files = FilesField(label=_("Attachments"), required=False)  # type: ignore[assignment]


class DeclineForm(forms.Form):
    body = BodyField(label=_("Message to the customer"))
