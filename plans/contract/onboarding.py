"""Before and around support: kick-off checklists, the service catalogue, the notice before a launch."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator

from plans.contract.amounts import parse_amount, write_amount
from plans.contract.desk import FormField
from plans.contract.fields import Duration, Section, Slug, Text, described
from sla.targets import Amount

INVESTIGATION = "requires investigation"


def _delivery(value: object) -> Amount | None:
    if isinstance(value, str) and " ".join(value.lower().split()) == INVESTIGATION:
        return None
    try:
        return parse_amount(value)
    except ValueError:
        raise ValueError(f"expected '1 business day', '2-3 business days' or '{INVESTIGATION}'") from None


Delivery = Annotated[
    Amount | None,
    PlainValidator(_delivery),
    PlainSerializer(lambda amount: INVESTIGATION if amount is None else write_amount(amount), return_type=str),
    described(examples=["2-3 business days", INVESTIGATION]),
]


class StepSection(Section):
    """One thing to settle, with what it is good for."""

    text: Text
    help: Text | None = None


class ChecklistSection(Section):
    """A meeting or an audit and what it settles."""

    slug: Slug
    name: Text
    intro: Text | None = None
    optional: bool = False
    steps: list[StepSection]
    source: Text | None = None


class CatalogueEntrySection(Section):
    """A service that can be ordered: what must be told, and how long it takes (None: it must be looked into first)."""

    slug: Slug
    name: Text
    description: Text
    note: Text | None = None
    self_service: Text | None = None
    required: list[FormField] = Field(default_factory=list)
    delivery: Delivery
    source: Text | None = None


class CatalogueSection(Section):
    """The services that can be ordered; delivery counts working days of `calendar`."""

    title: Text
    intro: Text | None = None
    calendar: Slug
    entries: list[CatalogueEntrySection]
    source: Text | None = None


class MetricGroupSection(Section):
    """Figures asked together; `repeats` when there may be several of the kind."""

    slug: Slug
    name: Text
    repeats: bool = False
    fields: list[FormField]


class LaunchNoticeSection(Section):
    """How long before a launch support must be told, and which figures it needs."""

    at_least_before: Duration
    text: Text
    metrics: list[MetricGroupSection] = Field(default_factory=list)
    source: Text


class OnboardingSection(Section):
    """What happens before the first ticket."""

    intro: Text | None = None
    checklists: list[ChecklistSection]
    source: Text | None = None
