"""Forms about customers and what they have bought."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from plans.contract.entitlements import AllowanceSection
from plans.models import Plan
from supportdesk.accounts.models import EnvironmentKind, Project


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class PlanField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """The plans that are sold, the best of each offering first."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=None, label=_("Plan"), **kwargs)

    def offer(self, plans: Iterable[Plan]) -> None:
        self.queryset = Plan.objects.filter(pk__in=[each.pk for each in plans])
        empty = [] if self.required else [("", _("None yet"))]
        self.choices = empty + [(each.pk, f"{each.offering.name}: {each.name}") for each in plans]


def plans_sold() -> list[Plan]:
    """What a project can be subscribed to. One query."""
    sold = Plan.objects.filter(retired_at=None).select_related("offering")
    return list(sold.order_by("offering__name", "-rank", "name"))


class SubscriptionForm(forms.Form):
    """Which plan a project has, and on which days."""

    plan = PlanField()
    starts_on = forms.DateField(label=_("First day"), widget=DayInput())
    last_day = forms.DateField(label=_("Last day"), widget=DayInput(), required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["plan"].offer(plans_sold())  # type: ignore[attr-defined]
        self.fields["starts_on"].initial = today

    def clean(self) -> dict[str, Any]:
        """``ends_on`` is the first day without the plan."""
        data: dict[str, Any] = super().clean() or {}
        starts_on, last_day = data.get("starts_on"), data.get("last_day")
        if starts_on and last_day and last_day < starts_on:
            raise ValidationError({"last_day": _("This is before the first day.")})
        data["ends_on"] = last_day + timedelta(days=1) if last_day else None
        return data


class EndForm(forms.Form):
    """Until when a subscription runs."""

    last_day = forms.DateField(
        label=_("Last day"), widget=DayInput(), required=False, help_text=_("Empty: it runs on.")
    )

    @property
    def ends_on(self) -> date | None:
        last_day: date | None = self.cleaned_data["last_day"]
        return last_day + timedelta(days=1) if last_day else None


class CustomerForm(SubscriptionForm):
    """A new customer with the first project and what is bought for it."""

    name = forms.CharField(label=_("Name of the organization"), max_length=200)
    project = forms.CharField(
        label=_("First project"), max_length=200, help_text=_("What support is bought for: a site, a shop, a system.")
    )
    plan = PlanField(required=False, help_text=_("Without a plan no ticket can be filed yet."))
    field_order = ("name", "project", "plan", "starts_on", "last_day")


class ProjectForm(forms.Form):
    """A project of a customer."""

    name = forms.CharField(label=_("Name"), max_length=200)


class ProjectDetailsForm(ProjectForm):
    """A project with where its environments are found."""

    def __init__(self, *args: Any, of: Project, addresses: dict[str, str], **kwargs: Any) -> None:
        kwargs["initial"] = {"name": of.name, **addresses}
        super().__init__(*args, **kwargs)
        for kind in EnvironmentKind:
            self.fields[kind.value] = forms.URLField(
                label=_("Address of %(environment)s") % {"environment": kind.label.lower()},
                required=False,
                max_length=200,
                assume_scheme="https",
                widget=forms.TextInput(attrs={"inputmode": "url", "autocapitalize": "none", "spellcheck": "false"}),
            )

    @property
    def addresses(self) -> dict[EnvironmentKind, str]:
        return {kind: self.cleaned_data[kind.value] for kind in EnvironmentKind}


class HoursForm(forms.Form):
    """How many hours of each of a plan's allowances were ordered, a period."""

    def __init__(
        self, *args: Any, allowances: Iterable[AllowanceSection], ordered: dict[str, int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for each in allowances:
            name, initial = _("%(name)s ordered (hours)") % {"name": each.name}, ordered.get(each.slug)
            self.fields[each.slug] = (
                forms.TypedChoiceField(
                    label=name,
                    choices=[("", _("Not written down"))] + [(str(hours), str(hours)) for hours in each.hours],
                    coerce=int,
                    empty_value=None,
                    required=False,
                    initial=initial,
                )
                if each.hours
                else forms.IntegerField(label=name, min_value=1, max_value=10_000, required=False, initial=initial)
            )
