"""How tickets are filed and run: statuses, categories with their forms, sharing, reopening, follow-ups, guides."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from plans.contract.fields import AmountText, ConferenceUrl, Duration, Email, Key, Section, Slug, Text
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


class HandoverKindSection(Section):
    """What another team is asked for, such as a hotfix; customers read the `warning` while it is in work."""

    slug: Slug
    name: Text
    warning: Text | None = None
    source: Text | None = None


class HandoverSection(Section):
    """The team that a ticket is handed to, and for what."""

    team: Slug
    kinds: Annotated[list[HandoverKindSection], Field(min_length=1)]


class ServiceSection(Section):
    """Something that support does; what another team does of it is a `handover`."""

    slug: Slug
    name: Text
    description: Text
    source: Text | None = None
    handover: HandoverSection | None = None


class ExclusionSection(Section):
    """Something that support does not do, or does only on conditions, and what an agent does with such a request."""

    slug: Slug
    name: Text
    action: Literal["forward_to_sales", "additional_fee", "limited", "decline"]
    text: Text
    source: Text


class SalesSection(Section):
    """Who takes over what is forwarded to sales: a team, an address outside the desk, or both."""

    team: Slug | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def _somebody(self) -> SalesSection:
        if self.team is None and self.email is None:
            raise ValueError("expected a 'team' or an 'email'")
        return self


class ScopeSection(Section):
    """What is in and out of scope."""

    services: list[ServiceSection] = Field(default_factory=list)
    exclusions: list[ExclusionSection] = Field(default_factory=list)
    sales: SalesSection | None = None

    def exclusion(self, slug: str) -> ExclusionSection | None:
        return next((each for each in self.exclusions if each.slug == slug), None)

    def handovers(self) -> list[tuple[HandoverSection, HandoverKindSection]]:
        """Everything that another team can be asked for, with that team."""
        return [(each.handover, kind) for each in self.services if each.handover for kind in each.handover.kinds]


class ConferenceSection(Section):
    """Where calls with a shared screen take place: an address in which `{token}` becomes a word nobody can guess and
    `{number}` the ticket's number."""

    url: ConferenceUrl
    source: Text | None = None
