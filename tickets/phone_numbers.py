"""Telephone numbers as people type them, made into the form that can be dialled from anywhere. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

import phonenumbers

_REGIONS = files("tzdata").joinpath("zoneinfo", "zone.tab")


def dialled(text: str, *, zones: Iterable[str] = ()) -> str:
    """The number in E.164 ("+4930901820"). One without a country code is read as a number of the countries in which
    these IANA zones lie, the first that fits. Raises ValueError when it is nobody's number."""
    regions: list[str | None] = [each for each in map(region_of, zones) if each]
    regions.append(None)
    for region in regions:
        try:
            number = phonenumbers.parse(text, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise ValueError(f"{text!r} is not a telephone number")


def readable(number: str) -> str:
    """An E.164 number in groups, as it is written internationally ("+49 30 901820")."""
    return phonenumbers.format_number(phonenumbers.parse(number, None), phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def region_of(zone: str) -> str:
    """The country (ISO 3166) in which an IANA zone lies; empty where it lies in none, as UTC does."""
    return _regions().get(zone, "")


@cache
def _regions() -> dict[str, str]:
    rows = (line.split("\t") for line in _REGIONS.read_text(encoding="utf-8").splitlines() if line[:1] != "#")
    regions = {row[2]: row[0] for row in rows}
    return regions | ({"Europe/Kiev": "UA", "Asia/Calcutta": "IN"})
