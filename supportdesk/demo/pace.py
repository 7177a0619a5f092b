"""When people act: agents by what they promised and their desk hours, customers by their day."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from random import Random

from sla.calendars import BusinessCalendar

HOUR = 3600


@cache
def waking_hours(zone: str) -> BusinessCalendar:
    """When a customer answers e-mails."""
    return BusinessCalendar(zone, {day: [("08:00", "19:00")] for day in ("mon", "tue", "wed", "thu", "fri")})


def share_of_promise(rng: Random) -> float:
    """How much of the time to the due instant an answer takes: mostly little, at times nearly all; a few are late."""
    kind = rng.random()
    if kind < 0.07:
        return rng.uniform(1.03, 1.6)
    if kind < 0.2:
        return rng.uniform(0.8, 0.98)
    return rng.betavariate(2, 3.5) * 0.85


def agents_answer(
    now: datetime, due: datetime | None, *, hours: BusinessCalendar, is_urgent: bool, rng: Random
) -> datetime:
    """When an agent who has until ``due`` (None: as long as it takes) writes. In desk hours, unless it is urgent or the
    promise runs out before they begin."""
    if due is None:
        if is_urgent:
            return now + timedelta(minutes=rng.uniform(8, 40))
        return _after(hours, now, rng.uniform(0.4, 7) * HOUR)
    if due <= now:
        late = now + timedelta(minutes=rng.uniform(5, 45))
        return late if is_urgent else _next_open(hours, late, rng)
    share = share_of_promise(rng)
    wanted = now + share * (due - now)
    if is_urgent:
        return wanted
    wanted = _next_open(hours, wanted, rng)
    if share < 1 and wanted >= due:
        return max(due - timedelta(minutes=rng.uniform(1, 20)), now + 0.5 * (due - now))
    return wanted


def customers_answer(
    now: datetime, due: datetime | None, *, zone: str, is_urgent: bool, is_asked: bool, rng: Random
) -> datetime:
    """When the customer writes: at once in an emergency, else in the course of their days. Who is not asked tends to
    write while the agent still has time."""
    if is_urgent:
        return now + timedelta(minutes=rng.uniform(4, 40))
    wanted = _after(waking_hours(zone), now, (0.2 + rng.betavariate(1.4, 4) * 16) * HOUR)
    if not is_asked and due is not None and due > now and rng.random() < 0.85:
        return min(wanted, now + 0.85 * (due - now))
    return wanted


def filed_at(day: datetime, *, zone: str, is_urgent: bool, rng: Random) -> datetime:
    """When on about this day somebody files a ticket: emergencies at any hour."""
    wanted = day + timedelta(seconds=rng.uniform(0, 24 * HOUR))
    if is_urgent and rng.random() < 0.6:
        return wanted
    return _next_open(waking_hours(zone), wanted, rng)


def _after(hours: BusinessCalendar, now: datetime, seconds: float) -> datetime:
    return hours.add(now, seconds) or now + timedelta(seconds=seconds)


def _next_open(hours: BusinessCalendar, at: datetime, rng: Random) -> datetime:
    """This instant if the desk is open, else some time in the first two hours after it opens."""
    opens = hours.next_open(at) or at
    return at if opens <= at else opens + timedelta(minutes=rng.uniform(3, 120))
