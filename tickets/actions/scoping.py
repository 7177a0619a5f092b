"""Whether support covers a request: what the team decides, and what the customer says to a fee."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from plans.contract.desk import ExclusionSection
from plans.states import State
from supportdesk.accounts.models import Membership, Role
from tickets import events, transitions
from tickets.actions.conversation import reply
from tickets.actions.locking import locked, staff_only
from tickets.actions.status import change_state
from tickets.errors import Refused
from tickets.models import Event, ScopeDecision, Ticket
from tickets.models.event import Kind
from tickets.models.scope_decision import ScopeAction

TELLS = (ScopeAction.FORWARD, ScopeAction.FEE, ScopeAction.DECLINE)
"""What is never done without a word to the customer."""


@transaction.atomic
def decide_scope(
    ticket: Ticket,
    *,
    exclusion: ExclusionSection | None,
    by: Membership,
    at: datetime,
    reason: str = "",
    fee: str = "",
    body: str = "",
    then_state: State | None = None,
) -> ScopeDecision:
    """The request is in scope (None), or one of the contract's exclusions, with the reason for the desk and, in
    ``body``, the public message to the customer. A later decision replaces an earlier one.

    What is forwarded goes to the contract's sales people with the reason; a fee waits for the customer's agreement.
    Raises Refused, naming the field, without a reason or a message where either is needed.
    """
    staff_only(by)
    ticket = locked(ticket)
    if exclusion is None:
        return _decide(ticket, None, by=by, at=at, reason=reason, fee="", told=False)
    action = ScopeAction(exclusion.action)
    if not reason.strip():
        raise Refused(_("Say why, for your colleagues and for sales."), field="reason")
    if action in TELLS and not body.strip():
        raise Refused(_("The customer needs to be told."), field="body")
    if action is ScopeAction.FEE and not fee.strip():
        raise Refused(_("Say what it costs, so that the customer can agree."), field="fee")
    decision = _decide(ticket, exclusion, by=by, at=at, reason=reason, fee=fee, told=bool(body.strip()))
    if body.strip():
        reply(ticket, by=by, at=at, body=body, then_state=then_state)
    elif then_state is not None and then_state != ticket.state:
        if not transitions.may_follow(State(ticket.state), then_state):
            raise Refused(_("The ticket has moved on; that status cannot follow any more."), field="then_state")
        change_state(ticket, then_state, by=by, at=at, reason=exclusion.name)
    return decision


@transaction.atomic
def answer_fee(ticket: Ticket, *, agrees: bool, by: Membership, at: datetime) -> ScopeDecision:
    """The customer agrees to the additional fee, or does not; the desk is told and the ticket waits no longer for them.

    The requester and managers of the organization may (PermissionDenied). Raises Refused when none is asked for.
    """
    if by.organization_id != ticket.organization_id or not (by.pk == ticket.requester_id or by.role == Role.MANAGER):
        raise PermissionDenied(_("Only the person who filed this ticket, or a manager, can agree to a fee."))
    ticket = locked(ticket)
    decision = ScopeDecision.objects.filter(ticket=ticket).first()
    if decision is None or not decision.awaits_customer:
        raise Refused(_("No fee is waiting for your answer on this ticket."))
    decision.is_agreed, decision.answered_by, decision.answered_at = agrees, by, at
    decision.save(update_fields=["is_agreed", "answered_by", "answered_at"])
    events.record(ticket, Kind.FEE_ANSWERED, by=by, at=at, is_agreed=agrees, fee=decision.fee)
    change_state(ticket, transitions.after_customer_message(State(ticket.state)), by=by, at=at)
    return decision


def _decide(
    ticket: Ticket,
    exclusion: ExclusionSection | None,
    *,
    by: Membership,
    at: datetime,
    reason: str,
    fee: str,
    told: bool,
) -> ScopeDecision:
    facts: dict[str, Any] = {
        "exclusion": exclusion.slug if exclusion else "",
        "name": exclusion.name if exclusion else "",
        "action": exclusion.action if exclusion else "",
        "reason": reason.strip()[:1000],
        "fee": fee.strip()[:200] if exclusion and ScopeAction(exclusion.action) is ScopeAction.FEE else "",
    }
    kept = {"text": exclusion.text if exclusion else "", "by": by, "at": at}
    unanswered = {"is_agreed": None, "answered_by": None, "answered_at": None}
    decision, _made = ScopeDecision.objects.update_or_create(ticket=ticket, defaults=facts | kept | unanswered)
    # That a request is in scope after all is the desk's own business, unless the customer had heard otherwise.
    is_staff = exclusion is None and not _was_told(ticket)
    events.record(ticket, Kind.SCOPE_DECIDED, by=by, at=at, told=told, is_staff=is_staff, **facts)
    return decision


def _was_told(ticket: Ticket) -> bool:
    decided = Event.objects.filter(ticket=ticket, kind=Kind.SCOPE_DECIDED).order_by("-at", "-pk").first()
    return decided is not None and bool(decided.data["exclusion"])
