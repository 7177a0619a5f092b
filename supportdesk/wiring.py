"""Who follows what: the one place that knows every app.

Reactions run in the order of this list, inside the transaction of what they react to.
"""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig
from django.conf import settings


class Wiring(AppConfig):
    """The last installed app: when it is ready, every other is."""

    name = "supportdesk.wiring"
    label = "wiring"

    def ready(self) -> None:
        from escalation import assigning, listening, missed, opening, shift_notices, steps, untaken, watch
        from escalation import reactions as escalation_reactions
        from plans import followers
        from plans.actions.versions import IN_FORCE
        from sla import actions as sla_actions
        from sla import alarms as sla_alarms
        from sla import reactions as sla_reactions
        from sla import tasks as sla_tasks
        from sla.backtest_runs import PART
        from supportdesk.notifications import delivery, inbound, receipts
        from supportdesk.notifications.outbox import KIND, URGENT
        from supportdesk.timers import registry
        from tickets import call_reminders, events, reminders
        from tickets import reactions as ticket_reactions

        events.reactions[:] = [
            sla_reactions.follow_tickets,
            escalation_reactions.follow_tickets,
            sla_reactions.tell_of_alarms,
            reminders.follow_tickets,
            assigning.follow_tickets,
            call_reminders.follow_tickets,
            ticket_reactions.tell_people,
        ]
        registry.register("sla.alarm", sla_alarms.fire)
        registry.register(opening.TIMER, steps.fire)
        registry.register(watch.TIMER, watch.fire)
        registry.register(missed.TIMER, missed.fire)
        registry.register(untaken.TIMER, untaken.fire)
        inbound.listeners[:] = [listening.hear]
        receipts.listeners[:] = [missed.follow, untaken.follow]
        followers.followers[:] = [sla_actions.follow_contract]
        registry.register(IN_FORCE, sla_tasks.version_in_force, lane="task", lease=sla_tasks.LEASE)
        registry.register(PART, sla_tasks.backtest_part, lane="task", lease=sla_tasks.LEASE)
        registry.register(reminders.TIMER, reminders.fire)
        registry.register(shift_notices.TIMER, shift_notices.fire)
        registry.register(call_reminders.TIMER, call_reminders.fire)
        lease = timedelta(seconds=settings.DELIVERY_LEASE)
        split = delivery.batches
        registry.register_batches(KIND, delivery.deliver, split=split, lease=lease)
        registry.register_batches(
            URGENT, delivery.deliver_urgent, split=split, lease=lease, queue=registry.URGENT_QUEUE
        )
