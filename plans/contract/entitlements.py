"""What a plan gives beside answers: channels, availability with service credits, hours, a named engineer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from plans.contract.fields import Code, Percent, Section, Slug, Text

Channel = Literal["portal", "email", "phone", "phone_callback", "screen_sharing", "status_page"]


class ChannelSection(Section):
    """The channels open to some priorities (none named: to all), with the condition the document puts on them."""

    priorities: list[Code] = Field(default_factory=list)
    channels: list[Channel]
    note: Text | None = None
    source: Text

    @model_validator(mode="after")
    def _some_channel(self) -> ChannelSection:
        if not self.channels:
            raise ValueError("expected at least one channel")
        return self


class CreditSection(Section):
    """The credit for an availability below one figure and not below another (none: down to zero)."""

    below: Percent
    down_to: Percent | None = None
    credit: Percent


class AvailabilitySection(Section):
    """A minimum availability in percent of a period, and the credits when it is not met."""

    minimum: Percent
    period: Literal["calendar month", "quarter", "year"]
    credits: list[CreditSection] = Field(default_factory=list)
    basis: Text | None = None
    source: Text

    @model_validator(mode="after")
    def _credits_join(self) -> AvailabilitySection:
        upper = self.minimum
        for index, credit in enumerate(self.credits):
            if credit.below != upper:
                raise ValueError(
                    f"expected credits that join without gap: the {index + 1}. should begin below {upper:g}"
                )
            upper = 0.0 if credit.down_to is None else credit.down_to
            if upper >= credit.below:
                raise ValueError(f"expected 'down_to' to be less than 'below' ({credit.below:g})")
        return self


class AllowanceSection(Section):
    """A package of hours. `hours` lists the sizes it is sold in; empty when each order form states its own."""

    slug: Slug
    name: Text
    kind: Literal["support_hours", "expert_services"]
    hours: list[int] = Field(default_factory=list)
    per: Literal["month", "quarter", "year", "package"]
    rolls_over: bool = False
    basis: Text | None = None
    terms: Text | None = None
    services: list[Text] = Field(default_factory=list)
    source: Text

    @model_validator(mode="after")
    def _hours_grow(self) -> AllowanceSection:
        if any(hours <= 0 for hours in self.hours) or sorted(set(self.hours)) != self.hours:
            raise ValueError("expected hours above zero, from the smallest package to the largest")
        return self


class SuccessEngineerSection(Section):
    """A named person who guides the customer."""

    title: Text
    source: Text
