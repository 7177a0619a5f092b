"""Who watches the engine: what is said to the platform's operators, and when. Pure.

It is said by a path of its own (plain e-mail from a process that fires nothing), for what is broken cannot report it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SETTLING = timedelta(seconds=60)
"""So long after it began to watch nothing is said: everything starts together."""

LASTING = timedelta(seconds=20)
"""A trouble is told of when it has lasted so long. Silence of the pumps has lasted a minute by then already."""

AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Watch:
    """What the watcher remembers. ``since`` is when the present trouble began, ``said_at`` when it was last told of.
    ``settling`` and ``lasting`` are how patient it is."""

    began_at: datetime
    since: datetime | None = None
    said_at: datetime | None = None
    set_aside: int = 0
    settling: timedelta = SETTLING
    lasting: timedelta = LASTING


@dataclass(frozen=True, slots=True)
class Word:
    """What is to be told, as an e-mail."""

    subject: str
    body: str


def look(
    watch: Watch, *, reason: str, oldest_due_seconds: float, set_aside: int, at: datetime
) -> tuple[Watch, Word | None]:
    """What is remembered from here on, and what is to be told now: a trouble when it has lasted, once more every hour
    while it does, its end, and that timers were set aside."""
    if reason:
        return _in_trouble(watch, reason, oldest_due_seconds, at)
    if watch.said_at is not None and watch.since is not None:
        text = f"It had not since {_utc(watch.since)}. What was due meanwhile is being caught up with."
        return replace(watch, since=None, said_at=None, set_aside=set_aside), Word("supportdesk fires again", text)
    quiet = replace(watch, since=None, said_at=None, set_aside=set_aside)
    if set_aside > watch.set_aside:
        text = (
            f"{set_aside} in all have failed eight times and will not be tried again by themselves; the log says why."
        )
        return quiet, Word("supportdesk has set timers aside", text)
    return quiet, None


def _in_trouble(watch: Watch, reason: str, oldest: float, at: datetime) -> tuple[Watch, Word | None]:
    watch = replace(watch, since=watch.since or at)
    assert watch.since is not None
    has_lasted = at >= watch.since + watch.lasting and at >= watch.began_at + watch.settling
    is_news = watch.said_at is None or at >= watch.said_at + AGAIN
    if not (has_lasted and is_news):
        return watch, None
    text = f"{reason}\nSince {_utc(watch.since)}; the longest due timer has been waiting for {oldest:.0f} s."
    return replace(watch, said_at=at), Word(
        "supportdesk does not fire", f"{text}\nPromises are not watched and nobody is paged."
    )


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
