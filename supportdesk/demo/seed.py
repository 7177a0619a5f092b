"""Seeding one vendor's demo: sixty days of tickets, lived through one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import cycle
from random import Random

from supportdesk.accounts import audit
from supportdesk.accounts.models import AuditEntry, Vendor
from supportdesk.demo.channels import seed_channels
from supportdesk.demo.erase import ERASED, erase_tickets
from supportdesk.demo.history import History
from supportdesk.demo.moments import Moments
from supportdesk.demo.outbox import read_notices, send_in_the_past
from supportdesk.demo.pace import HOUR, filed_at
from supportdesk.demo.people import Cast
from supportdesk.demo.prepared import seed_prepared
from supportdesk.demo.rotas import seed_rotas
from supportdesk.demo.solutions import seed_solutions
from supportdesk.demo.stage import Stage, settle, stage_of
from supportdesk.demo.story import Story
from supportdesk.demo.together import work_together
from supportdesk.tenancy.scope import vendor_scope

SEEDED = "demo.seeded"
DAYS = 60
TICKETS_PER_VENDOR = 64
SEED = 20
UNREAD_SINCE = timedelta(hours=3)
LEFT_WAITING = 0.07


class Halted(Exception):  # noqa: N818 - nothing is wrong with it
    """Told to stop between two tickets."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A ticket of the past: which story, in whose words, from when on, and how many of its turns (None: all)."""

    filed_at: datetime
    story: Story
    subject: str
    priority: str
    turns: int | None


def is_seeded(vendor: Vendor) -> bool:
    """Whether the vendor's demo stands complete; one that was interrupted does not."""
    with vendor_scope(vendor):
        last = AuditEntry.objects.filter(action__in=(SEEDED, ERASED)).order_by("-id").first()
        return last is not None and last.action == SEEDED


def seed(
    cast: Cast,
    vendor: Vendor,
    *,
    at: datetime,
    tickets_per_vendor: int = TICKETS_PER_VENDOR,
    is_halted: Callable[[], bool] = lambda: False,
) -> int:
    """Puts the vendor's demo up as of ``at``, replacing what an earlier or interrupted seeding left; how many tickets.

    The same ``at`` gives the same demo. Each ticket is one transaction, and the e-mails about it have been sent at
    their instants; ``outbox.telling_since`` says from when on there are any. Raises Halted between two tickets when
    ``is_halted``.
    """
    rng = Random(f"{SEED} {cast.vendor}")
    with vendor_scope(vendor):
        settle(cast, vendor, at=at)
        erase_tickets(cast, at=at)
        seed_channels(vendor, at=at)
        seed_solutions(vendor, at=at)
        seed_rotas(vendor, at=at)
        seed_prepared(at=at)
        stage = stage_of(cast, vendor, at=at)
    moments = Moments(stage, at=at, rng=rng).all()
    moments = moments[: max(tickets_per_vendor * 2 // 3, 1)]
    plots = _plots(stage, max(tickets_per_vendor - len(moments), 0), at, rng)
    tickets_told: list[Callable[[], None]] = [partial(_live_through, stage, plot, at, rng) for plot in plots]
    beside: list[Callable[[], None]] = [partial(work_together, stage, at=at, rng=rng)]
    for tell in (*tickets_told, *moments, *beside):
        if is_halted():
            raise Halted
        with _past(stage):
            tell()
    return len(plots) + len(moments)


def seed_imminent(cast: Cast, vendor: Vendor, *, at: datetime) -> None:
    """The tickets that warn and breach within two minutes of ``at``, filed last because seeding itself takes time; with
    them the vendor's demo is complete."""
    rng = Random(f"{SEED} {cast.vendor} soon")
    with vendor_scope(vendor):
        stage = stage_of(cast, vendor, at=at)
    for moment in Moments(stage, at=at, rng=rng).imminent():
        with _past(stage):
            moment()
    with vendor_scope(vendor):
        read_notices(before=at - UNREAD_SINCE)
        audit.record(SEEDED, by=None, at=at)


@contextmanager
def _past(stage: Stage) -> Iterator[None]:
    """The vendor's scope, in which whoever is told something has been sent it then."""
    with vendor_scope(stage.vendor):
        yield
        send_in_the_past()


def _plots(stage: Stage, count: int, at: datetime, rng: Random) -> list[Plot]:
    """As many tickets over the last ``DAYS`` days, the more the nearer; subjects repeat only when all were used."""
    stories = [(story, subject) for story in stage.book.stories for subject in story.subjects]
    rng.shuffle(stories)
    plots = []
    for _, (story, subject) in zip(range(count), cycle(stories), strict=False):
        code = rng.choice(story.priorities)
        day = at - timedelta(days=1 + (DAYS - 1) * rng.random() ** 1.5)
        filed = filed_at(day, zone=stage.vendor.zone, is_urgent=stage.priorities[code].pages, rng=rng)
        if filed > at - timedelta(minutes=50):  # not yet a working day: late on the last one then
            last = stage.hours.add(at - timedelta(minutes=50), -rng.uniform(1, 7) * HOUR)
            filed = last or at - timedelta(days=1)
        plots.append(Plot(filed, story, subject, code, _turns_told(story, at - filed, rng)))
    return sorted(plots, key=lambda plot: plot.filed_at)


def _turns_told(story: Story, age: timedelta, rng: Random) -> int | None:
    """All, but for a few young tickets whose customers never came back to what they were asked."""
    asked = story.first("ask")
    if asked is not None and age < timedelta(days=15) and rng.random() < LEFT_WAITING:
        return asked + 1
    return None


def _live_through(stage: Stage, plot: Plot, at: datetime, rng: Random) -> None:
    place = rng.choice(stage.places)
    priority = stage.priorities[plot.priority]
    history = History(stage, place, plot.story, priority=priority, subject=plot.subject, until=at, rng=rng)
    history.tell(plot.filed_at, turns=plot.turns)
