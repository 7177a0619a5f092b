"""From a policy as the contract says it to the ladder that is climbed, and to plain words."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import gettext as _

from escalation.ladder import Assign, Hold, Ladder, Notify, Post, RaiseSeverity, Repeat, SetTeam, Step, Wait
from plans.contract.paging import PolicySection, StepSection
from plans.policies import policy_of
from plans.queries import policy_book_of

DEFAULT_CHANNELS = ("inbox", "email")
EMPTY = Ladder(())
"""What a page of a policy that its contract does not have stands on: it tells the fallback."""


def ladder_of(policy: PolicySection) -> Ladder:
    """The ladder of a policy."""
    return Ladder(
        steps=tuple(_step(section) for section in policy.steps),
        fallback=tuple(policy.fallback),
        acknowledged_for=policy.acknowledged_for,
    )


@lru_cache(maxsize=1024)
def ladder_in(contract_version_id: int, slug: str) -> Ladder:
    """The ladder of a policy of one contract version, kept in the process; ``EMPTY`` where it has no such policy."""
    policy = policy_of(policy_book_of(contract_version_id).contract, slug)
    return EMPTY if policy is None else ladder_of(policy)


def overrides_quiet_hours(policy: PolicySection | None, rank: int) -> bool:
    """Whether people are woken in their quiet hours: always for the most urgent priority."""
    return rank == 1 or (policy is not None and policy.quiet_hours == "override")


def name_of(contract_version_id: int, slug: str) -> str:
    """What a policy is called in that version of the contract."""
    policy = policy_of(policy_book_of(contract_version_id).contract, slug)
    return policy.name if policy is not None else slug


def severity_of(rank: int) -> str:
    """How grave services show an incident of a priority of that rank."""
    return {1: "critical", 2: "error", 3: "warning"}.get(rank, "info")


def trigger_names() -> dict[str, str]:
    """What may open a page, in words, in the order in which the builder offers it."""
    return {
        "opened": _("A ticket is opened"),
        "warning": _("A promise is at risk"),
        "breach": _("A promise is broken"),
        "update_near": _("The promised next update is near"),
        "unassigned": _("Nobody has taken the ticket for"),
        "unacknowledged": _("Nobody has looked at the ticket for"),
        "escalated": _("The customer escalates"),
        "keyword": _("The customer writes the keyword"),
        "callback": _("The customer waits for a call"),
        "manual": _("Somebody pages by hand"),
    }


def _step(section: StepSection) -> Step:
    match section.verb:
        case "notify":
            return Notify(tuple(section.notify), tuple(section.by) or DEFAULT_CHANNELS)
        case "wait" if section.wait is not None:
            return Wait(section.wait.total_seconds(), section.in_hours or "")
        case "hold":
            return Hold(section.hold or "")
        case "assign":
            return Assign("" if section.assign == "nobody" else section.assign or "")
        case "team":
            return SetTeam(section.team or "")
        case "severity":
            return RaiseSeverity(section.severity or "")
        case "post":
            return Post(section.post or "")
    return Repeat((section.repeat_from or 1) - 1, section.times or 1)
