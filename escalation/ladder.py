"""The ladder of an escalation policy: who is woken next, and when, until somebody answers. Pure.

A ladder is a list of steps. Between two waits everything happens at one instant, which is a *landing*: whoever the
steps name is told, the ticket is handed on, a service is posted to. ``climb`` takes a page from where it stands to the
next landing and says when the one after that is due; it is asked again then, as long as nobody has acknowledged.

- The next landing is due from the *old* due instant, so that a busy machine does not stretch the waits; from now when
  the firing came more than ``TOO_LATE`` after it was due, so that an outage is not followed by a whole chain at once.
- People are found at the instant of the landing. Where a landing's steps found nobody who would wake, its wait is
  skipped; a hold ("waiting room") never is.
- Where the loudest of what a landing sent was lost (nobody took the call, the paging service refused the incident), its
  wait may be cut short; where everything was lost, the landing has reached nobody.
- A repeat goes back only after a round that reached somebody. A chain that ends without having reached anybody tells
  the fallback.

Instants are aware datetimes; waits are seconds, of clock time or of a calendar's open time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sla.calendars import BusinessCalendar

TOO_LATE = timedelta(seconds=60)
MOST_REPEATS = 20
LOUD = frozenset({"sms", "voice"})
"""Channels that wake."""
EVERYTHING = ("inbox", "email", "sms", "voice")
SERVICE = "service"
"""Stands for a channel: an incident in a paging service, which wakes people of its own."""


@dataclass(frozen=True, slots=True)
class Notify:
    """Tells the people that ``whom`` names, such as ``rota:support/2`` or ``leads``, by these channels."""

    whom: tuple[str, ...]
    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Gives whoever was told ``seconds`` to answer, of clock time or of the open time of the calendar named."""

    seconds: float
    calendar: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """The waiting room: goes on when the calendar is open, at once when it is."""

    calendar: str


@dataclass(frozen=True, slots=True)
class Assign:
    """Gives the ticket to the first person that ``whom`` names; to nobody when it is empty."""

    whom: str


@dataclass(frozen=True, slots=True)
class SetTeam:
    team: str


@dataclass(frozen=True, slots=True)
class RaiseSeverity:
    """To this severity, unless the ticket's is as grave already."""

    code: str


@dataclass(frozen=True, slots=True)
class Post:
    """Opens an incident at an integration of the vendor, by its name."""

    integration: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """Goes back to a step (its place, from 0), at most ``times`` times."""

    step: int
    times: int


Step = Notify | Wait | Hold | Assign | SetTeam | RaiseSeverity | Post | Repeat


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps, whom to tell when they reached nobody, and after how long an acknowledgement runs out (None: never).

    Raises ValueError for a repeat that does not go back, goes back too often, or is the second one.
    """

    steps: tuple[Step, ...]
    fallback: tuple[str, ...] = ("leads",)
    acknowledged_for: timedelta | None = None

    def __post_init__(self) -> None:
        if sum(isinstance(step, Repeat) for step in self.steps) > 1:
            raise ValueError("a ladder repeats once at most")
        for place, step in enumerate(self.steps):
            if isinstance(step, Repeat) and not (0 <= step.step < place and 1 <= step.times <= MOST_REPEATS):
                raise ValueError(f"step {place + 1} must go back to an earlier step, 1 to {MOST_REPEATS} times")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a page stands: the next step, which round of a repeat it is in, and whom it has reached so far."""

    step: int = 0
    round: int = 0
    has_reached: bool = False
    round_reached: bool = False
    fell_back: bool = False


@dataclass(frozen=True, slots=True)
class Reached:
    """One person found for a step. ``key`` tells people apart; ``why`` says what made them the one ("first on call of
    Support"); ``channels`` are those of the step that their quiet hours leave."""

    key: str
    name: str
    why: str
    channels: tuple[str, ...]
    is_quiet: bool = False

    @property
    def is_told(self) -> bool:
        """Whether they can be expected to answer; who sleeps finds it in the morning."""
        return not self.is_quiet and bool(self.channels)


@dataclass(frozen=True, slots=True)
class Deed:
    """One step as it was taken. ``place`` is the step's, None for the fallback. ``is_missing``: it posts to a service
    that is not there."""

    place: int | None
    step: Step
    people: tuple[Reached, ...] = ()
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class Landing:
    """What happens at one instant, where the page stands after it, and when it goes on; None when it ends here."""

    at: datetime
    deeds: tuple[Deed, ...]
    standing: Standing
    next_at: datetime | None


Finder = Callable[[tuple[str, ...], tuple[str, ...], datetime], tuple[Reached, ...]]
"""Who stands behind these names at an instant, told by these channels."""


