"""Why a deadline is where it is: the sentences, for one run at one instant. Pure; the picture is in ``sla/band.py``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sla.counting import counted, day, elapsed, length, spelt
from sla.runs import Outcome, Run

Translate = Callable[[str], str]
"""Gives a sentence in the reader's language."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that moved the deadline and is told in a line: "priority P3 → P1"."""

    at: datetime
    text: str


def sentences(
    run: Run,
    at: datetime,
    *,
    zone: tzinfo,
    changes: Sequence[Change] = (),
    reason_of: Callable[[str], str] = str,
    translate: Translate = str,
) -> list[str]:
    """The promise, its source, each change, pause and open stretch that counted, and how it stands at ``at``.

    Instants are spelt in ``zone``; ``reason_of`` words the reason of a pause for the reader.
    """
    say = _Speaker(zone, translate)
    target = run.target
    lines = [say("Promise: {promise}.", promise=target.promise)]
    if target.derived_from:
        lines.append(say("It follows from another plan: {derived_from}.", derived_from=target.derived_from))
    if target.source:
        lines.append(say("The contract says: “{source}”", source=" ".join(target.source.split())))
    lines.append(
        say("It runs from {start}, on the calendar {calendar}.", start=run.started_at, calendar=target.calendar_name)
    )
    lines += [say("{at}: {text}.", at=each.at, text=each.text) for each in changes]
    lines += _pauses(run, reason_of, say)
    lines += _open_time(run, at, say)
    lines += _standing(run, at, say)
    return lines


class _Speaker:
    def __init__(self, zone: tzinfo, translate: Translate) -> None:
        self.zone = zone
        self.translate = translate

    def __call__(self, sentence: str, **values: object) -> str:
        return self.translate(sentence).format(**{name: self._spelt(value) for name, value in values.items()})

    def _spelt(self, value: object) -> object:
        if isinstance(value, datetime):
            return day(value, self.zone)
        return length(value) if isinstance(value, timedelta) else value


def _pauses(run: Run, reason_of: Callable[[str], str], say: _Speaker) -> list[str]:
    lines = [
        say(
            "Paused {began} – {ended}: {reason}.",
            began=pause.began_at,
            ended=pause.ended_at,
            reason=reason_of(pause.reason),
        )
        for pause in run.pauses
    ]
    if run.paused_at is not None:
        lines.append(say("Paused since {began}: {reason}.", began=run.paused_at, reason=reason_of(run.paused_reason)))
    return lines


def _open_time(run: Run, at: datetime, say: _Speaker) -> list[str]:
    calendar = run.target.calendar
    end = max(run.started_at, min(at, run.settled_at or at, run.due_at or at, run.paused_at or at))
    stretches = counted(calendar, run.started_at, end, run.stretches)
    used = sum((stretch.length for stretch in stretches), timedelta())
    lines = [say("{used} of open time used:", used=used)] if stretches else [say("No open time has been used yet.")]
    lines += [f"· {line}" for line in spelt(stretches, say.zone)]
    last = max(end, run.due_at or end).astimezone(calendar.local(run.started_at).tzinfo).date()
    first = calendar.local(run.started_at).date()
    lines += [
        say("Closed on {date}, {name}.", date=f"{on:%a} {on.day} {on:%b %Y}", name=name or say("holiday"))
        for on, name in calendar.holidays
        if first <= on <= last
    ]
    return lines


def _standing(run: Run, at: datetime, say: _Speaker) -> list[str]:
    lines = []
    if run.promised_at is not None:
        lines.append(say("The team stated this instant in its last update; it stands whatever the interval."))
    if run.warn_at is not None and run.is_open:
        lines.append(say("Warning at {warn}.", warn=run.warn_at))
    if run.due_at is not None:
        lines.append(say("Due at {due}.", due=run.due_at))
    elif run.is_open and run.target.is_best_effort:
        lines.append(say("Best effort: no instant is promised, and it cannot be missed."))
    elif run.is_open and not run.is_paused:
        lines.append(say("Never due: the calendar has no such open time ahead."))
    if run.settled_at is not None:
        lines.append(_settled(run, run.settled_at, say))
    elif run.due_at is not None and at > run.due_at:
        lines.append(say("Overdue by {late}.", late=elapsed(at - run.due_at)))
    return lines


def _settled(run: Run, settled_at: datetime, say: _Speaker) -> str:
    if run.outcome is Outcome.CANCELLED:
        return say("Ended at {settled}: nothing was owed any more.", settled=settled_at)
    if run.outcome is Outcome.LATE and run.due_at is not None:
        return say("Settled at {settled}, {late} late.", settled=settled_at, late=elapsed(settled_at - run.due_at))
    return say("Met at {settled}.", settled=settled_at)
