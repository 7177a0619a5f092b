"""What a contract comes to: calendars with their holidays dated, targets with multiples of other plans worked out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import holidays as holiday_library

from plans.contract.amounts import Derived, multiplied, parse_warn_at, write_factor
from plans.contract.calendar import CalendarSection, HolidaySection
from plans.contract.document import Contract
from plans.contract.hours import week_json
from plans.contract.plan import PlanSection, TargetSection
from plans.states import OPEN_STATES, State
from sla.targets import Amount, Audience, BestEffort, BusinessDays, Driver, Metric, WarnAt

DEFAULT_PAUSES = frozenset({State.WAITING})
"""A clock stands still while the ticket waits for the customer, unless the target says otherwise."""

METRIC_NAMES = {
    Metric.FIRST_RESPONSE: "first response",
    Metric.NEXT_RESPONSE: "next response",
    Metric.UPDATE: "update",
    Metric.RESOLUTION: "resolution",
    Metric.DELIVERY: "delivery",
    Metric.CALLBACK: "call-back",
}


@dataclass(frozen=True)
class ResolvedTarget:
    """One promise with nothing left to look up; `calendar` is the slug of a calendar of the contract."""

    code: str
    metric: Metric
    audience: Audience
    amount: Amount
    calendar: str
    warn: WarnAt
    pauses_in: frozenset[State]
    runs_in: frozenset[State]
    promise: str
    source: str
    derived_from: str = ""

    @property
    def key(self) -> str:
        """Names the target within its plan version."""
        return f"{self.audience}.{self.metric}.{self.code}"


def resolved_targets(contract: Contract, plan: PlanSection) -> tuple[ResolvedTarget, ...]:
    """Every target of the plan: contract before internal, by rank of the code, in the order of a ticket's life."""
    return tuple(_targets(contract, plan))


def delivery_target(contract: Contract, slug: str) -> ResolvedTarget | None:
    """The delivery estimate of a catalogue entry; None where it requires investigation. Raises LookupError."""
    catalogue = contract.catalogue
    for entry in catalogue.entries if catalogue else ():
        if entry.slug == slug and catalogue:
            if entry.delivery is None:
                return None
            promise = promise_words(Metric.DELIVERY, entry.delivery, contract.calendars[catalogue.calendar].name)
            return ResolvedTarget(
                code=entry.slug,
                metric=Metric.DELIVERY,
                audience=Audience.CONTRACT,
                amount=entry.delivery,
                calendar=catalogue.calendar,
                warn=parse_warn_at("75%"),
                pauses_in=DEFAULT_PAUSES,
                runs_in=OPEN_STATES,
                promise=promise,
                source=entry.source or catalogue.source or "",
            )
    raise LookupError(f"{contract.vendor.slug}'s catalogue has no '{slug}'")


def calendar_json(contract: Contract, slug: str) -> dict[str, Any]:
    """The calendar as `BusinessCalendar.from_json` reads it, holidays as dates with names, in order of date."""
    section = contract.calendars[slug]
    return {
        "zone": section.zone or contract.vendor.zone,
        "week": week_json(section.hours),
        "holidays": [{"date": day, "name": name} for day, name in sorted(_holidays(section).items())],
        "specials": {
            special.date.isoformat(): [list(shift) for shift in special.hours]
            for special in sorted(section.specials, key=lambda special: special.date)
        },
    }


def amount_words(amount: Amount) -> str:
    """The amount in plain English: `2 hours`, `1 hour 30 minutes`, `1–2 business days`, `best effort`."""
    if isinstance(amount, BestEffort):
        return "best effort"
    if isinstance(amount, BusinessDays):
        lower = "" if amount.low is None else f"{amount.low}–"
        return f"{lower}{_counted(amount.days, 'business day')}"
    if amount.seconds % 3600 and amount.seconds < 2 * 3600 and amount.seconds % 60 == 0:
        return _counted(amount.seconds // 60, "minute")
    hours, rest = divmod(amount.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
    return " ".join(_counted(number, unit) for number, unit in parts if number)


def promise_words(metric: Metric, amount: Amount, calendar_name: str) -> str:
    """The promise in one phrase: `first response within 2 hours, 24/7`."""
    name = METRIC_NAMES[metric]
    if isinstance(amount, BestEffort):
        return f"{name}: best effort"
    words = amount_words(amount)
    if metric is Metric.UPDATE:
        return f"{name} every {words.removeprefix('1 ') if words.count(' ') == 1 else words}, {calendar_name}"
    return f"{name} within {words}, {calendar_name}"


def _targets(contract: Contract, plan: PlanSection) -> Iterator[ResolvedTarget]:
    for audience in Audience:
        by_severity = audience is Audience.INTERNAL or plan.driver is Driver.SEVERITY
        codes = contract.severity_codes() if by_severity else contract.priority_codes()
        cells = plan.cells(audience.value)
        for code in codes:
            for metric, target in cells[code].targets() if code in cells else ():
                yield _resolved(contract, plan, audience, code, metric, target)


def _resolved(
    contract: Contract, plan: PlanSection, audience: Audience, code: str, metric: Metric, target: TargetSection
) -> ResolvedTarget:
    base, amount, derived_from = target, _counted_amount(target), ""
    if isinstance(amount, Derived):
        other = contract.plan(amount.plan)
        base = getattr(other.cells(audience.value)[code], metric.value)
        theirs = _counted_amount(base)
        assert not isinstance(theirs, Derived)  # the reader refuses multiples of multiples
        derived_from = f"{write_factor(amount.factor)} × {other.name}’s {amount_words(theirs)}"
        amount = multiplied(theirs, amount.factor)
    calendar = target.calendar or base.calendar or ""
    pauses = target.pauses_in if target.pauses_in is not None else base.pauses_in
    runs = target.runs_in if target.runs_in is not None else base.runs_in
    return ResolvedTarget(
        code=code,
        metric=metric,
        audience=audience,
        amount=amount,
        calendar=calendar,
        warn=parse_warn_at(target.warn_at or plan.warn_at),
        pauses_in=DEFAULT_PAUSES if pauses is None else frozenset(pauses),
        runs_in=OPEN_STATES if runs is None else frozenset(runs),
        promise=target.promise or promise_words(metric, amount, contract.calendars[calendar].name),
        source=target.source,
        derived_from=derived_from,
    )


def _counted_amount(target: TargetSection) -> Amount | Derived:
    """The amount with the rule by which its business days are counted."""
    amount = target.within
    if isinstance(amount, BusinessDays) and target.count:
        return BusinessDays(amount.days, low=amount.low, rule=target.count)
    return amount


def _holidays(section: CalendarSection) -> dict[str, str]:
    days: dict[str, str] = {}
    for rule in section.holidays:
        if rule.date is not None:
            days[rule.date.isoformat()] = rule.name or ""
        else:
            days |= _public(rule)
    return days


def _public(rule: HolidaySection) -> dict[str, str]:
    first, _, last = (rule.years or "").partition("-")
    return dict(_public_days(rule.country or "", rule.subdivision, int(first), int(last or first)))


@lru_cache(maxsize=64)
def _public_days(country: str, subdivision: str | None, first: int, last: int) -> tuple[tuple[str, str], ...]:
    # Without a language the names would follow the process's locale, and so would the calendar's version.
    known = getattr(holiday_library, country)
    language = "en_US" if "en_US" in known.supported_languages else known.default_language
    found = holiday_library.country_holidays(
        country, subdiv=subdivision, years=range(first, last + 1), language=language
    )
    return tuple((day.isoformat(), name) for day, name in sorted(found.items()))


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")
