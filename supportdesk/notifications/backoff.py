"""When a failed delivery is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=4)
GIVE_UP_AFTER = timedelta(days=3)


def next_attempt(
    *, attempts: int, at: datetime, queued_at: datetime, spread: float, retry_after: timedelta | None = None
) -> datetime | None:
    """The instant of the next attempt after ``attempts`` failed ones; None when it is time to give up.

    Doubles from five seconds to four hours, for three days after it was queued. ``spread`` between 0 and 1 moves it by
    up to a fifth either way, so that what failed together is not repeated together. What the other side asked for is
    honoured when it is longer.
    """
    delay = min(FIRST * 2 ** min(attempts - 1, 20), LONGEST) * (0.8 + 0.4 * spread)
    if retry_after is not None:
        delay = max(delay, retry_after)
    following = at + delay
    return following if following <= queued_at + GIVE_UP_AFTER else None
