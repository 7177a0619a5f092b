"""Forms about people."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from supportdesk.accounts.actions import may_invite
from supportdesk.accounts.models import Membership, Organization, Project, Role, User
from supportdesk.accounts.models.api_token import TokenScope
from supportdesk.accounts.models.membership import STAFF_ROLES


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = User
        fields = ("name", "zone")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
        self.fields["zone"].choices = [(zone, zone.replace("_", " ")) for zone in ["UTC", *zones]]  # type: ignore[attr-defined]


class InvitationForm(forms.Form):
    """Offers only the roles and organizations that ``by`` may invite into."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.ChoiceField(label=_("Role"))
    organization: forms.ModelChoiceField[Organization] = forms.ModelChoiceField(
        queryset=None, label=_("Organization"), required=False
    )
    tier = forms.TypedChoiceField(
        label=_("Tier"), required=False, coerce=int, empty_value=None, choices=[("", "—"), (1, "1"), (2, "2"), (3, "3")]
    )

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organizations = Organization.objects.order_by("name")
        if by.is_customer_side:
            organizations = organizations.filter(people=by)
        self.fields["organization"].queryset = organizations  # type: ignore[attr-defined]
        probe = organizations.first()
        self.roles = [role for role in Role if may_invite(by, role, None if role in STAFF_ROLES else probe)]
        self.fields["role"].choices = [(role.value, role.label) for role in self.roles]  # type: ignore[attr-defined]
        if by.is_customer_side:
            self.fields["organization"].initial = by.organization_id
            self.fields["organization"].required = True
            del self.fields["tier"]

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(label=_("What is it for?"), max_length=100)
    scopes = forms.TypedMultipleChoiceField(
        label=_("It may"), choices=TokenScope.choices, coerce=TokenScope, widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("a year"))],
        initial=90,
    )


class JoinForm(forms.Form):
    """A newcomer's name and password; nothing for somebody who has an account."""

    name = forms.CharField(label=_("Your name"), max_length=150)
    password = forms.CharField(
        label=_("Choose a password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, needs_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_account:
            self.fields.clear()

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class ProjectsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Which of an organization's active projects a contact sees, beside those they see already; none chosen: all."""

    def __init__(self, organization: Organization, *, seen: Collection[int] = (), **kwargs: Any) -> None:
        super().__init__(
            queryset=Project.objects.filter(Q(is_active=True) | Q(pk__in=seen), organization=organization).order_by(
                "name"
            ),
            label=_("Projects they see"),
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=_("None chosen: all, also those that come later. Managers see all."),
            **kwargs,
        )


ROLES = [
    (Role.CUSTOMER.value, _("Contact: files tickets, sees their own and the shared ones")),
    (Role.MANAGER.value, _("Manager: sees every ticket of the organization, and runs these pages")),
]


class OrganizationInvitationForm(forms.Form):
    """Inviting somebody into one organization."""

    email = forms.EmailField(label=_("E-mail address"))
    role = forms.TypedChoiceField(
        label=_("Role"), choices=ROLES, coerce=Role, initial=Role.CUSTOMER.value, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, organization: Organization, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.TypedChoiceField)
        role.choices = [choice for choice in ROLES if may_invite(by, Role(choice[0]), organization)]
        projects = ProjectsField(organization)
        if projects.queryset is not None and projects.queryset[1:2].exists():
            self.fields["projects"] = projects


class PersonForm(forms.Form):
    """What somebody of an organization may do and see."""

    role = forms.TypedChoiceField(label=_("Role"), choices=ROLES, coerce=Role, widget=forms.RadioSelect)

    def __init__(self, *args: Any, of: Membership, **kwargs: Any) -> None:
        seen = list(of.projects.values_list("project_id", flat=True))
        kwargs["initial"] = {"role": of.role, "projects": seen}
        super().__init__(*args, **kwargs)
        assert of.organization is not None
        self.fields["projects"] = ProjectsField(of.organization, seen=seen)