def climb(
    ladder: Ladder,
    standing: Standing,
    *,
    due: datetime,
    at: datetime,
    find: Finder,
    calendars: Mapping[str, BusinessCalendar],
    services: Collection[str] = (),
) -> Landing:
    """Takes the steps from where the page stands up to the next wait. ``services`` are the names, in small letters, of
    those that can be posted to."""
    begin = due if at - due <= TOO_LATE else at
    deeds: list[Deed] = []
    while standing.step < len(ladder.steps):
        place, step = standing.step, ladder.steps[standing.step]
        standing = replace(standing, step=place + 1)
        match step:
            case Wait() | Hold():
                ends = None if isinstance(step, Wait) and _was_for_nothing(deeds) else _end(step, begin, calendars)
                if ends is not None and ends > begin:
                    return Landing(at, tuple(deeds), standing, ends)
            case Repeat():
                if standing.round_reached and standing.round < step.times:
                    standing = replace(standing, step=step.step, round=standing.round + 1, round_reached=False)
            case _:
                deed = _deed(place, step, deeds, find, at)
                if deed is None:
                    continue
                is_missing = isinstance(step, Post) and step.integration.lower() not in services
                deeds.append(replace(deed, is_missing=is_missing))
                if _is_heard(deeds[-1:]):
                    standing = replace(standing, has_reached=True, round_reached=True)
    if not standing.has_reached and not standing.fell_back and ladder.fallback:
        standing = replace(standing, fell_back=True)
        people = find(ladder.fallback, EVERYTHING, at)
        deeds.append(Deed(None, Notify(ladder.fallback, EVERYTHING), people))
    return Landing(at, tuple(deeds), standing, None)


def lost_way(copies: Iterable[tuple[str, bool]]) -> str:
    """By which way a landing was in vain, given each copy's channel and whether it was lost; empty when it was not.

    The loudest counts: every call, or where there was none every text, or else every incident. What lies in a mailbox
    counts for nothing beside these: nobody woke up by it. Where nothing louder was sent, all of it has to be lost.
    """
    copies = list(copies)
    for loudest in ("voice", "sms", SERVICE):
        lost = [is_lost for channel, is_lost in copies if channel == loudest]
        if lost:
            return loudest if all(lost) else ""
    return "email" if copies and all(is_lost for _channel, is_lost in copies) else ""


def may_go_on(ladder: Ladder, standing: Standing, *, is_handed: bool = False) -> bool:
    """Whether a page that waits like this may take its next step before its time, for whoever was told was not reached.

    A waiting room is left by its calendar alone, and what would begin the next round keeps its time: whoever could not
    be reached just now may be in a while. ``is_handed``: it waits for somebody it was handed to, at whatever step. At
    the end of the ladder the fallback is left, while nobody at all was reached.
    """
    if standing.step >= len(ladder.steps):
        return bool(ladder.fallback) and not standing.has_reached and not standing.fell_back
    if is_handed:
        return True
    following = ladder.steps[standing.step]
    begins_a_round = isinstance(following, Repeat) and standing.round_reached
    return standing.step > 0 and isinstance(ladder.steps[standing.step - 1], Wait) and not begins_a_round


def rehearse(
    ladder: Ladder,
    *,
    at: datetime,
    find: Finder,
    calendars: Mapping[str, BusinessCalendar],
    services: Collection[str] = (),
    standing: Standing = Standing(),
) -> tuple[Landing, ...]:
    """The whole chain from ``at`` and ``standing`` on, if nobody ever answered."""
    landings: list[Landing] = []
    due = at
    while True:
        landing = climb(ladder, standing, due=due, at=due, find=find, calendars=calendars, services=services)
        landings.append(landing)
        if landing.next_at is None:
            return tuple(landings)
        standing, due = landing.standing, landing.next_at


def _deed(place: int, step: Step, before: list[Deed], find: Finder, at: datetime) -> Deed | None:
    """The step with the people it means; nobody is told twice at one landing, so it may come to nothing."""
    match step:
        case Notify(whom, channels):
            told = {person.key for deed in before if isinstance(deed.step, Notify) for person in deed.people}
            found = {person.key: person for person in find(whom, channels, at)}
            people = tuple(person for key, person in found.items() if key not in told)
            return None if found and not people else Deed(place, step, people)
        case Assign(whom) if whom:
            return Deed(place, step, find((whom,), (), at)[:1])
    return Deed(place, step)


def _is_heard(deeds: list[Deed]) -> bool:
    """Whether any of them reached a person, or a service that does."""
    return any(
        (isinstance(deed.step, Post) and not deed.is_missing)
        or (isinstance(deed.step, Notify) and any(person.is_told for person in deed.people))
        for deed in deeds
    )


def _was_for_nothing(deeds: list[Deed]) -> bool:
    """Whether the landing meant to tell somebody and found nobody: there is nobody to wait for."""
    return any(isinstance(deed.step, Notify | Post) for deed in deeds) and not _is_heard(deeds)


def _end(step: Wait | Hold, begin: datetime, calendars: Mapping[str, BusinessCalendar]) -> datetime | None:
    """When a wait that begins then is over; None when its calendar never opens, which waits for nobody."""
    if isinstance(step, Hold):
        calendar = calendars.get(step.calendar)
        return calendar.next_open(begin) if calendar is not None else None
    if not step.calendar:
        return begin + timedelta(seconds=step.seconds)
    calendar = calendars.get(step.calendar)
    return calendar.add(begin, step.seconds) if calendar is not None else None
