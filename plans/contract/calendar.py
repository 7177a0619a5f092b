"""Calendars: weekly hours in a zone, holidays by country or by hand, and special openings."""

from __future__ import annotations

from pydantic import Field, model_validator

from plans.contract.fields import (
    Country,
    DayHours,
    IsoDate,
    Section,
    Text,
    WeekHours,
    Years,
    Zone,
    subdivisions_of,
)


class HolidaySection(Section):
    """Either a country's public holidays for a range of years, or one date kept by hand."""

    country: Country | None = None
    subdivision: Text | None = None
    years: Years | None = None
    date: IsoDate | None = None
    name: Text | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> HolidaySection:
        by_country, by_hand = bool(self.country), bool(self.date)
        if by_country == by_hand:
            raise ValueError("expected either 'country' with 'years', or 'date' with 'name'")
        if by_country and (self.years is None or self.name is not None):
            raise ValueError("expected 'years' (and no 'name') beside 'country'")
        if by_hand and (self.name is None or self.years or self.subdivision):
            raise ValueError("expected 'name' (and no 'years' or 'subdivision') beside 'date'")
        if self.country and self.subdivision and self.subdivision not in subdivisions_of(self.country):
            known = ", ".join(subdivisions_of(self.country)) or "none"
            raise ValueError(f"expected a subdivision of {self.country} ({known}), found '{self.subdivision}'")
        return self


class SpecialSection(Section):
    """A date with its own hours, which replace the week's and win over a holiday."""

    date: IsoDate
    hours: DayHours
    name: Text | None = None


class CalendarSection(Section):
    """When support is open. Without `zone` it is the vendor's."""

    name: Text
    zone: Zone | None = None
    hours: WeekHours
    holidays: list[HolidaySection] = Field(default_factory=list)
    specials: list[SpecialSection] = Field(default_factory=list)
    source: Text | None = None

    @model_validator(mode="after")
    def _specials_once(self) -> CalendarSection:
        dates = [special.date for special in self.specials]
        for day in dates:
            if dates.count(day) > 1:
                raise ValueError(f"expected each special date once, and {day} is given twice")
        return self
