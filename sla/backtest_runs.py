"""Running a backtest: here, on all cores of this machine, or spread over the workers as timers. In batches of tickets.

Locally this process reads and its children fold, so that the children need no database. With workers every part is a
row with a timer, and whoever fires it writes the part's answer: a worker that dies is taken over from when its lease
ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from multiprocessing import get_context

from django.conf import settings
from django.db.models import BooleanField, ExpressionWrapper, Q

from plans.contract import Contract, canonical, read_canonical
from sla import drafts
from sla.backtest import Comparison, Question, compare, fold, remember
from sla.history import histories, question, tickets_between
from sla.models import Backtest, BacktestPart
from supportdesk.accounts.models import Membership
from supportdesk.timers import actions as timers
from supportdesk.timers.models import Heartbeat

PART = "sla.backtest"
"""The kind of timer of one part; its subject is the part."""
BATCH = 250
ALIVE = timedelta(seconds=30)

Progress = Callable[[int, int], None]
"""Told how many tickets are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Over which period, and against which terms: those of their time, or those in force today."""

    start: datetime
    end: datetime
    is_against_present: bool = False


def run(contract: Contract, asked: Asked, *, at: datetime, jobs: int, progress: Progress) -> Comparison:
    """The whole answer, folded on ``jobs`` processes of this machine. Needs a vendor scope."""
    asking = _question(contract, asked, at)
    ticket_ids = tickets_between(asked.start, asked.end)
    answer = Comparison()
    progress(0, len(ticket_ids))

    def take(part: Comparison) -> None:
        answer.add(part)
        progress(answer.tickets, len(ticket_ids))

    batches = _batches(ticket_ids)
    if jobs <= 1 or len(batches) <= 1:
        for batch in batches:
            take(compare(asking, histories(batch)))
    else:
        _fold_on_processes(asking, batches, jobs, take)
    return answer


def ask_workers(contract: Contract, asked: Asked, *, by: Membership | None, at: datetime) -> Backtest:
    """Hands the parts to the workers, who begin when this transaction commits. Needs a vendor scope."""
    backtest = Backtest.objects.create(
        document=canonical(contract),
        start=asked.start,
        end=asked.end,
        at=at,
        is_against_present=asked.is_against_present,
        asked_by=by,
    )
    parts = BacktestPart.objects.bulk_create(
        BacktestPart(backtest=backtest, ticket_ids=list(batch))
        for batch in _batches(tickets_between(asked.start, asked.end))
    )
    timers.set_many(PART, {part.pk: at for part in parts})
    return backtest


def answer_part(part: BacktestPart) -> Comparison:
    """One part's answer. Needs a vendor scope."""
    return compare(_asked_of(part.backtest_id), histories(part.ticket_ids))


def progress_of(backtest: Backtest) -> tuple[int, int]:
    """How many tickets are done, and of how many."""
    is_done = ExpressionWrapper(Q(answer__isnull=False), BooleanField())
    parts = [(len(ids), done) for ids, done in backtest.parts.annotate(done=is_done).values_list("ticket_ids", "done")]
    return sum(count for count, done in parts if done), sum(count for count, _ in parts)


def collect(backtest: Backtest) -> Comparison:
    """The answers of all parts that are done."""
    answer = Comparison()
    for part in backtest.parts.filter(answer__isnull=False).iterator():
        answer.add(Comparison.from_json(part.answer or {}))
    return answer


def withdraw(backtest: Backtest) -> None:
    """Removes the backtest and whatever of it has not begun."""
    timers.clear_many(PART, backtest.parts.values_list("pk", flat=True))
    backtest.delete()


def has_workers(at: datetime) -> bool:
    """Whether there is a broker with several workers to share the work."""
    return bool(settings.REDIS_URL) and Heartbeat.objects.filter(beat_at__gte=at - ALIVE).count() > 1


def _question(contract: Contract, asked: Asked, at: datetime) -> Question:
    return question(
        drafts.of_contract(contract),
        start=asked.start,
        end=asked.end,
        at=at,
        against_present=asked.is_against_present,
    )


@lru_cache(maxsize=8)
def _asked_of(backtest_id: int) -> Question:
    backtest = Backtest.objects.get(pk=backtest_id)
    contract = read_canonical(backtest.document, name=f"backtest {backtest_id}")
    return _question(contract, Asked(backtest.start, backtest.end, backtest.is_against_present), backtest.at)


def _batches(ticket_ids: Sequence[int]) -> list[Sequence[int]]:
    return [ticket_ids[first : first + BATCH] for first in range(0, len(ticket_ids), BATCH)]


def _fold_on_processes(
    asking: Question, batches: Sequence[Sequence[int]], jobs: int, take: Callable[[Comparison], None]
) -> None:
    """Reads on while the children fold, a few batches ahead of them and no more."""
    with ProcessPoolExecutor(jobs, get_context("spawn"), remember, (asking,)) as pool:
        running: set[Future[Comparison]] = set()
        for batch in batches:
            if len(running) > 2 * jobs:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for each in done:
                    take(each.result())
            running.add(pool.submit(fold, histories(batch)))
        for each in running:
            take(each.result())
