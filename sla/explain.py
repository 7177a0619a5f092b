"""Why a deadline is where it is: the sentences, for one run at one instant. Pure; the picture is in ``sla/band.py``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from sla.counting import Stretch, counted, day, elapsed, length, spanned, spelt
from sla.facts import FactKind
from sla.runs import Outcome, Pause, Run
from sla.turns import Turn

Translate = Callable[[str], str]
"""Gives a sentence in the reader's language."""

DETAIL = "· "
"""What a line begins with that belongs to the sentence before it."""


def sentences(
    run: Run,
    at: datetime,
    *,
    zone: tzinfo,
    turns: Sequence[Turn] = (),
    reason_of: Callable[[str], str] = str,
    for_customer: bool = False,
    translate: Translate = str,
) -> list[str]:
    """The promise, its source, each change and pause as they came, the open time that counted and that is still to
    come, and how it stands at ``at``.

    Instants are spelt in ``zone``; ``reason_of`` words the reason of a pause for the reader. Customers are not told the
    severity that the team judged by.
    """
    say = _Speaker(zone, translate)
    target = run.target
    lines = [say("Promise: {promise}.", promise=target.promise)]
    if target.derived_from:
        lines.append(say("It follows from another plan: {derived_from}.", derived_from=target.derived_from))
    if target.source:
        lines.append(say("The contract says: “{source}”", source=" ".join(target.source.split())))
    lines.append(
        say(
            "It runs from {start}, on the calendar {calendar} ({place}).",
            start=run.started_at,
            calendar=target.calendar_name,
            place=target.calendar.zone,
        )
    )
    happened = [(turn.at, _turned(turn, for_customer, say)) for turn in turns]
    happened += [(pause.began_at, _paused(pause, reason_of, say)) for pause in run.pauses]
    lines += [text for _, text in sorted(happened, key=lambda each: each[0])]
    if run.paused_at is not None:
        lines.append(say("Paused since {began}: {reason}.", began=run.paused_at, reason=reason_of(run.paused_reason)))
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


def _turned(turn: Turn, for_customer: bool, say: _Speaker) -> str:
    if turn.kind is FactKind.UPDATE_PROMISED:
        if turn.was_due_at is None:
            return say("{at}: the next update was stated for {due}.", at=turn.at, due=turn.due_at)
        return say(
            "{at}: the next update was stated for {due}, instead of {was}.",
            at=turn.at,
            due=turn.due_at,
            was=turn.was_due_at,
        )
    if turn.kind in (FactKind.TOOK_IN, FactKind.GAVE_BACK):
        return _regrouped(turn, say)
    what = _what_changed(turn, for_customer, say)
    if turn.is_beginning:
        return say("{at}: {what}, which promises this.", at=turn.at, what=what)
    kept = say("{at}: {what}; same start, same pauses", at=turn.at, what=what)
    if turn.due_at == turn.was_due_at:
        return say("{kept}.", kept=kept)
    if turn.due_at is None:
        return say("{kept}; before, it was due at {was}.", kept=kept, was=turn.was_due_at)
    if turn.was_due_at is None:
        return say("{kept}: due at {due}; before, at no instant.", kept=kept, due=turn.due_at)
    return say("{kept}: due at {due} instead of {was}.", kept=kept, due=turn.due_at, was=turn.was_due_at)


def _regrouped(turn: Turn, say: _Speaker) -> str:
    """Nobody is told which other ticket: it may be somebody else's."""
    if turn.kind is FactKind.TOOK_IN:
        what = say("another request was merged into this one, and the earlier receipt counts")
    else:
        what = say("a merged request was separated again, and this one's own receipt counts")
    if turn.due_at is None or turn.was_due_at is None:
        return say("{at}: {what}.", at=turn.at, what=what)
    return say(
        "{at}: {what}: due at {due} instead of {was}.", at=turn.at, what=what, due=turn.due_at, was=turn.was_due_at
    )


def _what_changed(turn: Turn, for_customer: bool, say: _Speaker) -> str:
    names = {"before": turn.before or "–", "after": turn.after or "–"}
    if turn.kind is FactKind.PRIORITY_CHANGED:
        return say("priority changed from {before} to {after}", **names)
    if turn.kind is FactKind.SEVERITY_CHANGED:
        if for_customer:
            return say("the team judged the urgency anew")
        return say("severity changed from {before} to {after}", **names)
    if turn.before == turn.after:
        return say("the terms of the plan or its hours were edited")
    return say("plan changed from {before} to {after}", **names)


def _paused(pause: Pause, reason_of: Callable[[str], str], say: _Speaker) -> str:
    return say(
        "Paused {when} ({length}): {reason}.",
        when=spanned(pause.began_at, pause.ended_at, say.zone),
        length=elapsed(pause.ended_at - pause.began_at),
        reason=reason_of(pause.reason),
    )


def _open_time(run: Run, at: datetime, say: _Speaker) -> Iterator[str]:
    calendar = run.target.calendar
    end = max(run.started_at, min(at, run.settled_at or at, run.due_at or at, run.paused_at or at))
    used = counted(calendar, run.started_at, end, run.stretches)
    ahead = counted(calendar, end, run.due_at, run.stretches) if run.is_open and run.due_at and run.due_at > end else []
    yield say("{used} of open time used:", used=_total(used)) if used else say("No open time has been used yet.")
    yield from (f"{DETAIL}{line}" for line in spelt(used, say.zone))
    if ahead:
        yield say("{left} of open time to go:", left=_total(ahead))
        yield from (f"{DETAIL}{line}" for line in spelt(ahead, say.zone))
    last = max(end, run.due_at or end).astimezone(calendar.local(run.started_at).tzinfo).date()
    first = calendar.local(run.started_at).date()
    for on, name in calendar.holidays:
        if first <= on <= last:
            yield say("Closed on {date}, {name}.", date=f"{on:%a} {on.day} {on:%b %Y}", name=name or say("holiday"))


def _total(stretches: Sequence[Stretch]) -> timedelta:
    return sum((stretch.length for stretch in stretches), timedelta())


def _standing(run: Run, at: datetime, say: _Speaker) -> Iterator[str]:
    if run.promised_at is not None:
        yield say("The team stated this instant in its last update; it stands whatever the interval.")
    if run.warn_at is not None and run.is_open:
        yield say("Warning at {warn}.", warn=run.warn_at)
    low = run.target.due_low(run.started_at, run.stretches)
    if run.due_at is not None and low is not None and low < run.due_at:
        yield say("Due at {due}, the end of the range, which begins at {low}.", due=run.due_at, low=low)
    elif run.due_at is not None:
        yield say("Due at {due}.", due=run.due_at)
    elif run.is_open and run.target.is_best_effort:
        yield say("Best effort: no instant is promised, and it cannot be missed.")
    elif run.is_open and not run.is_paused:
        yield say("Never due: the calendar has no such open time ahead.")
    if run.settled_at is not None:
        yield _settled(run, run.settled_at, say)
    elif run.due_at is not None and at > run.due_at:
        yield say("Overdue by {late}.", late=elapsed(at - run.due_at))


def _settled(run: Run, settled_at: datetime, say: _Speaker) -> str:
    if run.outcome is Outcome.CANCELLED:
        return say("Ended at {settled}: nothing was owed any more.", settled=settled_at)
    if run.outcome is Outcome.LATE and run.due_at is not None:
        return say("Settled at {settled}, {late} late.", settled=settled_at, late=elapsed(settled_at - run.due_at))
    return say("Met at {settled}.", settled=settled_at)
