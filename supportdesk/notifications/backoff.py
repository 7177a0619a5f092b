"""When a failed delivery is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)

URGENT_FIRST = timedelta(seconds=1)
URGENT_LONGEST = timedelta(seconds=15)
URGENT_GIVE_UP_AFTER = timedelta(hours=6)


def next_attempt(
    *,
    attempts: int,
    at: datetime,
    queued_at: datetime,
    spread: float,
    retry_after: timedelta | None = None,
    is_urgent: bool = False,
) -> datetime | None:
    """The instant of the next attempt after ``attempts`` failed ones; None when it is time to give up.

    Doubles from five seconds to four hours, for three days after it was queued; what is urgent from one second to
    fifteen, for six hours, after which nobody needs to be woken for it. ``spread`` between 0 and 1 moves it by up to a
    fifth either way, so that what failed together is not repeated together. What the other side asked for is honoured
    when it is longer, but not by what is urgent: it would rather be refused once more than come too late.
    """
    first, longest = (URGENT_FIRST, URGENT_LONGEST) if is_urgent else (FIRST, LONGEST)
    delay = min(first * 2 ** min(attempts - 1, 20), longest) * (0.8 + 0.4 * spread)
    if retry_after is not None and not is_urgent:
        delay = max(delay, retry_after)
    following = at + delay
    return following if following <= queued_at + (URGENT_GIVE_UP_AFTER if is_urgent else GIVE_UP_AFTER) else None
