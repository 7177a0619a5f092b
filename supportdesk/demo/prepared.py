"""The demo's canned responses and macros, for everybody at a vendor's desk."""

from __future__ import annotations

from datetime import datetime, timedelta

from plans.states import State
from supportdesk.accounts.models import Membership, Team
from tickets.actions.preparing import keep_macro, keep_response
from tickets.models import CannedResponse, Macro

WRITTEN_BEFORE = timedelta(days=120)
RESPONSES = (
    (
        "We are on it",
        "Hello {{customer.first_name}},\n\nthank you for telling us. We have your request #{{ticket.number}} as "
        "{{priority}} and are starting on it.\n\n{{agent.first_name}}, {{vendor.name}}",
    ),
    (
        "Ask for logs",
        "Hello {{customer.first_name}},\n\nto look into this we need:\n\n- the full output of the error\n- the time "
        "at which you saw it, with the time zone\n- what changed on {{project.name}} before\n\n{{agent.first_name}}",
    ),
    (
        "Has it helped?",
        "Hello {{customer.first_name}},\n\nhas this helped with “{{ticket.subject}}”? If so, please mark the request "
        "as resolved; if not, write what you see now.\n\n{{agent.first_name}}",
    ),
)


def seed_prepared(*, at: datetime) -> None:
    """Written by a lead some months before ``at``. Needs the vendor's scope, its people and its contract. A vendor that
    has any is left alone: those may be a visitor's."""
    if CannedResponse.objects.exists() or Macro.objects.exists():
        return
    lead, then = Membership.objects.leads().order_by("pk").first(), at - WRITTEN_BEFORE
    if lead is None:
        return
    for title, body in RESPONSES:
        keep_response(None, by=lead, at=then, title=title, body=body)
    keep_macro(
        None,
        by=lead,
        at=then,
        title="Acknowledge and take it",
        reply=RESPONSES[0][1],
        assign="me",
        then_state=State.IN_PROGRESS.value,
        next_update_minutes=60,
    )
    keep_macro(
        None, by=lead, at=then, title="Ask for logs and wait", reply=RESPONSES[1][1], then_state=State.WAITING.value
    )
    second = Team.objects.order_by("pk")[1:2].first()
    if second is not None:
        keep_macro(
            None,
            by=lead,
            at=then,
            title=f"Hand over to {second.name}",
            note="Handed over: I do not know the answer. What was tried stands above.",
            assign="nobody",
            group=second,
        )
