"""Who decides the severity: at some vendors one group alone.

"it is solely up to the Tier Two team member to decide the severity of the issue immediately and post it to the
ticketing system" (Drud, Ticket Procedures): the contract's ``triage.team``.
"""

from __future__ import annotations

from plans import queries as plan_queries
from plans.contract import Contract
from supportdesk.accounts.models import Membership, Role, TeamMember


def kept_from(who: Membership | None, contract: Contract | None) -> str:
    """The name of the group that alone decides the severity, where ``who`` is not one of it; empty where they may.

    Leads and admins always may, and the system (None). One query, and only for an agent of a vendor with such a group.
    """
    team = contract.triage.team if contract is not None and contract.triage is not None else None
    if team is None or who is None or contract is None or who.is_at_least(Role.LEAD):
        return ""
    if TeamMember.objects.filter(team__slug=team, membership=who).exists():
        return ""
    return contract.teams[team].name


def kept_from_now(who: Membership | None) -> str:
    """As ``kept_from``, by the contract in force."""
    return kept_from(who, plan_queries.current_contract())
