"""The questions that lead to a priority, and what the answers recommend: gathered for the filing form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from onboarding.models import CriticalFunction, Launch
from plans.models import PlanVersion, Priority
from supportdesk.accounts.models import EnvironmentKind, Project, Vendor
from tickets import guidance
from tickets.guidance import Answers, Condition, Grade, Group, Known, Recommendation, Workaround


@dataclass(frozen=True, slots=True)
class Advice:
    """What is asked, what was answered, and what follows. ``launches`` are those that a criterion speaks of now, by the
    criterion's key."""

    answers: Answers
    asks_workaround: bool
    groups: tuple[Group, ...]
    functions: tuple[str, ...]
    launches: dict[str, date]
    recommended: Recommendation

    @property
    def asks(self) -> bool:
        return bool(self.groups or self.functions)

    def kept(self) -> dict[str, Any]:
        """What the ticket keeps of it, in words; empty where nothing was answered."""
        answers, advice = self.answers, self.recommended
        if not (answers.workaround or answers.ticked or answers.functions):
            return {}
        said = [each.text for group in self.groups for each in group.conditions if each.key in answers.ticked]
        return {
            "workaround": answers.workaround,
            "criteria": said,
            "functions": list(answers.functions),
            "launches": [day.isoformat() for key, day in self.launches.items() if key in answers.ticked],
            "recommended": advice.code,
            "because": [*advice.functions, *advice.because],
            "unmet": [[each.code, each.condition.text, each.missing.value] for each in advice.unmet],
        }


def advice_for(
    sent: QueryDict,
    *,
    priorities: Sequence[Priority],
    project: Project | None,
    version: PlanVersion | None,
    vendor: Vendor,
    at: datetime,
) -> Advice:
    """The questions for the environment and the project chosen in what was ``sent``, with its answers. Two queries."""
    scheme = guidance.scheme_of((each.code, each.definition, each.criteria) for each in priorities)
    environment = sent.get("environment", "")
    environment = environment if environment in EnvironmentKind.values else EnvironmentKind.PRODUCTION.value
    known = _known(scheme, project, version, today=timezone.localtime(at, vendor.zoneinfo).date())
    groups = guidance.offered(scheme, environment, known)
    conditions = [each for group in groups for each in group.conditions]
    functions = _functions(project) if environment == guidance.PRODUCTION else []
    workaround = sent.get("workaround", "")
    answers = Answers(
        environment=environment,
        workaround=workaround if workaround in list(Workaround) else "",
        ticked=frozenset(sent.getlist("criteria")) & {each.key for each in conditions},
        functions=tuple(each for each in functions if each in sent.getlist("functions")),
    )
    return Advice(
        answers=answers,
        asks_workaround=guidance.asks_workaround(scheme, environment),
        groups=tuple(groups),
        functions=tuple(functions),
        launches=_launches(conditions, known),
        recommended=guidance.recommend(scheme or _unasked(priorities), answers, known),
    )


def _unasked(priorities: Sequence[Priority]) -> tuple[Grade, ...]:
    """A scheme without criteria: a critical function that is stopped still means the most urgent."""
    return tuple(Grade(each.code, ()) for each in priorities)


def _known(scheme: Sequence[Grade], project: Project | None, version: PlanVersion | None, *, today: date) -> Known:
    asked = any(each.launch_within for grade in scheme for rule in grade.rules for each in rule.conditions)
    launches = Launch.objects.announced().filter(project=project).values_list("planned_on", flat=True) if asked else ()
    features = version.details.get("features", ()) if version else ()
    return Known(today, tuple(launches), frozenset(str(each["text"]) for each in features))


def _functions(project: Project | None) -> list[str]:
    return list(CriticalFunction.objects.agreed().filter(project=project).values_list("name", flat=True))


def _launches(conditions: Sequence[Condition], known: Known) -> dict[str, date]:
    near = {each.key: known.launch_near(each.launch_within) for each in conditions if each.launch_within}
    return {key: day for key, day in near.items() if day is not None}
