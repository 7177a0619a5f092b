"""Forms of assignment rules and skills."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from escalation.actions.assignment import checked_skills
from escalation.models import AssignmentRule, Method
from supportdesk.accounts.models import Membership, Team


class SkillsField(forms.CharField):
    """Words with commas between them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=900, widget=forms.TextInput(attrs={"list": "skills"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return checked_skills(super().clean(value).split(","))


class RuleForm(forms.Form):
    """A team's rule."""

    method = forms.TypedChoiceField(label=_("New tickets go to"), choices=Method.choices, coerce=Method)
    only_on_shift = forms.BooleanField(label=_("Only people on shift"), required=False)
    minimum_tier = forms.TypedChoiceField(
        label=_("Tier"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", _("any")), (1, _("1 or higher")), (2, _("2 or higher")), (3, _("3"))],
    )
    skills = SkillsField(label=_("Skills, all of them"))

    def __init__(self, data: Any = None, *, team: Team, rule: AssignmentRule | None = None) -> None:
        self.team = team
        initial = {
            "method": rule.method if rule else Method.NONE,
            "only_on_shift": bool(rule and rule.only_on_shift),
            "minimum_tier": rule.minimum_tier if rule else None,
            "skills": rule.skills if rule else [],
        }
        super().__init__(data, initial=initial, prefix=f"team-{team.pk}")


class SkillsForm(forms.Form):
    """What somebody is good at."""

    skills = SkillsField(label=_("Skills"))

    def __init__(self, data: Any = None, *, person: Membership) -> None:
        self.person = person
        super().__init__(data, initial={"skills": person.skills}, prefix=f"person-{person.pk}")
        self.fields["skills"].label = _("Skills of %(name)s") % {"name": person.name}
