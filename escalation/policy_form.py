"""The form in which an admin writes a policy: its conditions, and a row for each step.

The form and the section of the contract say the same: ``initial_of`` and ``section_of`` are each other's inverse, and
the contract's own reader has the last word on what is right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from escalation import policies
from plans.contract import Contract
from plans.contract.amounts import write_duration
from plans.contract.paging import CHANNELS, OF_CLOCKS, TIMED, PolicySection, StepSection
from sla.models import METRICS

VERBS = [
    ("notify", _("Tell people")),
    ("wait", _("Wait")),
    ("hold", _("Hold until the desk is open")),
    ("post", _("Open an incident")),
    ("assign", _("Assign the ticket")),
    ("team", _("Move to a group")),
    ("severity", _("Raise the severity")),
    ("repeat_from", _("Repeat")),
]
CHANNEL_NAMES = [("inbox", _("Inbox")), ("email", _("E-mail")), ("sms", _("Text")), ("voice", _("Call"))]
assert tuple(name for name, _label in CHANNEL_NAMES) == CHANNELS
MOST_STEPS = 30
Choices = Sequence[tuple[str, Any]]


@dataclass(frozen=True, slots=True)
class Offered:
    """What the vendor has that a policy can name."""

    whom: Choices
    calendars: Choices
    teams: Choices
    priorities: Choices
    severities: Choices
    plans: Choices
    categories: Choices
    services: Choices


def offered(contract: Contract, *, rotas: Iterable[tuple[str, str]], people: Iterable[tuple[str, str]],
            services: Iterable[str], policy: PolicySection | None) -> Offered:  # fmt: skip
    """Of the contract, the rotas (slug, name), people (address, name) and services that there are; and whatever the
    policy names already, there or not."""
    whom: dict[str, Any] = {}
    for slug, name in rotas:
        for place in (1, 2, 3):
            key = f"rota:{slug}" if place == 1 else f"rota:{slug}/{place}"
            whom[key] = _("%(rota)s: number %(place)s on call") % {"rota": name, "place": place}
    whom |= {"assignee": _("The assignee"), "team": _("The ticket’s group"), "leads": _("The leads")}
    if contract.escalation is not None and contract.escalation.director is not None:
        whom["director"] = contract.escalation.director.title
    whom["success-engineer"] = _("The success engineer")
    whom |= {f"team:{slug}": _("Everybody in %(team)s") % {"team": team.name} for slug, team in contract.teams.items()}
    whom |= {f"person:{address}": name for address, name in people}
    steps = policy.steps if policy is not None else []
    named = [*(policy.fallback if policy is not None else ()), *(each for step in steps for each in step.notify)]
    posted = [step.post for step in steps if step.post]
    return Offered(
        whom=[*whom.items(), *((name, name) for name in dict.fromkeys(named) if name not in whom)],
        calendars=[(slug, section.name) for slug, section in contract.calendars.items()],
        teams=[(slug, section.name) for slug, section in contract.teams.items()],
        priorities=[(each.code, each.code) for each in contract.priorities],
        severities=[(code, code) for code in contract.severity_codes()],
        plans=[(plan.slug, plan.name) for plan in contract.plans],
        categories=[(each.slug, each.name) for each in contract.categories],
        services=[(name, name) for name in dict.fromkeys([*services, *posted])],
    )


class PolicyForm(forms.Form):
    """Everything of a policy but its steps."""

    name = forms.CharField(label=_("Name"), max_length=100)
    about = forms.CharField(label=_("What it is for"), max_length=300, required=False)
    when = forms.MultipleChoiceField(
        label=_("What opens a page"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    pages = forms.BooleanField(label=_("Only priorities that wake people"), required=False)
    priorities = forms.MultipleChoiceField(label=_("Priority"), required=False, widget=forms.CheckboxSelectMultiple)
    severities = forms.MultipleChoiceField(label=_("Severity"), required=False, widget=forms.CheckboxSelectMultiple)
    plans = forms.MultipleChoiceField(label=_("Plan"), required=False, widget=forms.CheckboxSelectMultiple)
    teams = forms.MultipleChoiceField(label=_("Group"), required=False, widget=forms.CheckboxSelectMultiple)
    categories = forms.MultipleChoiceField(label=_("Category"), required=False, widget=forms.CheckboxSelectMultiple)
    hours = forms.ChoiceField(
        label=_("At what hours"),
        required=False,
        choices=[("", _("At any hour")), ("open", _("While it is open:")), ("closed", _("While it is closed:"))],
    )
    calendar = forms.ChoiceField(label=_("Calendar"), required=False)
    until = forms.ChoiceField(
        label=_("It is over when"),
        choices=[
            ("resolved", _("the ticket is resolved")),
            ("answered", _("the customer has an answer")),
            ("assigned", _("somebody has the ticket")),
        ],
    )
    acknowledged_for = forms.IntegerField(
        label=_("An acknowledgement holds for, in minutes"),
        min_value=1,
        max_value=60 * 24 * 14,
        required=False,
        help_text=_("Then the steps begin again. Empty: until it is over."),
    )
    override = forms.BooleanField(
        label=_("Wake people in their quiet hours too"),
        required=False,
        help_text=_("The most urgent priority always does."),
    )
    fallback = forms.MultipleChoiceField(
        label=_("If nobody was reached, tell"), widget=forms.CheckboxSelectMultiple, initial=["leads"]
    )

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = policies.trigger_names()
        for trigger in TIMED:
            self.fields[f"after_{trigger}"] = forms.IntegerField(
                label=_("Minutes"),
                required=False,
                min_value=1,
                max_value=60 * 24 * 30,
                widget=forms.NumberInput(attrs={"class": "input"}),
            )
        for trigger in OF_CLOCKS:
            self.fields[f"of_{trigger}"] = forms.MultipleChoiceField(
                label=_("Of which clocks"), required=False, widget=forms.CheckboxSelectMultiple, choices=METRICS
            )
            self.fields[f"audience_{trigger}"] = forms.ChoiceField(
                label=_("Promised to"),
                required=False,
                widget=forms.Select(attrs={"class": "input"}),
                choices=[("", _("anybody")), ("contract", _("customers")), ("internal", _("ourselves"))],
            )
        for field, choices in (
            ("when", [(name, text) for name, text in names.items()]),
            ("priorities", offered.priorities),
            ("severities", offered.severities),
            ("plans", offered.plans),
            ("teams", offered.teams),
            ("categories", offered.categories),
            ("calendar", offered.calendars),
            ("fallback", offered.whom),
        ):
            self.fields[field].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A patience needs its minutes."""
        data = super().clean() or {}
        for trigger in ("unassigned", "unacknowledged"):
            if trigger in data.get("when", ()) and not data.get(f"after_{trigger}"):
                self.add_error(f"after_{trigger}", _("For how many minutes?"))
        return data


