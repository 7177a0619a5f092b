"""Escalation policies: which tickets wake somebody, whom, by what, and for how long before the next one is woken."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    PlainValidator,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from plans.contract.fields import Code, Duration, Section, Slug, Text, described
from sla.targets import Audience, Metric

TriggerName = Literal[
    "opened",
    "warning",
    "breach",
    "update_near",
    "unassigned",
    "unacknowledged",
    "escalated",
    "keyword",
    "callback",
    "manual",
]
"""What may open a page. opened: a ticket that is filed, reopened, or comes under the conditions by a new priority or
severity; update_near: the promised next update is near; callback: a customer waits to be called."""

TIMED: tuple[TriggerName, ...] = ("unassigned", "unacknowledged", "callback")
OF_CLOCKS: tuple[TriggerName, ...] = ("warning", "breach")
ChannelName = Literal["inbox", "email", "sms", "voice"]
CHANNELS: tuple[ChannelName, ...] = get_args(ChannelName)
MetricName = Literal["first_response", "next_response", "update", "resolution", "delivery", "callback"]
assert set(get_args(MetricName)) == {metric.value for metric in Metric}

_SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"
NAMES = rf"rota:{_SLUG}(?:/[1-9])?|team:{_SLUG}|person:[^@\s]+@[^@\s]+|assignee|team|leads|director|success-engineer"
EXPECTED_WHOM = (
    "expected whom to tell: 'rota:SLUG' (the first on call), 'rota:SLUG/2' (the second), 'team:SLUG', 'team' (the "
    "ticket's), 'person:EMAIL', 'assignee', 'leads', 'director' or 'success-engineer'"
)


def _whom(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(NAMES, value):
        raise ValueError(EXPECTED_WHOM)
    return value


def _bridge(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"https://[^\s/{}]+(?:/\S*)?", value):
        raise ValueError("expected an https address, with {number} or {incident} where each has a room of its own")
    if set(re.findall(r"\{[^}]*\}", value)) - {"{number}", "{incident}"}:
        raise ValueError("expected no other places than {number} and {incident}")
    return value


Whom = Annotated[str, PlainValidator(_whom), described(f"^(?:{NAMES})$", examples=["rota:support", "leads"])]
IntegrationName = Annotated[Text, Field(max_length=100)]
Bridge = Annotated[str, PlainValidator(_bridge), described("^https://", examples=["https://meet.example/{incident}"])]


class _TextOrMapping(Section):
    """A section that may be written as plain text where its first field says it all."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {next(iter(cls.model_fields)): value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """In a file it is text or a mapping."""
        return {"anyOf": [{"type": "string", "minLength": 1}, handler.resolve_ref_schema(handler(core_schema))]}

    @model_serializer(mode="wrap")
    def _without_empty_values(self, handler: SerializerFunctionWrapHandler) -> Any:
        written = {key: value for key, value in handler(self).items() if value not in (None, [], {})}
        first = next(iter(type(self).model_fields))
        return written[first] if set(written) == {first} else written


class TriggerSection(_TextOrMapping):
    """Written as plain text unless it says more: `of` which clocks, promised to whom, or `after` how long."""

    trigger: TriggerName
    of: list[MetricName] = Field(default_factory=list)
    audience: Literal["contract", "internal"] | None = None
    after: Duration | None = None

    @model_validator(mode="after")
    def _fits(self) -> TriggerSection:
        if (self.of or self.audience) and self.trigger not in OF_CLOCKS:
            raise ValueError(f"expected 'of' and 'audience' for {' and '.join(OF_CLOCKS)} only")
        if self.after is not None and self.trigger not in TIMED:
            raise ValueError(f"expected 'after' for {', '.join(TIMED)} only")
        if self.after is None and self.trigger in ("unassigned", "unacknowledged"):
            raise ValueError(f"expected 'after', how long a ticket may be {self.trigger}")
        return self


class HoursSection(Section):
    """While a calendar is open, or while it is closed."""

    open: Slug | None = None
    closed: Slug | None = None

    @model_validator(mode="after")
    def _one(self) -> HoursSection:
        if (self.open is None) == (self.closed is None):
            raise ValueError("expected either 'open' or 'closed' with a calendar")
        return self


class OnlySection(Section):
    """The tickets that a policy is for: each list that is given must hold the ticket's. `pages`: those whose priority
    says `pages: true`."""

    pages: bool = False
    plans: list[Slug] = Field(default_factory=list)
    priorities: list[Code] = Field(default_factory=list)
    severities: list[Code] = Field(default_factory=list)
    teams: list[Slug] = Field(default_factory=list)
    categories: list[Slug] = Field(default_factory=list)
    hours: HoursSection | None = None


VERBS = ("notify", "wait", "hold", "assign", "team", "severity", "post", "repeat_from")


class StepSection(Section):
    """One step: exactly one verb, with what belongs to it. `wait` counts clock time, or the open time of the calendar
    `in_hours` names; `hold` goes on when its calendar is open; `repeat_from` names a step from 1."""

    notify: list[Whom] = Field(default_factory=list)
    by: list[ChannelName] = Field(default_factory=list)
    wait: Duration | None = None
    in_hours: Slug | None = None
    hold: Slug | None = None
    assign: Literal["nobody"] | Whom | None = None
    team: Slug | None = None
    severity: Code | None = None
    post: IntegrationName | None = None
    repeat_from: Annotated[int, Field(ge=1)] | None = None
    times: Annotated[int, Field(ge=1, le=20)] | None = None

    @model_validator(mode="after")
    def _one_verb(self) -> StepSection:
        if len([verb for verb in VERBS if getattr(self, verb)]) != 1:
            raise ValueError(f"expected exactly one of {', '.join(VERBS)} in a step")
        for belonging, verb in (("by", "notify"), ("in_hours", "wait"), ("times", "repeat_from")):
            if getattr(self, belonging) and not getattr(self, verb):
                raise ValueError(f"expected '{belonging}' beside '{verb}' only")
        return self

    @property
    def verb(self) -> str:
        return next(verb for verb in VERBS if getattr(self, verb))


class PolicySection(Section):
    """When one of `when` happens to a ticket of `only`, `steps` are taken until somebody acknowledges or the page is
    settled: by resolving the ticket, or by what `until` says. An acknowledgement runs out after `acknowledged_for`, and
    the steps begin again. `fallback` is told when the steps reached nobody. `quiet_hours: override` wakes people in
    their quiet hours too; of the most urgent priority every policy does."""

    slug: Slug
    name: Text
    enabled: bool = True
    about: Text | None = None
    when: Annotated[list[TriggerSection], Field(min_length=1)]
    only: OnlySection = Field(default_factory=OnlySection)
    steps: Annotated[list[StepSection], Field(min_length=1, max_length=30)]
    until: Literal["resolved", "answered", "assigned"] = "resolved"
    acknowledged_for: Duration | None = None
    quiet_hours: Literal["respect", "override"] = "respect"
    fallback: Annotated[list[Whom], Field(min_length=1)] = Field(default_factory=lambda: ["leads"])
    source: Text | None = None

    @model_validator(mode="after")
    def _repeats_back(self) -> PolicySection:
        repeats = [(place, step) for place, step in enumerate(self.steps, start=1) if step.repeat_from is not None]
        if len(repeats) > 1:
            raise ValueError(f"expected one 'repeat_from' at most, and there are {len(repeats)}")
        for place, step in repeats:
            if step.repeat_from is not None and step.repeat_from >= place:
                raise ValueError(f"expected 'repeat_from' to name a step before step {place}")
        return self


assert {audience.value for audience in Audience} == {"contract", "internal"}
