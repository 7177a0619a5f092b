"""Periods in which hours of an allowance are to be used, and what is left of them. Pure; dates of the vendor's zone.

commercetools: "Hours not consumed in a given quarter of the year are not rolled over to the following quarter".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from plans.contract.entitlements import AllowanceSection

MOST_PERIODS = 8


@dataclass(frozen=True, slots=True)
class Period:
    """The dates [starts_on, ends_on); without ``ends_on``, for good."""

    starts_on: date
    ends_on: date | None

    def holds(self, day: date) -> bool:
        return self.starts_on <= day and (self.ends_on is None or day < self.ends_on)

    @property
    def last_day(self) -> date | None:
        return self.ends_on - timedelta(days=1) if self.ends_on else None


@dataclass(frozen=True, slots=True)
class Account:
    """What was ordered for a period, what came over from the one before, and what was used: minutes."""

    period: Period
    ordered: int
    carried: int
    used: int

    @property
    def left(self) -> int:
        """Below zero where more was used than there was."""
        return self.ordered + self.carried - self.used


def periods(per: str, *, starts_on: date, ends_on: date | None, today: date) -> list[Period]:
    """The periods of a subscription on the dates [starts_on, ends_on) up to the one of ``today``, the latest first and
    at most ``MOST_PERIODS``: calendar months, quarters and years, or for a package all of its dates."""
    if today < starts_on:
        return []
    if per == "package":
        return [Period(starts_on, ends_on)]
    day = min(today, ends_on - timedelta(days=1)) if ends_on else today
    found: list[Period] = []
    while len(found) < MOST_PERIODS:
        period = _around(per, day)
        found.append(period)
        if period.starts_on <= starts_on:
            break
        day = period.starts_on - timedelta(days=1)
    return found


def accounts(
    allowance: AllowanceSection, found: list[Period], hours: int, minutes: Mapping[date, int]
) -> list[Account]:
    """An account of each period, the latest first as they came. ``minutes``: used, by date. What is left goes over to
    the next period only where the allowance says so."""
    told: list[Account] = []
    for period in reversed(found):
        before = told[-1].left if told and allowance.rolls_over else 0
        used = sum(spent for day, spent in minutes.items() if period.holds(day))
        told.append(Account(period, hours * 60, max(before, 0), used))
    return told[::-1]


def _around(per: str, day: date) -> Period:
    months = {"month": 1, "quarter": 3, "year": 12}[per]
    first = (day.month - 1) // months * months
    following = day.year * 12 + first + months
    return Period(date(day.year, first + 1, 1), date(following // 12, following % 12 + 1, 1))
