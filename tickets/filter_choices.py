"""What a filter's values are called, and which there are to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plans.models import Category, Plan, Priority, PriorityScheme
from plans.states import State
from supportdesk.accounts.models import Membership, Organization, Project, Team
from tickets import days
from tickets.filters import FILTERS, ME, MINE, NONE, OPEN, ClockState, Form
from tickets.models import Tag
from tickets.selecting import Piece

MOST_CHOICES = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """A value as an address writes it, and in words."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Choices:
    """``is_searched``: there may be more than are listed, so they are found by typing."""

    listed: list[Choice]
    is_searched: bool = False


CLOCKS: dict[ClockState, Promise] = {
    ClockState.OVERDUE: gettext_lazy("Overdue"),
    ClockState.AT_RISK: gettext_lazy("Due soon"),
    ClockState.LATER: gettext_lazy("Due later"),
    ClockState.NOTHING: gettext_lazy("Nothing due"),
}

Rows = Callable[[Q], Sequence[tuple[str, str]]]


def _priorities(kind: PriorityScheme.Kind) -> Sequence[Choice]:
    rows = Priority.objects.current().of_kind(kind).values_list("code", "name")
    return [Choice(code, code if code == name else f"{code}: {name}") for code, name in rows]


def _severities() -> list[Choice]:
    own = _priorities(PriorityScheme.Kind.SEVERITY) or _priorities(PriorityScheme.Kind.PRIORITY)
    return [*own, Choice(NONE, _("None yet"))]


def _organizations(named: Q) -> list[Choice]:
    rows = Organization.objects.filter(named).order_by("name", "pk").values_list("slug", "name")
    return [Choice(*row) for row in rows[:MOST_CHOICES]]


def _projects(named: Q) -> list[Choice]:
    rows = Project.objects.filter(named).order_by("organization__name", "name", "pk")
    found = rows.values_list("organization__slug", "slug", "organization__name", "name")[:MOST_CHOICES]
    return [Choice(f"{owner}/{slug}", f"{owner_name}: {name}") for owner, slug, owner_name, name in found]


def _plans() -> list[Choice]:
    rows = list(
        Plan.objects.order_by("-rank", "offering__position", "pk").values_list(
            "offering__slug", "slug", "name", "offering__name"
        )
    )
    names = [name for _offering, _slug, name, _offered in rows]
    plans = [
        Choice(f"{offering}/{slug}", f"{name}, {offered}" if names.count(name) > 1 else name)
        for offering, slug, name, offered in rows
    ]
    return [*plans, Choice(NONE, _("Without a plan"))]


def _people(rows: Any) -> list[Choice]:
    return [Choice(str(pk), name) for pk, name in rows.order_by("user__name", "pk").values_list("pk", "user__name")]


def _assignees() -> list[Choice]:
    return [Choice(ME, _("Me")), Choice(NONE, _("Nobody")), *_people(Membership.objects.staff())]


def _teams() -> list[Choice]:
    rows = [Choice(*row) for row in Team.objects.order_by("name").values_list("slug", "name")]
    return [Choice(MINE, _("My teams")), Choice(NONE, _("No group")), *rows]


def _tags(named: Q) -> list[Choice]:
    rows = [Choice(*row) for row in Tag.objects.filter(named).by_name().values_list("slug", "name")[:MOST_CHOICES]]
    return [*rows, Choice(NONE, _("Without tags"))]


def _categories() -> list[Choice]:
    rows = Category.objects.order_by("retired_at", "position").values_list("slug", "name")
    return [*(Choice(*row) for row in rows), Choice(NONE, _("No category"))]


def choices_of(name: str, labels: dict[str, str], *, find: str = "") -> Choices:
    """What a filter can be set to, in the vendor's words; ``find`` narrows those of which there are many."""
    if FILTERS[name].form is Form.DAYS:
        return Choices([Choice(each, day_words(name, each)) for each in days.PRESETS])
    match name:
        case "status":
            states = [Choice(state.value, labels[state.value]) for state in State]
            return Choices([Choice(OPEN, _("Open")), *states])
        case "priority":
            return Choices(list(_priorities(PriorityScheme.Kind.PRIORITY)))
        case "severity":
            return Choices(_severities())
        case "clock":
            return Choices([Choice(state.value, str(text)) for state, text in CLOCKS.items()])
        case "assignee":
            return Choices(_assignees())
        case "team":
            return Choices(_teams())
        case "plan":
            return Choices(_plans())
        case "category":
            return Choices(_categories())
    return Choices(_found(name, find.strip()), is_searched=True)


def _found(name: str, find: str) -> list[Choice]:
    if name == "organization":
        return _organizations(Q(name__icontains=find))
    if name == "project":
        return _projects(Q(name__icontains=find) | Q(organization__name__icontains=find))
    if name == "tag":
        return _tags(Q(name__icontains=find))
    people = Membership.objects.filter(user__name__icontains=find, organization__isnull=False)
    return _people(people)[:MOST_CHOICES]


def day_words(name: str, written: str) -> str:
    """A stretch of days in words; ``due`` looks ahead."""
    stretch = days.read(written)
    return days.words(stretch, is_ahead=name == "due") if stretch is not None else written


def words_of(piece: Piece, labels: dict[str, str]) -> list[str]:
    """The chosen values as people call them; what is gone by the name that the address has for it. At most one
    query."""
    values = list(piece.values)
    if piece.filter.form is Form.DAYS:
        return [day_words(piece.filter.name, value) for value in values]
    match piece.filter.name:
        case "q":
            return [f"“{value}”" for value in values]
        case "priority":
            return values
        case "severity":
            return [_("none yet") if value == NONE else value for value in values]
        case "organization":
            return _named(values, dict(Organization.objects.filter(slug__in=values).values_list("slug", "name")))
        case "project":
            slugs = [value.partition("/")[2] for value in values]
            projects = Project.objects.filter(slug__in=slugs).values_list("organization__slug", "slug", "name")
            return _named(values, {f"{owner}/{slug}": name for owner, slug, name in projects})
        case "tag":
            known = dict(Tag.objects.filter(slug__in=values).values_list("slug", "name"))
            return _named(values, known | {NONE: _("none")})
        case "assignee" | "requester":
            ids = [int(value) for value in values if value not in (ME, NONE)]
            people = Membership.objects.filter(pk__in=ids).values_list("pk", "user__name")
            return _named(values, {str(pk): name for pk, name in people} | {ME: _("me"), NONE: _("nobody")})
    listed = choices_of(piece.filter.name, labels).listed
    return _named(values, {choice.value: choice.text for choice in listed})


def _named(values: Sequence[str], known: dict[str, str]) -> list[str]:
    return [known.get(value, value) for value in values]
