"""Pages in lived-through histories: their steps are taken at their instants, as a worker would have."""

from __future__ import annotations

from datetime import datetime

from escalation import opening, steps
from escalation.models import Page
from supportdesk.timers import claims
from supportdesk.timers.models import Timer
from supportdesk.timers.registry import DueTimer
from tickets.models import Ticket


def live_through(ticket: Ticket, *, until: datetime) -> None:
    """Takes every step of the ticket's pages that was due before ``until``, each at its own instant."""
    pages = list(Page.objects.unsettled().filter(ticket=ticket).values_list("pk", flat=True))
    while pages:
        due = (
            Timer.objects.filter(kind=opening.TIMER, subject_id__in=pages, due_at__lt=until).order_by("due_at").first()
        )
        if due is None or due.due_at is None:
            return
        timer = DueTimer(due.pk, due.vendor_id, due.kind, due.subject_id, due.epoch, due.due_at, due.attempts)
        claims.mark_fired([timer])
        steps.fire([timer], at=due.due_at)
