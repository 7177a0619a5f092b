"""Which priority fits: the contract's criteria against what a customer answers. Pure: no database and no clock.

The criteria are asked as three short questions (where, is there a workaround, which of these is true); the most urgent
priority that the answers meet is recommended. The customer's choice stays theirs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

PRODUCTION = "production"


class Workaround(StrEnum):
    """The answer to "Is there a workaround?"; the contract's words."""

    NONE = "none"
    TEMPORARY = "temporary"


class Missing(StrEnum):
    """Why a criterion that was ticked does not count."""

    WORKAROUND = "workaround"  # the priority is for issues with another answer about the workaround
    ANSWER = "answer"  # nothing was said yet about a workaround
    LAUNCH = "launch"  # support was not told of a launch on these days


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that may be true. ``launch_within``: of a launch that support was told of, at most so far away.
    ``plan_feature``: known from the subscription, so never asked."""

    text: str
    launch_within: timedelta | None = None
    plan_feature: str = ""

    @property
    def key(self) -> str:
        """Names it in forms: the same words are the same condition, wherever the contract says them."""
        return hashlib.sha1(self.text.encode(), usedforsecurity=False).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Rule:
    """When a priority applies in an environment, given the workaround there is: any one of the conditions."""

    environment: str
    workaround: str
    heading: str
    conditions: tuple[Condition, ...]
    is_implied: bool = False
    """Its text says nothing beyond the environment and the workaround: the answers about those decide it."""

    def holds_in(self, environment: str) -> bool:
        if self.environment == "non-production":
            return environment != PRODUCTION
        return self.environment in ("any", environment)

    def missing(self, workaround: str) -> Missing | None:
        """What the answer about a workaround lacks; None when it fits."""
        if self.workaround in ("any", workaround):
            return None
        return Missing.WORKAROUND if workaround else Missing.ANSWER


@dataclass(frozen=True, slots=True)
class Grade:
    """A priority with its rules. A scheme is a sequence of them, the most urgent first."""

    code: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What need not be asked: the day, the launches of the project that support was told of, the plan's features."""

    today: date
    launches: tuple[date, ...] = ()
    features: frozenset[str] = frozenset()

    def launch_near(self, within: timedelta) -> date | None:
        """The nearest launch planned at most so many days before or after today."""
        near = [day for day in self.launches if abs(day - self.today) <= within]
        return min(near, key=lambda day: abs(day - self.today), default=None)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the customer said; ``ticked`` are keys of conditions, ``functions`` names of agreed critical functions."""

    environment: str
    workaround: str = ""
    ticked: frozenset[str] = frozenset()
    functions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions to offer together, under the words that lead up to them (empty where each stands by itself)."""

    heading: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that was ticked, the priority it would have meant, and why it did not."""

    code: str
    condition: Condition
    missing: Missing


@dataclass(frozen=True, slots=True)
class Recommendation:
    """``code`` is empty while the answers name no priority. ``because`` are the criteria met, in the contract's words;
    ``functions`` the agreed critical functions that are stopped; ``unmet`` what was said and did not count."""

    code: str = ""
    because: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()
    unmet: tuple[Unmet, ...] = ()


@dataclass(slots=True)
class _Found:
    because: list[str] = field(default_factory=list)
    functions: tuple[str, ...] = ()
    unmet: list[Unmet] = field(default_factory=list)


def scheme_of(priorities: Iterable[tuple[str, str, Sequence[Mapping[str, Any]]]]) -> tuple[Grade, ...]:
    """The scheme from (code, definition, criteria as ``plans.Priority`` keeps them), the most urgent first.

    Where some priorities have criteria, one without is asked by its definition; where none has (commercetools refers to
    another agreement), there is nothing to ask: no grades.
    """
    rows = list(priorities)
    if not any(criteria for _code, _definition, criteria in rows):
        return ()
    return tuple(
        Grade(code, tuple(map(_rule, criteria)) or (Rule("any", "any", "", (Condition(definition),)),))
        for code, definition, criteria in rows
    )


def asks_workaround(scheme: Sequence[Grade], environment: str) -> bool:
    """Whether a workaround decides anything in this environment."""
    return any(rule.workaround != "any" for grade in scheme for rule in grade.rules if rule.holds_in(environment))


def offered(scheme: Sequence[Grade], environment: str, known: Known) -> list[Group]:
    """The conditions to ask in an environment, the most urgent priority's first, each once."""
    seen: set[str] = set()
    groups: list[Group] = []
    for rule in (rule for grade in scheme for rule in _rules(grade, environment, known) if not rule.is_implied):
        fresh = [each for each in rule.conditions if not each.plan_feature and each.key not in seen]
        seen |= {each.key for each in fresh}
        if fresh and groups and not rule.heading and not groups[-1].heading:
            groups[-1] = Group("", (*groups[-1].conditions, *fresh))
        elif fresh:
            groups.append(Group(rule.heading, tuple(fresh)))
    return groups


