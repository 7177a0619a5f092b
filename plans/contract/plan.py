"""Offerings and plans: what is promised by priority, to whom, on which calendar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, model_validator

from plans.contract.amounts import Derived
from plans.contract.entitlements import (
    AllowanceSection,
    AvailabilitySection,
    ChannelSection,
    SuccessEngineerSection,
)
from plans.contract.fields import Code, Counting, DriverName, PromiseText, Section, Slug, StateName, Text, WarnAtText
from sla.targets import BusinessDays, Driver, Metric

CELL_METRICS = (Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE, Metric.RESOLUTION, Metric.CALLBACK)


class TargetSection(Section):
    """One promise: how much time, counted on which calendar, when it warns, when it stands still.

    `within` counts open time of `calendar`; a multiple of another plan's promise (`2 x premium`) takes that promise's
    calendar and states unless it names its own. Without `warn_at` the plan's holds. `pauses_in`: the states in which
    the clock stands still, waiting for the customer unless said otherwise; `runs_in`: the states in which there is a
    clock at all, every open one unless said otherwise.
    """

    within: PromiseText
    calendar: Slug | None = None
    count: Counting | None = None
    warn_at: WarnAtText | None = None
    pauses_in: list[StateName] | None = None
    runs_in: list[StateName] | None = None
    promise: Text | None = None
    source: Text

    @model_validator(mode="after")
    def _fits_together(self) -> TargetSection:
        if self.calendar is None and not isinstance(self.within, Derived):
            raise ValueError("expected 'calendar' (only a multiple of another plan's promise may leave it out)")
        if self.count is not None and not isinstance(self.within, BusinessDays):
            raise ValueError("expected 'count' only beside a number of business days")
        return self


class CellSection(Section):
    """What one priority is promised, by metric; or the reason why it has no clock."""

    first_response: TargetSection | None = None
    next_response: TargetSection | None = None
    update: TargetSection | None = None
    resolution: TargetSection | None = None
    callback: TargetSection | None = None
    no_clock: Text | None = None

    @model_validator(mode="after")
    def _something_or_a_reason(self) -> CellSection:
        if bool(list(self.targets())) == bool(self.no_clock):
            raise ValueError("expected at least one promise, or 'no_clock' with the reason")
        return self

    def targets(self) -> Iterator[tuple[Metric, TargetSection]]:
        """The promises there are, in the order of a ticket's life."""
        for metric in CELL_METRICS:
            target = getattr(self, metric.value)
            if target is not None:
                yield metric, target


class OfferingSection(Section):
    """What is supported; each offering is sold in one or more plans."""

    slug: Slug
    name: Text
    description: Text | None = None
    source: Text | None = None


class FeatureSection(Section):
    """Something else that a plan brings, in words."""

    text: Text
    source: Text | None = None


class PlanSection(Section):
    """A plan. `promises` are made to the customer (contract clocks), `objectives` are kept inside (internal clocks).

    `rank`: the higher is served first among tickets that are equally due. `driver` says whether the customer's priority
    or the triage severity decides which promise holds. Without `offerings` the plan is sold in all of them.
    """

    slug: Slug
    name: Text
    rank: Annotated[int, Field(ge=0, le=1000)] = 0
    description: Text | None = None
    offerings: list[Slug] = Field(default_factory=list)
    driver: DriverName = Driver.PRIORITY
    warn_at: WarnAtText = "75%"
    promises: dict[Code, CellSection] = Field(default_factory=dict)
    objectives: dict[Code, CellSection] = Field(default_factory=dict)
    channels: list[ChannelSection] = Field(default_factory=list)
    features: list[FeatureSection] = Field(default_factory=list)
    availability: AvailabilitySection | None = None
    allowances: list[AllowanceSection] = Field(default_factory=list)
    success_engineer: SuccessEngineerSection | None = None

    def cells(self, audience: Literal["contract", "internal"]) -> dict[str, CellSection]:
        """The matrix of one audience, by code."""
        return self.promises if audience == "contract" else self.objectives