class StepForm(forms.Form):
    """One step; what does not belong to its verb is not looked at."""

    verb = forms.ChoiceField(label=_("Step"), choices=VERBS)
    notify = forms.MultipleChoiceField(label=_("Whom"), required=False, widget=forms.CheckboxSelectMultiple)
    by = forms.MultipleChoiceField(
        label=_("By"), required=False, choices=CHANNEL_NAMES, widget=forms.CheckboxSelectMultiple
    )
    minutes = forms.IntegerField(label=_("Minutes"), required=False, min_value=1, max_value=60 * 24 * 14)
    in_hours = forms.ChoiceField(label=_("Of"), required=False)
    hold = forms.ChoiceField(label=_("Calendar"), required=False)
    assign = forms.ChoiceField(label=_("To"), required=False)
    team = forms.ChoiceField(label=_("Group"), required=False)
    severity = forms.ChoiceField(label=_("At least"), required=False)
    post = forms.ChoiceField(label=_("In"), required=False)
    repeat_from = forms.IntegerField(label=_("From step"), required=False, min_value=1, max_value=MOST_STEPS)
    times = forms.IntegerField(label=_("More times"), required=False, min_value=1, max_value=20)

    def __init__(self, *args: Any, offered: Offered, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, choices in (
            ("notify", offered.whom),
            ("in_hours", [("", _("clock time")), *((slug, name) for slug, name in offered.calendars)]),
            ("hold", offered.calendars),
            ("assign", [("nobody", _("nobody")), *offered.whom]),
            ("team", offered.teams),
            ("severity", offered.severities),
            ("post", offered.services or [("", _("no service is set up"))]),
        ):
            self.fields[field].choices = choices  # type: ignore[attr-defined]
        for each in self.fields.values():
            if not isinstance(each, forms.MultipleChoiceField):
                each.widget.attrs["class"] = "input"

    def clean(self) -> dict[str, Any]:
        """What the verb needs."""
        data = super().clean() or {}
        needed = {"wait": "minutes", "notify": "notify", "post": "post", "repeat_from": "repeat_from"}
        field = needed.get(data.get("verb", ""))
        if field is not None and field not in self.errors and not data.get(field):
            self.add_error(field, _("Needed for this step."))
        return data


def initial_of(policy: PolicySection) -> dict[str, Any]:
    """The form's values for a policy of the contract."""
    only = policy.only
    values: dict[str, Any] = {
        "name": policy.name,
        "about": policy.about or "",
        "when": [each.trigger for each in policy.when],
        "pages": only.pages,
        **{name: getattr(only, name) for name in ("priorities", "severities", "plans", "teams", "categories")},
        "hours": ("open" if only.hours.open else "closed") if only.hours else "",
        "calendar": (only.hours.open or only.hours.closed) if only.hours else "",
        "until": policy.until,
        "acknowledged_for": _minutes(policy.acknowledged_for),
        "override": policy.quiet_hours == "override",
        "fallback": policy.fallback,
    }
    for each in policy.when:
        values[f"after_{each.trigger}"] = _minutes(each.after)
        values[f"of_{each.trigger}"] = each.of
        values[f"audience_{each.trigger}"] = each.audience or ""
    return values


def step_initial_of(step: StepSection) -> dict[str, Any]:
    """The row's values for a step of the contract."""
    return {
        "verb": step.verb,
        "notify": step.notify,
        "by": step.by or (list(policies.DEFAULT_CHANNELS) if step.notify else []),
        "minutes": _minutes(step.wait),
        "in_hours": step.in_hours or "",
        "hold": step.hold or "",
        "assign": step.assign or "",
        "team": step.team or "",
        "severity": step.severity or "",
        "post": step.post or "",
        "repeat_from": step.repeat_from,
        "times": step.times,
    }


def section_of(
    data: Mapping[str, Any], steps: Sequence[Mapping[str, Any]], *, kept: PolicySection | None
) -> dict[str, Any]:
    """The section that valid forms say; what no form shows (slug, source, whether it is on) is kept of ``kept``."""
    only: dict[str, Any] = {name: data[name] for name in ("priorities", "severities", "plans", "teams", "categories")}
    if data["pages"]:
        only["pages"] = True
    if data["hours"]:
        only["hours"] = {data["hours"]: data["calendar"]}
    section: dict[str, Any] = {
        "slug": kept.slug if kept is not None else slugify(data["name"])[:60].strip("-") or "policy",
        "name": data["name"],
        "when": [_trigger(data, each) for each in data["when"]],
        "only": {key: value for key, value in only.items() if value},
        "steps": [_step(step) for step in steps],
        "until": data["until"],
        "quiet_hours": "override" if data["override"] else "respect",
        "fallback": data["fallback"],
    }
    if data["about"]:
        section["about"] = data["about"]
    if data["acknowledged_for"]:
        section["acknowledged_for"] = _written(data["acknowledged_for"])
    if kept is not None and kept.source:
        section["source"] = kept.source
    if kept is not None and not kept.enabled:
        section["enabled"] = False
    return section


def _trigger(data: Mapping[str, Any], trigger: str) -> dict[str, Any]:
    said: dict[str, Any] = {"trigger": trigger}
    if data.get(f"after_{trigger}"):
        said["after"] = _written(data[f"after_{trigger}"])
    if data.get(f"of_{trigger}"):
        said["of"] = data[f"of_{trigger}"]
    if data.get(f"audience_{trigger}"):
        said["audience"] = data[f"audience_{trigger}"]
    return said


def _step(data: Mapping[str, Any]) -> dict[str, Any]:
    match data["verb"]:
        case "notify":
            return {"notify": data["notify"], "by": data["by"] or list(policies.DEFAULT_CHANNELS)}
        case "wait":
            hours = {"in_hours": data["in_hours"]} if data["in_hours"] else {}
            return {"wait": _written(data["minutes"]), **hours}
        case "repeat_from":
            return {"repeat_from": data["repeat_from"], "times": data["times"] or 1}
    return {data["verb"]: data[data["verb"]]}


def _minutes(length: timedelta | None) -> int | None:
    return None if length is None else round(length / timedelta(minutes=1))


def _written(minutes: int) -> str:
    return write_duration(timedelta(minutes=minutes))
