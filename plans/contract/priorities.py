"""Priority and severity schemes: codes, definitions, and the criteria by environment that help people choose."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, GetJsonSchemaHandler, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from plans.contract.fields import Code, Duration, Section, Text

EnvironmentScope = Literal["any", "production", "non-production", "staging", "development"]
Workaround = Literal["any", "none", "temporary"]


class ConditionSection(Section):
    """One criterion. Written as plain text unless the machine knows how to check it.

    `launch_within`: true of a project with a launch announced within that time. `plan_feature`: true of a subscription
    with that feature.
    """

    text: Text
    launch_within: Duration | None = None
    plan_feature: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """In a file a condition is text or a mapping."""
        return {"anyOf": [{"type": "string", "minLength": 1}, handler.resolve_ref_schema(handler(core_schema))]}

    @model_serializer(mode="wrap")
    def _without_empty_values(self, handler: SerializerFunctionWrapHandler) -> Any:
        written = {key: value for key, value in handler(self).items() if value is not None}
        return written["text"] if set(written) == {"text"} else written


class CriteriaSection(Section):
    """When a code applies in an environment: any one of the conditions, given the workaround there is."""

    environment: EnvironmentScope = "any"
    workaround: Workaround = "any"
    text: Text | None = None
    any_of: list[ConditionSection] = Field(default_factory=list)

    @model_validator(mode="after")
    def _says_something(self) -> CriteriaSection:
        if not self.text and not self.any_of:
            raise ValueError("expected 'text', 'any_of', or both")
        return self


class PrioritySection(Section):
    """A code exactly as the document writes it. The order in the file is the rank: the most urgent comes first."""

    code: Code
    name: Text
    definition: Text
    examples: list[Text] = Field(default_factory=list)
    criteria: list[CriteriaSection] = Field(default_factory=list)
    pages: bool = False
    source: Text | None = None
