"""What the desk's lists can be narrowed by: an allow-list of filters, each with its operators and the values it takes.

What is not in these lists is refused (``tickets.selecting`` reads addresses); a value of the right form that nothing
has (any more) finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from plans.models import Category, PlanVersion, Priority
from plans.states import State
from supportdesk.accounts.models import Membership, Organization, Project, Team, TeamMember
from tickets import days
from tickets.models import Tag, TicketTag
from tickets.models.ticket import STATES_OF_WORK
from tickets.search import matching

NONE, ME, MINE, OPEN = "none", "me", "mine", "open"
"""Words that stand for no value, for the reader, for the reader's groups, and for every status but resolved."""


class Operator(StrEnum):
    IS = ""
    NOT = "not"


class Form(StrEnum):
    """How the values of a filter are given: chosen from what there is, typed as words, or as days."""

    CHOSEN = "chosen"
    WORDS = "words"
    DAYS = "days"


class ClockState(StrEnum):
    OVERDUE = "overdue"
    AT_RISK = "at-risk"
    LATER = "later"
    NOTHING = "none"


Condition = Callable[[Sequence[str], Membership, datetime], Q]


@dataclass(frozen=True, slots=True)
class Filter:
    """``reads`` says whether a value has the right form; ``condition`` is that a ticket has any of the values."""

    name: str
    label: Promise
    icon: str
    reads: Callable[[str], bool]
    condition: Condition
    operators: tuple[Operator, ...] = (Operator.IS, Operator.NOT)
    form: Form = Form.CHOSEN


def _slug(value: str) -> bool:
    return bool(value) and all(letter.isalnum() or letter in "-_." for letter in value)


def _two_slugs(value: str) -> bool:
    first, separator, second = value.partition("/")
    return value == NONE or (bool(separator) and _slug(first) and _slug(second))


def _code(value: str) -> bool:
    return 0 < len(value) <= 31 and value.isprintable()


def _person(value: str) -> bool:
    return value in (ME, NONE) or (value.isdecimal() and value.isascii() and len(value) <= 18)


def _is_days(value: str) -> bool:
    return days.read(value) is not None


def _one_of(words: Iterable[str]) -> Callable[[str], bool]:
    known = frozenset(words)
    return known.__contains__


def _statuses(values: Sequence[str], who: Membership, at: datetime) -> Q:
    states = {state for value in values for state in (STATES_OF_WORK if value == OPEN else (value,))}
    return Q(state__in=sorted(states))


def _by(column: str, rows: Callable[[], QuerySet[Any]], name: str) -> Condition:
    """Tickets whose related row is named by one of the values, NONE being no row.

    The ids are looked up first, so that the condition is about the ticket's own table alone: joined, the planner would
    begin with the other table and sort every ticket (see ``ordering.page_of``).
    """

    def condition(values: Sequence[str], who: Membership, at: datetime) -> Q:
        named = [value for value in values if value != NONE]
        ids = list(rows().filter(**{f"{name}__in": named}).values_list("pk", flat=True)) if named else []
        return _either(column, ids, is_none=len(named) < len(values))

    return condition


def _by_two(column: str, rows: Callable[[], QuerySet[Any]], outer: str, inner: str) -> Condition:
    def condition(values: Sequence[str], who: Membership, at: datetime) -> Q:
        named = Q(pk__in=())
        for value in values:
            first, _separator, second = value.partition("/")
            named |= Q((outer, first), (inner, second)) if value != NONE else Q(pk__in=())
        return _either(column, list(rows().filter(named).values_list("pk", flat=True)), is_none=NONE in values)

    return condition


def _either(column: str, ids: Sequence[int], *, is_none: bool) -> Q:
    found = Q((f"{column}__in", ids)) if ids else Q(pk__in=())
    return found | Q((f"{column}__isnull", True)) if is_none else found


def _assignees(values: Sequence[str], who: Membership, at: datetime) -> Q:
    ids = [who.pk if value == ME else int(value) for value in values if value != NONE]
    return _either("assignee", ids, is_none=NONE in values)


def _requesters(values: Sequence[str], who: Membership, at: datetime) -> Q:
    return Q(requester__in=[who.pk if value == ME else int(value) for value in values if value != NONE])


