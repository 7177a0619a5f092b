"""How tickets are filed and run: statuses, categories with their forms, sharing, reopening, follow-ups, guides."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from plans.contract.fields import AmountText, Duration, Key, Section, Slug, Text
from sla.targets import BestEffort

FieldKind = Literal["text", "textarea", "select", "checkbox", "email", "url", "number", "date", "list", "file"]


Hint = Literal["project", "subject", "url", "description", "attachments", "priority"]
HINTS: tuple[Hint, ...] = get_args(Hint)


class StatusSection(Section):
    """A state in the vendor's words: as agents see it, and as customers do where that differs."""

    label: Text
    customer_label: Text | None = None
    description: Text
    source: Text | None = None


class FormField(Section):
    """A question of a form. `choices` belong to a `select`; a `list` is several lines, one value each."""

    key: Key
    label: Text
    kind: FieldKind = "text"
    required: bool = False
    choices: list[Text] = Field(default_factory=list)
    help: Text | None = None

    @model_validator(mode="after")
    def _choices_belong(self) -> FormField:
        if (self.kind == "select") != bool(self.choices):
            raise ValueError("expected 'choices' for a select, and only there")
        return self


class CategorySection(Section):
    """A kind of request, with the questions it asks beside the common ones."""

    slug: Slug
    name: Text
    description: Text | None = None
    fields: list[FormField] = Field(default_factory=list)
    source: Text | None = None


class IntakeSection(Section):
    """What the form for a new ticket asks and explains."""

    needs_subscription: bool = True
    hints: dict[Hint, Text] = Field(default_factory=dict)
    fields: list[FormField] = Field(default_factory=list)
    source: Text | None = None


class SharingSection(Section):
    """Who else in the customer's organization sees a ticket."""

    default: Literal["private", "organization"]
    groups_on_request: bool = False
    private_label: Text
    shared_label: Text
    source: Text | None = None


class ReopenSection(Section):
    """How long after it was resolved a customer may reopen a ticket; later it becomes a linked follow-up ticket."""

    within: Duration
    source: Text | None = None


class FollowUpSection(Section):
    """Reminders to a customer who is waited for, and what happens when none is answered."""

    every: AmountText
    calendar: Slug
    times: Annotated[int, Field(ge=1, le=20)]
    then_resolve: bool
    source: Text | None = None

    @model_validator(mode="after")
    def _takes_time(self) -> FollowUpSection:
        if isinstance(self.every, BestEffort):
            raise ValueError("expected an amount of time in 'every', such as '2 business days'")
        return self


class GuideSection(Section):
    """Instructions of the document for customers or for agents, in Markdown."""

    slug: Slug
    title: Text
    audience: Literal["customers", "agents"]
    text: Text


class ServiceSection(Section):
    """Something that support does."""

    slug: Slug
    name: Text
    description: Text
    source: Text | None = None


class ExclusionSection(Section):
    """Something that support does not do, or does only on conditions, and what an agent does with such a request."""

    slug: Slug
    name: Text
    action: Literal["forward_to_sales", "additional_fee", "limited", "decline"]
    text: Text
    source: Text


class ScopeSection(Section):
    """What is in and out of scope."""

    services: list[ServiceSection] = Field(default_factory=list)
    exclusions: list[ExclusionSection] = Field(default_factory=list)
