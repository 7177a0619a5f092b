"""The clocks of a ticket that nobody filed, explained as those of a filed one are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from sla.band import Band, band
from sla.chips import ChipState, reason_text, state_of
from sla.clocks import advance, replay
from sla.explain import sentences
from sla.facts import Fact
from sla.runs import Outcome, Run
from sla.turns import turns_of


@dataclass(frozen=True, slots=True)
class Told:
    """One run of a clock, with its sentences and its strip of time."""

    run: Run
    state: ChipState
    sentences: list[str]
    band: Band

    def as_json(self) -> dict[str, Any]:
        """What ``deadline --json`` says of a target, and what is told of this run besides. Instants in UTC."""
        run = self.run
        return {
            "metric": run.metric.value,
            "audience": run.audience.value,
            "due_at": _iso(run.due_at),
            "best_effort": run.target.is_best_effort,
            "promise": run.target.promise,
            "cycle": run.cycle,
            "state": self.state.value,
            "started_at": _iso(run.started_at),
            "settled_at": _iso(run.settled_at),
            "sentences": self.sentences,
        }


def told(facts: Sequence[Fact], *, at: datetime, zone: tzinfo) -> list[Told]:
    """Every run of these facts that was not cancelled, as it stands at ``at``, in the order in which they started; what
    happened after ``at`` is not known then."""
    known = [fact for fact in facts if fact.at <= at]
    book, _ = advance(replay(known), at)
    runs = [run for run in book.runs if run.outcome is not Outcome.CANCELLED]
    return [
        Told(
            run,
            state_of(run, at),
            sentences(
                run,
                at,
                zone=zone,
                turns=turns_of(known, (run.metric, run.audience), run.cycle),
                reason_of=reason_text,
            ),
            band(run, at, zone=zone, reason_of=reason_text),
        )
        for run in sorted(runs, key=lambda run: (run.started_at, run.audience, run.metric))
    ]


def _iso(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z") if instant else None
