"""Amounts of time as people write them: `2h`, `90 min`, `1-2 business days`, `best effort`, `2 x premium`.

Each `parse_…` raises ValueError with what was expected; each `write_…` gives the one canonical spelling, which parses
back to the same value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

from sla.targets import Amount, BestEffort, BusinessDays, Span, WarnAt

EXPECTED_AMOUNT = (
    "expected an amount such as '2h', '90 min', '24 business hours', '1 business day', "
    "'1-2 business days' or 'best effort'"
)
EXPECTED_DURATION = "expected a length of time such as '30 min', '2h', '14 days' or '2 weeks'"
EXPECTED_WARN_AT = "expected when to warn: '75%', '30 min before', '75% or 30 min before', or 'never'"

_UNITS = {
    "s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
    "m": 60, "min": 60, "mins": 60, "minute": 60, "minutes": 60,
    "h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
}  # fmt: skip
_LONG_UNITS = {"d": 86400, "day": 86400, "days": 86400, "w": 604800, "week": 604800, "weeks": 604800}
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(?:(?:business|support|working|open)\s+)?([a-z]+)")
_DAYS = re.compile(r"(\d+)(?:\s*[-–]\s*(\d+))?\s*(?:business|working)\s+days?")
_DERIVED = re.compile(r"(\d+(?:\.\d+)?|\d+/\d+)\s*[x×]\s*([a-z0-9]+(?:-[a-z0-9]+)*)")
_WARN = re.compile(r"(?:(\d+(?:\.\d+)?)\s*%)?(?:\s+or\s+)?(?:(.+?)\s+before)?")


@dataclass(frozen=True)
class Derived:
    """A promise stated as a multiple of another plan's: Standard is `2 x premium` when Premium is twice as fast."""

    factor: Fraction
    plan: str


def parse_amount(text: object) -> Amount:
    """A span of open time, a number of business days (a range promises its upper end), or best effort."""
    words = _words(text, EXPECTED_AMOUNT)
    if words == "best effort":
        return BestEffort()
    if match := _DAYS.fullmatch(words):
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last or (match[2] and first == last):
            raise ValueError(
                "expected a range of business days from the smaller to the larger, such as '1-2 business days'"
            )
        return BusinessDays(last, low=first if match[2] else None)
    return Span(_seconds(words, _UNITS, EXPECTED_AMOUNT))


def write_amount(amount: Amount) -> str:
    """The canonical spelling; `24 h` for 24 hours of open time, `1-2 business days` for a range."""
    if isinstance(amount, BestEffort):
        return "best effort"
    if isinstance(amount, BusinessDays):
        if amount.low is not None:
            return f"{amount.low}-{amount.days} business days"
        return f"{amount.days} business day" + ("" if amount.days == 1 else "s")
    return _write_seconds(amount.seconds)


def parse_promise(text: object) -> Amount | Derived:
    """An amount, or a multiple of another plan's amount: `2 x premium`."""
    if isinstance(text, str) and (match := _DERIVED.fullmatch(text.strip())):
        factor = Fraction(match[1])
        if factor <= 0:
            raise ValueError("expected a factor above zero, such as '2 x premium'")
        return Derived(factor, match[2])
    try:
        return parse_amount(text)
    except ValueError as error:
        if str(error) == EXPECTED_AMOUNT:
            raise ValueError(f"{EXPECTED_AMOUNT}, or '2 x PLAN' for a multiple of another plan's") from None
        raise


def write_promise(promise: Amount | Derived) -> str:
    """The canonical spelling of an amount or of a multiple."""
    if isinstance(promise, Derived):
        return f"{write_factor(promise.factor)} x {promise.plan}"
    return write_amount(promise)


def write_factor(factor: Fraction) -> str:
    """`2`, `1.5` or `1/3`: decimal where it is exact in one digit."""
    if factor.denominator == 1:
        return str(factor.numerator)
    if 10 % factor.denominator == 0:
        return f"{float(factor):.1f}"
    return f"{factor.numerator}/{factor.denominator}"


def multiplied(amount: Amount, factor: Fraction) -> Amount:
    """The amount times the factor; raises ValueError when the result is not a whole second or business day."""
    if isinstance(amount, BestEffort):
        return amount
    if isinstance(amount, BusinessDays):
        days, low = amount.days * factor, None if amount.low is None else amount.low * factor
        if days.denominator != 1 or (low is not None and low.denominator != 1):
            raise ValueError(
                f"expected a whole number of business days, and {write_factor(factor)} x {amount.days} is none"
            )
        return BusinessDays(int(days), low=None if low is None else int(low), rule=amount.rule)
    seconds = amount.seconds * factor
    if seconds.denominator != 1:
        raise ValueError("expected a whole number of seconds as result of the multiple")
    return Span(int(seconds))


def parse_duration(text: object) -> timedelta:
    """A length of elapsed time, days and weeks allowed: `14 days` is 14 times 24 hours."""
    return timedelta(seconds=_seconds(_words(text, EXPECTED_DURATION), _UNITS | _LONG_UNITS, EXPECTED_DURATION))


def write_duration(duration: timedelta) -> str:
    """The canonical spelling, in weeks or days when it is whole ones."""
    seconds = int(duration.total_seconds())
    for unit, size in (("week", 604800), ("day", 86400)):
        if seconds % size == 0:
            return f"{seconds // size} {unit}" + ("" if seconds == size else "s")
    return _write_seconds(seconds)


def parse_warn_at(text: object) -> WarnAt:
    """When a clock warns: after a share of its open time, a lead before it is due, whichever comes first, or never."""
    words = _words(text, EXPECTED_WARN_AT)
    if words == "never":
        return WarnAt()
    match = _WARN.fullmatch(words)
    if match is None or not (match[1] or match[2]) or (" or " in words) != bool(match[1] and match[2]):
        raise ValueError(EXPECTED_WARN_AT)
    fraction = None
    if match[1]:
        fraction = float(Fraction(match[1]) / 100)
        if not 0 < fraction < 1:
            raise ValueError("expected a share between 0% and 100%")
    lead = timedelta(seconds=_seconds(match[2], _UNITS | _LONG_UNITS, EXPECTED_WARN_AT)) if match[2] else None
    return WarnAt(fraction, lead)


def write_warn_at(warn: WarnAt) -> str:
    """The canonical spelling: `75%`, `30 min before`, both joined by `or`, or `never`."""
    parts = []
    if warn.fraction is not None:
        parts.append(f"{warn.fraction * 100:g}%")
    if warn.lead is not None:
        parts.append(f"{write_duration(warn.lead)} before")
    return " or ".join(parts) or "never"


def _words(text: object, expected: str) -> str:
    if not isinstance(text, str):
        raise ValueError(expected)
    return " ".join(text.lower().split())


def _seconds(words: str, units: dict[str, int], expected: str) -> int:
    total, end = Fraction(0), 0
    for match in _PART.finditer(words):
        if words[end : match.start()].strip() or match[2] not in units:
            raise ValueError(expected)
        total += Fraction(match[1]) * units[match[2]]
        end = match.end()
    if words[end:].strip() or total <= 0 or total.denominator != 1:
        raise ValueError(expected)
    return int(total)


def _write_seconds(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    minutes, rest = divmod(rest, 60)
    parts = [f"{n} {unit}" for n, unit in ((hours, "h"), (minutes, "min"), (rest, "s")) if n]
    return " ".join(parts)
