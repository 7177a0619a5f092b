"""What the sections of a contract file say about each other: names that must be defined, codes that must be promised.

These checks read the raw document, so that they find their faults even where others keep it from being parsed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from plans.contract.amounts import Derived, multiplied, parse_promise
from plans.contract.marked import MarkedDocument, Value
from plans.contract.problems import Path, Problem, shown
from plans.states import State
from sla.targets import Amount

_CELLS = ("plans.*.promises", "plans.*.objectives")
_CALENDAR_NAMES = (
    *(f"{cells}.*.*.calendar" for cells in _CELLS),
    "follow_ups.calendar",
    "catalogue.calendar",
    "escalation.policies.*.only.hours.*",
    "escalation.policies.*.steps.*.hold",
    "escalation.policies.*.steps.*.in_hours",
)
_TEAM_NAMES = (
    "triage.team",
    "scope.sales.team",
    "scope.services.*.handover.team",
    "escalation.policies.*.only.teams.*",
    "escalation.policies.*.steps.*.team",
)
_WHOM = ("escalation.policies.*.steps.*.notify.*", "escalation.policies.*.steps.*.assign",
         "escalation.policies.*.fallback.*")  # fmt: skip
_UNIQUE = (
    ("priorities.*.code", "priority"),
    ("severities.*.code", "severity"),
    ("categories.*.slug", "category"),
    ("offerings.*.slug", "offering"),
    ("plans.*.slug", "plan"),
    ("catalogue.entries.*.slug", "catalogue entry"),
    ("onboarding.checklists.*.slug", "checklist"),
    ("guides.*.slug", "guide"),
    ("scope.services.*.slug", "service"),
    ("scope.exclusions.*.slug", "exclusion"),
    ("scope.services.*.handover.kinds.*.slug", "kind"),
    ("plans.{}.allowances.*.slug", "allowance"),
    ("intake.fields.*.key", "field"),
    ("categories.{}.fields.*.key", "field"),
    ("catalogue.entries.{}.required.*.key", "field"),
    ("launch_notice.metrics.*.slug", "metric group"),
    ("launch_notice.metrics.{}.fields.*.key", "field"),
    ("escalation.policies.*.slug", "policy"),
)


def reference_problems(document: MarkedDocument) -> list[Problem]:
    """Every unknown name, name given twice and priority without a promise."""
    raw = document.value
    calendars = _keys(raw, "calendars")
    codes = [str(code) for _, code in _find(raw, "priorities.*.code")]
    severities = [str(code) for _, code in _find(raw, "severities.*.code")] or codes
    problems = list(_twice(document))
    for pattern in _CALENDAR_NAMES:
        problems += _unknown(document, pattern, calendars, "calendar")
    problems += _unknown(
        document, "plans.*.offerings.*", [str(s) for _, s in _find(raw, "offerings.*.slug")], "offering"
    )
    for pattern in _TEAM_NAMES:
        problems += _unknown(document, pattern, _keys(raw, "teams"), "team")
    problems += _policies(document, codes, severities)
    problems += _unknown(document, "plans.*.channels.*.priorities.*", [*codes, *severities], "priority")
    for path, plan in _find(raw, "plans.*"):
        if isinstance(plan, dict):
            problems += _matrix(document, path, plan, codes, severities)
    problems += _derivations(document)
    missing = [state for state in State if state not in _keys(raw, "statuses")]
    if missing and isinstance(raw, dict) and isinstance(raw.get("statuses"), dict):
        problems.append(
            document.problem(("statuses",), f"expected a label for every state; missing: {', '.join(missing)}")
        )
    return problems


def _policies(document: MarkedDocument, codes: list[str], severities: list[str]) -> Iterator[Problem]:
    """Names that escalation policies use, besides calendars and teams."""
    raw = document.value
    for kind, name, known in (
        ("plans", "plan", [str(slug) for _, slug in _find(raw, "plans.*.slug")]),
        ("priorities", "priority", codes),
        ("severities", "severity", severities),
        ("categories", "category", [str(slug) for _, slug in _find(raw, "categories.*.slug")]),
    ):
        yield from _unknown(document, f"escalation.policies.*.only.{kind}.*", known, name)
    yield from _unknown(document, "escalation.policies.*.steps.*.severity", severities, "severity")
    teams, director = _keys(raw, "teams"), _at(raw, ("escalation", "director"))
    for pattern in _WHOM:
        for path, whom in _find(raw, pattern):
            if isinstance(whom, str) and whom.startswith("team:") and whom[5:] not in teams:
                yield document.problem(path, _expected_name("team", whom[5:], teams))
            elif whom == "director" and not director:
                yield document.problem(path, "expected 'escalation.director', for there is nobody else to be called so")


def _matrix(
    document: MarkedDocument, path: Path, plan: dict[str, Value], codes: list[str], severities: list[str]
) -> Iterator[Problem]:
    promised, kept = plan.get("promises"), plan.get("objectives")
    if not promised and not kept:
        yield document.problem(path, "expected 'promises', 'objectives', or both")
    by_severity = plan.get("driver") == "severity"
    for name, cells, scheme, word in (
        ("promises", promised, severities if by_severity else codes, "severity" if by_severity else "priority"),
        ("objectives", kept, severities, "severity"),
    ):
        if not isinstance(cells, dict) or not cells:
            continue
        for code in cells:
            if code not in scheme:
                yield document.problem((*path, name, code), _expected_name(word, code, scheme))
        for code in scheme:
            if code not in cells:
                expected = f"expected a promise for {word} '{code}', or its 'no_clock' with the reason"
                yield document.problem((*path, name), expected, "neither")


def _derivations(document: MarkedDocument) -> Iterator[Problem]:
    raw = document.value
    plans = {plan.get("slug"): plan for _, plan in _find(raw, "plans.*") if isinstance(plan, dict)}
    for pattern in _CELLS:
        for path, value in _find(raw, f"{pattern}.*.*.within"):
            derived = _parsed(value)
            if not isinstance(derived, Derived):
                continue
            _, index, side, code, metric, _ = path
            own = raw["plans"][index].get("slug")
            if derived.plan not in plans:
                known = [str(slug) for slug in plans]
                yield document.problem(path, _expected_name("plan", derived.plan, known))
            elif derived.plan == own:
                yield document.problem(path, "expected a multiple of another plan's promise", "one of its own plan")
            else:
                base = _at(plans[derived.plan], (side, code, metric, "within"))
                amount = _parsed(base)
                if base is None:
                    where = f"{derived.plan}'s {side} for {code} to have '{metric}'"
                    yield document.problem(path, f"expected {where}", "none")
                elif isinstance(amount, Derived):
                    yield document.problem(
                        path, f"expected {derived.plan}'s own amount", f"a multiple there too ({shown(base)})"
                    )
                elif amount is not None:
                    try:
                        multiplied(amount, derived.factor)
                    except ValueError as error:
                        yield document.problem(path, str(error))


def _twice(document: MarkedDocument) -> Iterator[Problem]:
    for pattern, word in _UNIQUE:
        for scoped in _expand(document.value, pattern):
            found = [(path, value) for path, value in _find(document.value, scoped) if isinstance(value, str)]
            counts = Counter(value for _, value in found)
            seen: dict[str, int] = {}
            for path, value in found:
                if counts[value] > 1 and value in seen:
                    yield document.problem(
                        path, f"expected each {word} once", f"'{value}' again (first on line {seen[value]})"
                    )
                seen.setdefault(value, document.line_of(path))


def _unknown(document: MarkedDocument, pattern: str, known: list[str], word: str) -> Iterator[Problem]:
    for path, value in _find(document.value, pattern):
        if isinstance(value, str) and value not in known:
            yield document.problem(path, _expected_name(word, value, known))


def _expected_name(word: str, name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    hint = f" (did you mean '{close[0]}'?)" if close else ""
    article = "an" if word[0] in "aeiou" else "a"
    return f"expected {article} {word} of this file: {', '.join(known) or 'none is defined'}; found '{name}'{hint}"


def _parsed(value: Value) -> Amount | Derived | None:
    try:
        return parse_promise(value)
    except ValueError:
        return None


def _expand(raw: Value, pattern: str) -> list[str]:
    """`plans.{}.x` becomes one pattern for each item, so that names are unique within it only."""
    if "{}" not in pattern:
        return [pattern]
    head, tail = pattern.split("{}", 1)
    items = [path[-1] for path, _ in _find(raw, head + "*")]
    return [f"{head}{item}{tail}" for item in items]


def _find(raw: Value, pattern: str) -> Iterator[tuple[Path, Value]]:
    """Every value whose path fits the pattern (`*` is any key or index); what is not there is passed over."""
    found: list[tuple[Path, Value]] = [((), raw)]
    for step in pattern.split("."):
        following: list[tuple[Path, Value]] = []
        for path, value in found:
            if isinstance(value, dict):
                keys: list[str | int] = list(value) if step == "*" else [step] if step in value else []
            elif isinstance(value, list):
                keys = list(range(len(value))) if step == "*" else [int(step)] if step.isdigit() else []
            else:
                continue
            following += [((*path, key), value[key]) for key in keys]
        found = following
    yield from found


def _at(value: Value, path: Path) -> Value:
    for step in path:
        if not isinstance(value, dict) or step not in value:
            return None
        value = value[step]
    return value


def _keys(raw: Value, name: str) -> list[str]:
    section = raw.get(name) if isinstance(raw, dict) else None
    return list(section) if isinstance(section, dict) else []