def recommend(scheme: Sequence[Grade], answers: Answers, known: Known) -> Recommendation:
    """The most urgent priority that the answers meet, and why.

    A criterion ticked for a priority whose other demands are not met (no workaround, an announced launch) recommends
    the next priority at least. What is said to be minor stays minor: a rule that follows from the workaround alone
    ("any incident in Production for which there is a temporary work-around" stands under three priorities of
    Platform.sh) counts only when no ticked criterion does, or when one fails for the workaround.
    """
    found = [_found(grade, position, answers, known) for position, grade in enumerate(scheme)]
    unmet = tuple(each for one in found for each in one.unmet)
    places = [place for place, one in enumerate(found) if one.because or one.functions]
    failed = [place for place, one in enumerate(found) if any(u.missing is not Missing.ANSWER for u in one.unmet)]
    implied = _implied(scheme, answers, known)
    if failed:
        places.append(_next(scheme, failed[0], answers, known))
    if implied and (not places or any(each.missing is Missing.WORKAROUND for each in unmet)):
        places.append(implied[0][0])
    if not places:
        return Recommendation(unmet=unmet)
    best = min(places)
    texts = found[best].because or [text for place, text in implied if place == best]
    return Recommendation(scheme[best].code, tuple(dict.fromkeys(texts)), found[best].functions, unmet)


def _rule(section: Mapping[str, Any]) -> Rule:
    text = " ".join(str(section.get("text") or "").split())
    workaround = str(section.get("workaround") or "any")
    conditions = tuple(map(_condition, section.get("any_of") or ()))
    return Rule(
        environment=str(section.get("environment") or "any"),
        workaround=workaround,
        heading=text if conditions else "",
        conditions=conditions or (Condition(text),),
        is_implied=not conditions and workaround != "any" and speaks_of_workaround(text),
    )


def speaks_of_workaround(text: str) -> bool:
    """Whether a criterion says itself which workaround there is: workaround, work-around, work around."""
    return "workaround" in text.lower().replace("-", "").replace(" ", "")


def _condition(written: str | Mapping[str, Any]) -> Condition:
    if isinstance(written, str):
        return Condition(written)
    days = written.get("launch_within_days")
    feature = str(written.get("plan_feature") or "")
    return Condition(str(written["text"]), timedelta(days=days) if days is not None else None, feature)


def _rules(grade: Grade, environment: str, known: Known) -> Iterator[Rule]:
    """The rules of a priority in an environment. A plan's feature that opens the priority to this environment brings
    the criteria of the others with it: with "non-production 24/7 support" (Platform.sh) what is critical in production
    is critical elsewhere too."""
    for rule in grade.rules:
        if rule.holds_in(environment):
            yield rule
            if any(each.plan_feature in known.features for each in rule.conditions if each.plan_feature):
                yield from (other for other in grade.rules if not other.holds_in(environment))


def _found(grade: Grade, position: int, answers: Answers, known: Known) -> _Found:
    found = _Found()
    rules = list(_rules(grade, answers.environment, known))
    for rule in rules:
        for condition in rule.conditions:
            if rule.is_implied or condition.key not in answers.ticked:
                continue
            missing = rule.missing(answers.workaround)
            if condition.launch_within is not None and known.launch_near(condition.launch_within) is None:
                missing = Missing.LAUNCH
            if missing is None:
                found.because.append(condition.text)
            else:
                found.unmet.append(Unmet(grade.code, condition, missing))
    if position == 0 and answers.functions and answers.environment == PRODUCTION:
        _add_functions(found, grade, rules, answers)
    return found


def _add_functions(found: _Found, grade: Grade, rules: Sequence[Rule], answers: Answers) -> None:
    """Functions agreed as critical to business help "to determine P1 criteria" (Platform.sh Application Support): one
    that is stopped meets the most urgent priority, where its workaround allows."""
    lacking = [rule.missing(answers.workaround) for rule in rules]
    if not lacking or None in lacking:
        found.functions = answers.functions
    else:
        found.unmet += [Unmet(grade.code, Condition(name), lacking[0]) for name in answers.functions if lacking[0]]


def _implied(scheme: Sequence[Grade], answers: Answers, known: Known) -> list[tuple[int, str]]:
    """The rules that follow from environment and workaround alone: place in the scheme, and text."""
    return [
        (place, condition.text)
        for place, grade in enumerate(scheme)
        for rule in _rules(grade, answers.environment, known)
        if rule.is_implied and answers.workaround and rule.missing(answers.workaround) is None
        for condition in rule.conditions
    ]


def _next(scheme: Sequence[Grade], place: int, answers: Answers, known: Known) -> int:
    """The next less urgent priority that this environment has; the same where it is the last."""
    later = range(place + 1, len(scheme))
    return next((each for each in later if any(_rules(scheme[each], answers.environment, known))), place)