def _teams(values: Sequence[str], who: Membership, at: datetime) -> Q:
    named = Q(slug__in=values)
    if MINE in values:
        named |= Q(pk__in=list(TeamMember.objects.filter(membership=who).values_list("team", flat=True)))
    return _either("team", list(Team.objects.filter(named).values_list("pk", flat=True)), is_none=NONE in values)


def _tags(values: Sequence[str], who: Membership, at: datetime) -> Q:
    tagged = TicketTag.objects.filter(ticket=OuterRef("pk"))
    ids = list(Tag.objects.filter(slug__in=values).values_list("pk", flat=True))
    found = Q(Exists(tagged.filter(tag__in=ids))) if ids else Q(pk__in=())
    return found | Q(~Exists(tagged)) if NONE in values else found


def clock_condition(state: ClockState, at: datetime) -> Q:
    """Tickets whose most pressing clock stands so at an instant."""
    match state:
        case ClockState.OVERDUE:
            return Q(next_due_at__lt=at)
        case ClockState.AT_RISK:
            return Q(next_due_at__gte=at, next_warn_at__lte=at)
        case ClockState.LATER:
            return Q(next_due_at__gte=at) & (Q(next_warn_at__gt=at) | Q(next_warn_at__isnull=True))
        case ClockState.NOTHING:
            return Q(next_due_at__isnull=True)


def _clocks(values: Sequence[str], who: Membership, at: datetime) -> Q:
    found = Q(pk__in=())
    for value in values:
        found |= clock_condition(ClockState(value), at)
    return found


def _days(column: str, ends: Callable[..., tuple[datetime | None, datetime | None]]) -> Condition:
    def condition(values: Sequence[str], who: Membership, at: datetime) -> Q:
        found = Q(pk__in=())
        for stretch in filter(None, map(days.read, values)):
            first, last = ends(stretch, at, who.user.zoneinfo)
            inside = Q((f"{column}__gte", first)) if first else Q((f"{column}__isnull", False))
            found |= inside & Q((f"{column}__lt", last)) if last else inside
        return found

    return condition


def _words(values: Sequence[str], who: Membership, at: datetime) -> Q:
    return Q(pk__in=matching(" ".join(values), who=who))


FILTERS: dict[str, Filter] = {
    each.name: each
    for each in (
        Filter("status", _("Status"), "state-progress", _one_of([OPEN, *State]), _statuses),
        Filter("priority", _("Priority"), "arrow-up", _code, _by("priority", Priority.objects.all, "code")),
        Filter("severity", _("Severity"), "warning", _code, _by("severity", Priority.objects.all, "code")),
        Filter("clock", _("Clock"), "clock", _one_of(ClockState), _clocks),
        Filter("assignee", _("Assignee"), "user", _person, _assignees),
        Filter("team", _("Group"), "users", _slug, _teams),
        Filter("organization", _("Customer"), "building", _slug, _by("organization", Organization.objects.all, "slug")),
        Filter(
            "project",
            _("Project"),
            "folder",
            _two_slugs,
            _by_two("project", Project.objects.all, "organization__slug", "slug"),
        ),
        Filter("requester", _("Requester"), "mail", _person, _requesters),
        Filter(
            "plan",
            _("Plan"),
            "contract",
            _two_slugs,
            _by_two("plan_version", PlanVersion.objects.all, "plan__offering__slug", "plan__slug"),
        ),
        Filter("category", _("Category"), "inbox", _slug, _by("category", Category.objects.all, "slug")),
        Filter("tag", _("Tag"), "tag", _slug, _tags),
        Filter("received", _("Received"), "calendar", _is_days, _days("received_at", days.before), form=Form.DAYS),
        Filter("updated", _("Updated"), "calendar", _is_days, _days("updated_at", days.before), form=Form.DAYS),
        Filter("resolved", _("Resolved"), "calendar", _is_days, _days("resolved_at", days.before), form=Form.DAYS),
        Filter("due", _("Due"), "calendar", _is_days, _days("next_due_at", days.ahead), form=Form.DAYS),
        Filter("q", _("Words"), "search", lambda value: bool(value.strip()), _words, (Operator.IS,), Form.WORDS),
    )
}
