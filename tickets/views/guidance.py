"""Choosing a priority: the contract's definitions and criteria, and what each choice promises now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from plans.models import PlanVersion, Priority
from plans.terms import terms_of
from sla import promises
from sla.promises import Promise
from sla.targets import Audience, Metric


@dataclass(frozen=True, slots=True)
class Stated:
    """A promise in words for the reader: ``by`` is its due instant as one says it ("14:20 today"), empty where nothing
    is due; ``text`` the contract's own words."""

    metric: Metric
    text: str
    by: str
    due_at: datetime | None
    is_best_effort: bool


@dataclass(frozen=True, slots=True)
class Criteria:
    """When a priority applies in one environment (``place`` is empty where it holds in any)."""

    place: str
    text: str
    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One priority to choose. ``is_unpromised`` where the plan promises something for others and nothing for this;
    ``is_open`` where the definition cannot be read without the criteria ("one of these criteria", Platform.sh)."""

    priority: Priority
    summary: str
    definition: str
    criteria: tuple[Criteria, ...]
    stated: tuple[Stated, ...]
    updates: str
    is_unpromised: bool
    is_open: bool
    is_recommended: bool = False
    difference: str = ""


def cards(
    priorities: Iterable[Priority], version: PlanVersion | None, *, at: datetime, recommended: str = ""
) -> list[Card]:
    """A card for each priority, in the order given, with what ``version`` promises of a ticket filed at ``at``; and
    what choosing another than the ``recommended`` one would change.

    A plan without public promises (Drud's table is internal) has cards that say nothing of time.
    """
    promised = promises.by_priority(version, at=at) if version else {}
    updates = _updates(version) if version else {}
    made = [_card(each, promised, updates, at) for each in priorities]
    best = next((each for each in made if each.priority.code == recommended), None)
    if best is None:
        return made
    return [
        replace(each, is_recommended=True) if each is best else replace(each, difference=_difference(each, best))
        for each in made
    ]


def spoken(due: datetime, at: datetime) -> str:
    """An instant as one says it at ``at``, in the active zone: 14:20 today, 09:00 tomorrow, 17:00 on Mon 2 March."""
    local, today = timezone.localtime(due), timezone.localtime(at).date()
    time = formats.date_format(local, pgettext("date format", "H:i"))
    if local.date() == today:
        return _("%(time)s today") % {"time": time}
    if local.date() == today + timedelta(days=1):
        return _("%(time)s tomorrow") % {"time": time}
    day = formats.date_format(local, pgettext("date format", "D j F"))
    return _("%(time)s on %(day)s") % {"time": time, "day": day}


def first_sentence(text: str) -> str:
    """The first sentence of a definition, which is what a card shows before it is opened."""
    end = text.find(". ")
    return text if end < 0 else text[: end + 1]


def _card(
    priority: Priority, promised: Mapping[str, Sequence[Promise]], updates: Mapping[str, str], at: datetime
) -> Card:
    summary = first_sentence(priority.definition)
    criteria = tuple(group for each in priority.criteria if (group := _criteria(each)).text != summary or group.any_of)
    return Card(
        priority=priority,
        summary=summary,
        definition=priority.definition if summary != priority.definition else "",
        criteria=criteria,
        stated=tuple(_stated(each, at) for each in promised.get(priority.code, ())),
        updates=updates.get(priority.code, ""),
        is_unpromised=bool(promised) and priority.code not in promised,
        is_open=bool(criteria) and "criteria" in priority.definition.lower(),
    )


def _difference(other: Card, recommended: Card) -> str:
    """What it means to choose ``other`` instead; empty where both promise the same."""
    this, that = _answered_by(other), _answered_by(recommended)
    named = {"this": this, "that": that, "code": recommended.priority.code}
    if this == that:
        return ""
    if this and that:
        return _("We answer by %(this)s instead of %(that)s (%(code)s).") % named
    if that:
        return _("We answer without a promised time instead of by %(that)s (%(code)s).") % named
    if this:
        return _("We answer by %(this)s; for %(code)s no time is promised.") % named
    return ""


def _answered_by(card: Card) -> str:
    return next((each.by for each in card.stated if each.metric is Metric.FIRST_RESPONSE), "")


def _stated(promise: Promise, at: datetime) -> Stated:
    by = spoken(promise.due_at, at) if promise.due_at else ""
    return Stated(promise.metric, promise.text, by, promise.due_at, promise.is_best_effort)


def _criteria(section: Mapping[str, Any]) -> Criteria:
    conditions = tuple(each if isinstance(each, str) else str(each["text"]) for each in section.get("any_of") or ())
    text = str(section.get("text") or "")
    if not any("work" in each and "around" in each for each in (text.lower(), *conditions)):
        text = " ".join(filter(None, (text, _workaround(str(section.get("workaround") or "any")))))
    return Criteria(_place(str(section.get("environment") or "any")), text, conditions)


def _workaround(kind: str) -> str:
    return {"none": _("There is no workaround."), "temporary": _("There is a temporary workaround.")}.get(kind, "")


def _place(environment: str) -> str:
    return {
        "production": _("In production"),
        "non-production": _("Outside production"),
        "staging": _("In staging"),
        "development": _("In development"),
    }.get(environment, "")


def _updates(version: PlanVersion) -> dict[str, str]:
    """By priority the promise of regular updates, where the contract makes one to customers."""
    return {
        target.priority: target.promise
        for target in terms_of(version).targets
        if target.metric is Metric.UPDATE and target.audience is Audience.CONTRACT
    }
