"""A hypothetical ticket's life, as somebody writes it down, read into the facts that clocks follow.

One line a moment: ``2026-03-06T18:00+02:00 wait the logs, please; priority P1``. An instant with its offset, or a
distance from the line before (``+1h30min``), and what happened then, in order. What the desk does by itself follows as
it does there: an answer acknowledges a new ticket, a customer's message takes it out of waiting.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from plans.states import State
from sla.facts import Fact, FactKind
from sla.targets import Terms
from tickets import transitions

_DISTANCE = re.compile(r"\+(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)min)?")


class StoryError(Exception):
    """A line that cannot be read; the message quotes it and says what was expected."""


class Happening(NamedTuple):
    """One thing that happened: a verb of ``VERBS`` and what follows it on the line."""

    at: datetime
    verb: str
    rest: str


@dataclass(slots=True)
class Setting:
    """What a story may name: the ``codes`` of priorities and severities, and plans by their slugs."""

    codes: Sequence[str]
    terms_of: Callable[[str, datetime], Terms]
    state: State = State.NEW
    now: datetime = field(default=datetime.min.replace(tzinfo=UTC))


def read(lines: Iterable[str], *, start: datetime) -> list[Happening]:
    """What the lines say, in their order; empty ones and what follows a ``#`` are remarks. Raises StoryError for an
    instant before the one above it or before ``start``, and for an unknown verb."""
    found: list[Happening] = []
    now = start
    for line in lines:
        text = line.split("#")[0].strip()
        if not text:
            continue
        instant, _, what = text.partition(" ")
        at = read_instant(instant, since=now)
        if at < now:
            raise StoryError(f"'{text}': happens before what stands above it.")
        now = at
        for part in what.split(";"):
            verb, _, rest = part.strip().partition(" ")
            if verb not in VERBS:
                raise StoryError(f"'{text}': expected one of {', '.join(VERBS)}, found '{verb}'.")
            found.append(Happening(at, verb, rest.strip()))
    return found


def read_instant(text: str, *, since: datetime) -> datetime:
    """An ISO 8601 instant with its offset, or ``+1d2h30min`` after ``since``; in UTC. Raises StoryError."""
    distance = _DISTANCE.fullmatch(text)
    if distance and any(distance.groups()):
        days, hours, minutes = (int(part or 0) for part in distance.groups())
        return since + timedelta(days=days, hours=hours, minutes=minutes)
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise StoryError(
            f"'{text}': expected an instant such as 2026-03-06T18:00+02:00, or +1h30min after the last one."
        )
    return at.astimezone(UTC)


def facts(
    priority: str, terms: Terms, happenings: Sequence[Happening], *, at: datetime, setting: Setting
) -> list[Fact]:
    """The facts of a ticket of this priority that was received at ``at``. Raises StoryError."""
    told = [Fact(at, FactKind.OPENED, priority=priority, terms=terms, state=State.NEW.value)]
    for happening in happenings:
        setting.now = happening.at
        told += VERBS[happening.verb](happening, setting)
    return told


Teller = Callable[[Happening, Setting], Iterator[Fact]]


def _reply(told: Happening, setting: Setting) -> Iterator[Fact]:
    yield Fact(told.at, FactKind.REPLIED)
    yield from _into(transitions.after_first_answer(setting.state, is_assigned=True), setting)


def _customer_writes(told: Happening, setting: Setting) -> Iterator[Fact]:
    yield Fact(told.at, FactKind.CUSTOMER_WROTE)
    yield from _into(transitions.after_customer_message(setting.state), setting)


def _call(told: Happening, setting: Setting) -> Iterator[Fact]:
    yield Fact(told.at, FactKind.CALL_LOGGED)
    yield from _into(transitions.after_first_answer(setting.state, is_assigned=True), setting)


def _next_update(told: Happening, setting: Setting) -> Iterator[Fact]:
    yield Fact(told.at, FactKind.UPDATE_PROMISED, until=read_instant(told.rest, since=told.at))


def _plan(told: Happening, setting: Setting) -> Iterator[Fact]:
    yield Fact(told.at, FactKind.TERMS_CHANGED, terms=setting.terms_of(told.rest, told.at))


def _graded(kind: FactKind) -> Teller:
    def tell(told: Happening, setting: Setting) -> Iterator[Fact]:
        if told.rest not in setting.codes:
            raise StoryError(f"'{told.verb} {told.rest}': expected one of {', '.join(setting.codes)}.")
        named = "priority" if kind is FactKind.PRIORITY_CHANGED else "severity"
        yield Fact(told.at, kind, **{named: told.rest})  # type: ignore[arg-type]

    return tell


def _to(state: State) -> Teller:
    def tell(told: Happening, setting: Setting) -> Iterator[Fact]:
        if state is not setting.state and not transitions.may_follow(setting.state, state):
            raise StoryError(f"'{told.verb}': a ticket that is {setting.state.value} cannot become {state.value}.")
        yield from _into(state, setting, told.rest)

    return tell


def _just(kind: FactKind) -> Teller:
    def tell(told: Happening, setting: Setting) -> Iterator[Fact]:
        yield Fact(told.at, kind)

    return tell


def _into(state: State, setting: Setting, reason: str = "") -> Iterator[Fact]:
    if state is not setting.state:
        setting.state = state
        yield Fact(setting.now, FactKind.STATE_CHANGED, state=state.value, reason=reason)


VERBS: Mapping[str, Teller] = {
    "reply": _reply,
    "customer-writes": _customer_writes,
    "call": _call,
    "next-update": _next_update,
    "no-reply-needed": _just(FactKind.NO_REPLY_NEEDED),
    "wait": _to(State.WAITING),
    "acknowledge": _to(State.ACKNOWLEDGED),
    "work": _to(State.IN_PROGRESS),
    "resolve": _to(State.RESOLVED),
    "reopen": _to(State.REOPENED),
    "priority": _graded(FactKind.PRIORITY_CHANGED),
    "severity": _graded(FactKind.SEVERITY_CHANGED),
    "plan": _plan,
    "ask-for-call": _just(FactKind.CALLBACK_REQUESTED),
}
"""What may happen to a ticket in a story."""
