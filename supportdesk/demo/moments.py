"""The moment of seeding: tickets that stand, just then, in each of the ways a ticket can stand.

Their instants of receipt are computed backwards from what was promised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from plans.models import Priority
from sla.targets import BestEffort, BusinessDays, Metric, Span, Target
from supportdesk.demo.history import History
from supportdesk.demo.stage import Place, Stage
from supportdesk.demo.story import Story, Turn

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
WARNS_IN = timedelta(seconds=40)
BREACHES_IN = timedelta(seconds=100)


@dataclass(frozen=True, slots=True)
class Promise:
    """A first response that is owed for one project at one priority."""

    place: Place
    priority: Priority
    target: Target


def started_for(target: Target, due: datetime) -> datetime | None:
    """When a clock of this target must have started to be due at this instant; None if none ever is."""
    match target.amount:
        case Span(seconds):
            starts = [target.calendar.add(due, -seconds)]
        case BusinessDays(days):
            starts = [due - timedelta(days=back) for back in range(days, days + 12)]
        case BestEffort():
            starts = []
    return next((start for start in starts if start is not None and target.due(start) == due), None)


class Moments:
    """Tells tickets that stand as wanted at ``at``; what cannot be had of this vendor just then is left out."""

    def __init__(self, stage: Stage, *, at: datetime, rng: Random) -> None:
        self.stage, self.at, self.rng = stage, at.replace(microsecond=0), rng

    def all(self) -> list[Callable[[], None]]:
        """One function for each ticket, to be called in a transaction of its own."""
        due = self._due_in
        return [
            self._answered_late,
            self._reopened,
            self._waiting,
            lambda: due(-35 * MINUTE),
            lambda: due(11 * MINUTE),
            self._best_effort,
            self._tomorrow,
            self._waiting,
            lambda: due(-130 * MINUTE, is_taken=True),
            lambda: due(140 * MINUTE, is_taken=True),
            lambda: due(55 * MINUTE, is_acknowledged=True),
            self._in_progress,
            self._just_filed,
        ]

    def imminent(self) -> list[Callable[[], None]]:
        """What is to be watched live: a warning after ``WARNS_IN`` and a breach after ``BREACHES_IN``.

        Where updates are promised it is one ticket, whose next update was announced for that instant. Elsewhere a
        quarter of the promised time, half an hour or more, lies between the two, so that they are two tickets.
        """
        updated = [promise for promise in self._promises() if self._has_updates(promise)]
        if updated:
            return [lambda: self._announced(updated[0])]
        return [self._about_to_warn, self._about_to_breach]

    def _due_in(self, time: timedelta, *, is_taken: bool = False, is_acknowledged: bool = False) -> None:
        """Unanswered, and due at that distance from now."""
        for promise in self._promises():
            start = started_for(promise.target, self.at + time)
            if start is not None and MINUTE <= self.at - start < timedelta(days=9):
                self._unanswered(promise, start, is_taken=is_taken, is_acknowledged=is_acknowledged)
                return

    def _answered_late(self) -> None:
        """Answered yesterday, half an hour too late."""
        for promise in self._promises():
            due = self.at - 26 * HOUR
            start = started_for(promise.target, due)
            stories = [each for each in self._stories(promise.priority) if each.turns[0].kind in ("answer", "ask")]
            if start is None or not stories:
                continue
            story = self.rng.choice(stories)
            history = self._history(promise.place, promise.priority, story)
            history.open(start)
            history.grade(start + 4 * MINUTE, is_agreed=True)
            history.take(due + 20 * MINUTE)
            history.turn(story.turns[0], due + self.rng.uniform(22, 45) * MINUTE)
            history.go_on(story.turns[1:])
            return

    def _tomorrow(self) -> None:
        due = self.stage.hours.add(self.at, 11 * 3600)
        if due is not None:
            self._due_in(due.replace(microsecond=0) - self.at)

    def _best_effort(self) -> None:
        """Owed nothing by any instant: best effort, or a priority that has no clock at all."""
        for place in self._places():
            for priority in self.stage.priorities.values():
                firsts = [t for t in place.terms.applying(priority.code) if t.metric is Metric.FIRST_RESPONSE]
                if all(target.is_best_effort for target in firsts) and self._stories(priority):
                    filed = self.stage.hours.add(self.at, -13 * 3600) or self.at - timedelta(days=2)
                    self._history(place, priority, self.rng.choice(self._stories(priority))).tell(filed, turns=0)
                    return

    def _waiting(self) -> None:
        """Paused: the ball is in the customer's court."""
        place, priority, story = self._with_turn("ask", is_first=True)
        self._history(place, priority, story).tell(self.at - self.rng.uniform(140, 170) * HOUR, turns=1)

    def _in_progress(self) -> None:
        """Answered half an hour ago, and worked on since."""
        place, priority, story = self._with_turn("answer", is_first=True)
        history = self._history(place, priority, story)
        history.open(self.at - 3 * HOUR)
        history.take(self.at - 35 * MINUTE)
        history.turn(story.turns[0], self.at - 31 * MINUTE)
        history.end()

    def _reopened(self) -> None:
        """Resolved, and back since some hours."""
        place, priority, story = self._with_turn("back")
        back = story.first("back") or 0
        history = self._history(place, priority, story)
        history.until = self.at - 4 * HOUR
        history.tell(self.at - timedelta(days=12), turns=back)
        history.until = self.at
        history.turn(story.turns[back], self.at - self.rng.uniform(40, 200) * MINUTE)
        history.end()

    def _just_filed(self) -> None:
        """Waiting for triage: nobody has looked at it yet."""
        usual = [p for p in self.stage.priorities.values() if not p.pages and self._stories(p)]
        priority = self.rng.choice(usual)
        history = self._history(self._places()[0], priority, self.rng.choice(self._stories(priority)))
        history.tell(self.at - 6 * MINUTE, turns=0)

    def _announced(self, promise: Promise) -> None:
        """An incident whose next update is announced for the instant of the breach.

        The warning comes after three quarters of the time between the update and the next: the update is so long ago.
        """
        history = self._history(promise.place, promise.priority, self._story(promise.priority))
        history.open(self.at - 26 * MINUTE)
        history.grade(self.at - 24 * MINUTE, is_agreed=True)
        history.take(self.at - 21 * MINUTE)
        history.turn(Turn("answer", "We have seen it, and are working on it."), self.at - 20 * MINUTE)
        interval = 4 * (BREACHES_IN - WARNS_IN)
        updated = self.at + BREACHES_IN - interval
        history.turn(Turn("note", "If this does not help within minutes: call Tier 3."), updated - 2 * MINUTE)
        told = "We have found a lead and are testing it. You will hear from us again shortly."
        history.turn(Turn("update", told, minutes=interval // MINUTE), updated)
        history.end()

    def _about_to_warn(self) -> None:
        promise, warn = self._paged(lambda target: target.warn_at(self.at))
        self._unanswered(promise, self.at + WARNS_IN - (warn - self.at))

    def _about_to_breach(self) -> None:
        promise, due = self._paged(lambda target: target.due(self.at))
        self._unanswered(promise, self.at + BREACHES_IN - (due - self.at), is_taken=True)

    def _paged(self, instant: Callable[[Target], datetime | None]) -> tuple[Promise, datetime]:
        """A promise that holds around the clock, and the instant it has when it starts now."""
        for promise in self._promises():
            found = instant(promise.target)
            day = (self.at - timedelta(days=1), self.at + timedelta(days=1))
            if found is not None and promise.priority.pages and promise.target.calendar.between(*day) == 2 * 86400:
                return promise, found
        raise LookupError(f"{self.stage.vendor.slug} promises nothing around the clock")

    def _unanswered(
        self, promise: Promise, start: datetime, *, is_taken: bool = False, is_acknowledged: bool = False
    ) -> None:
        history = self._history(promise.place, promise.priority, self._story(promise.priority))
        history.open(start)
        history.grade(start + 4 * MINUTE, is_agreed=True)
        if is_taken:
            history.take(min(start + 25 * MINUTE, self.at - MINUTE))
            history.turn(Turn("note", "Looking into it. Cannot reproduce it on staging so far."), history.now + MINUTE)
        if is_acknowledged:
            history.acknowledge(max(history.now, min(start + 6 * MINUTE, self.at - MINUTE)))
        history.end()

    def _promises(self) -> Iterator[Promise]:
        """First responses owed by an instant, in a mixed order."""
        found = [
            Promise(place, self.stage.priorities[target.priority], target)
            for place in self.stage.places
            for target in place.terms.targets
            if target.metric is Metric.FIRST_RESPONSE and not target.is_best_effort
        ]
        return iter(self.rng.sample(found, len(found)))

    def _has_updates(self, promise: Promise) -> bool:
        code = promise.priority.code
        return promise.priority.pages and any(
            target.metric is Metric.UPDATE and target.calendar.is_open(self.at)
            for target in promise.place.terms.applying(code)
        )

    def _with_turn(self, kind: str, *, is_first: bool = False) -> tuple[Place, Priority, Story]:
        """A story that has such a turn, at a priority that nobody is paged for where there is one."""
        found = [
            (self.stage.priorities[code], story)
            for story in self.stage.book.stories
            for code in story.priorities
            if any(turn.kind == kind for turn in (story.turns[:1] if is_first else story.turns))
        ]
        calm = [each for each in found if not each[0].pages]
        priority, story = self.rng.choice(calm or found)
        return self._places()[0], priority, story

    def _story(self, priority: Priority) -> Story:
        stories = self._stories(priority)
        if not stories:
            raise LookupError(f"{self.stage.vendor.slug} has no story of priority {priority.code}")
        return self.rng.choice(stories)

    def _stories(self, priority: Priority) -> list[Story]:
        return [story for story in self.stage.book.stories if priority.code in story.priorities]

    def _places(self) -> list[Place]:
        return self.rng.sample(self.stage.places, len(self.stage.places))

    def _history(self, place: Place, priority: Priority, story: Story) -> History:
        subject = self.rng.choice(story.subjects)
        return History(self.stage, place, story, priority=priority, subject=subject, until=self.at, rng=self.rng)
