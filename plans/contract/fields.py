"""The kinds of values that occur in a contract file, each with its check, its canonical spelling and its JSON Schema.

Every check raises ValueError that begins with what was expected; the reader adds file, line, path and what was found.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import holidays
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    PlainValidator,
    SerializerFunctionWrapHandler,
    WithJsonSchema,
    model_serializer,
)

from plans.contract import amounts, hours
from plans.states import State
from sla.targets import Amount, Driver


class Section(BaseModel):
    """A mapping of the file: unknown keys are refused, nothing is coerced, empty values are left out when written."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    @model_serializer(mode="wrap")
    def _without_empty_values(self, handler: SerializerFunctionWrapHandler) -> Any:
        # An empty list says something where leaving it out says something else (`pauses_in: []`: it never pauses).
        optional = {key for key, field in type(self).model_fields.items() if field.default_factory is not None}
        return {
            key: value
            for key, value in handler(self).items()
            if value is not None and not (key in optional and value in ([], {}))
        }


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("expected text (in quotes, should it look like a number or true/false)")
    lines = [line.rstrip() for line in value.strip().splitlines()]
    return "\n".join(lines)


def _matching(pattern: str, expected: str) -> PlainValidator:
    compiled = re.compile(pattern)

    def check(value: object) -> str:
        if not isinstance(value, str) or not compiled.fullmatch(value):
            raise ValueError(expected)
        return value

    return PlainValidator(check)


def _zone(value: object) -> str:
    if not isinstance(value, str) or value not in _zones():
        raise ValueError("expected an IANA time zone such as 'Europe/Paris'")
    return value


def _date(value: object) -> date:
    expected = "expected a date such as 2026-12-25"
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError(expected)
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{expected} that exists in the calendar") from None


def _years(value: object) -> str:
    match = re.fullmatch(r"(\d{4})(?:\s*[-–]\s*(\d{4}))?", value) if isinstance(value, str) else None
    if isinstance(value, int) and 1900 <= value <= 2200:
        return str(value)
    if match is None or not 1900 <= int(match[1]) <= int(match[2] or match[1]) <= 2200:
        raise ValueError("expected a year or a range of years such as 2025-2035")
    return match[1] + (f"-{match[2]}" if match[2] else "")


def _country(value: object) -> str:
    if not isinstance(value, str) or value not in _countries():
        raise ValueError("expected a country with known holidays, by its two-letter code such as DE")
    return value


def _state(value: object) -> State:
    if isinstance(value, State):
        return value
    if not isinstance(value, str) or value not in list(State):
        raise ValueError(f"expected a state: {', '.join(State)}")
    return State(value)


def _driver(value: object) -> Driver:
    if not isinstance(value, str) or value not in list(Driver):
        raise ValueError(f"expected what drives contract clocks: {' or '.join(Driver)}")
    return Driver(value)


def _percent(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 100:
        raise ValueError("expected a number of percent from 0 to 100")
    return float(value)


def _warn_at(value: object) -> str:
    return amounts.write_warn_at(amounts.parse_warn_at(value))


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def _countries() -> dict[str, list[str]]:
    return holidays.list_supported_countries()


def subdivisions_of(country: str) -> list[str]:
    """The codes of a country's subdivisions that the holidays library knows."""
    return list(_countries().get(country, ()))


def described(pattern: str = "", **schema: object) -> WithJsonSchema:
    """A JSON Schema of text, for editors."""
    return WithJsonSchema({"type": "string", **({"pattern": pattern} if pattern else {}), **schema})


_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
_KEY = r"[a-z][a-z0-9_]*"
_CODE = r"[A-Za-z0-9][A-Za-z0-9_-]{0,30}"

Text = Annotated[str, PlainValidator(_text), described(minLength=1)]
Slug = Annotated[str, _matching(_SLUG, "expected a slug of small letters, digits and hyphens"), described(f"^{_SLUG}$")]
Key = Annotated[
    str, _matching(_KEY, "expected a name of small letters, digits and underscores"), described(f"^{_KEY}$")
]
Code = Annotated[str, _matching(_CODE, "expected a code such as P1, Urgent or S1"), described(f"^{_CODE}$")]
Accent = Annotated[
    str, _matching(r"#[0-9a-fA-F]{6}", "expected a colour such as '#1f6feb'"), described(r"^#[0-9a-fA-F]{6}$")
]
Phone = Annotated[
    str,
    _matching(r"\+[0-9][0-9 ]{5,20}", "expected a phone number such as '+1 303 555 0100'"),
    described(r"^\+[0-9 ]+$"),
]
Email = Annotated[
    str,
    _matching(r"[^@\s]+@[^@\s]+\.[^@\s.]+", "expected an e-mail address such as 'director@example.com'"),
    described(format="email"),
]
ConferenceUrl = Annotated[
    str,
    _matching(
        r"https://[^\s{}]+(?:\{(?:token|number)\}[^\s{}]*)+",
        "expected an https address with {token} or {number}, such as 'https://meet.example.com/{token}'",
    ),
    described(r"^https://"),
]
Domain = Annotated[
    str,
    _matching(r"[a-z0-9-]+(\.[a-z0-9-]+)+", "expected a domain name such as 'support.example.com'"),
    described(format="hostname"),
]
Zone = Annotated[str, PlainValidator(_zone), described(examples=["Europe/Kyiv"])]
IsoDate = Annotated[
    date, PlainValidator(_date), PlainSerializer(date.isoformat, return_type=str), described(format="date")
]
Years = Annotated[str, PlainValidator(_years), described(r"^\d{4}(-\d{4})?$")]
Country = Annotated[str, PlainValidator(_country), described(r"^[A-Z]{2}$")]
StateName = Annotated[State, BeforeValidator(_state)]
DriverName = Annotated[Driver, BeforeValidator(_driver)]
Duration = Annotated[
    timedelta,
    PlainValidator(amounts.parse_duration),
    PlainSerializer(amounts.write_duration, return_type=str),
    described(examples=["14 days"]),
]
AmountText = Annotated[
    Amount,
    PlainValidator(amounts.parse_amount),
    PlainSerializer(amounts.write_amount, return_type=str),
    described(examples=["2h", "1-2 business days", "best effort"]),
]
PromiseText = Annotated[
    Amount | amounts.Derived,
    PlainValidator(amounts.parse_promise),
    PlainSerializer(amounts.write_promise, return_type=str),
    described(examples=["2h", "90 min", "1-2 business days", "best effort", "2 x premium"]),
]
WarnAtText = Annotated[str, PlainValidator(_warn_at), described(examples=["75%", "75% or 30 min before", "never"])]
WeekHours = Annotated[
    hours.Week,
    PlainValidator(hours.parse_week),
    PlainSerializer(hours.write_week),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["24x7", "24x5"]},
                {"type": "object", "additionalProperties": {"type": ["string", "array"]}, "minProperties": 1},
            ],
            "examples": ["24x7", {"mon-fri": "09:00-12:00, 13:00-17:00"}],
        }
    ),
]
DayHours = Annotated[
    tuple[hours.Shift, ...],
    PlainValidator(hours.parse_shifts),
    PlainSerializer(hours.write_shifts, return_type=str),
    described(examples=["09:00-12:00", "closed"]),
]
Counting = Literal["elapsed", "end_of_day"]
Percent = Annotated[float, BeforeValidator(_percent), WithJsonSchema({"type": "number"})]
