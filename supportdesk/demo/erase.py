"""Taking the demo's tickets away again, with everything that hangs on them."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.core.files.storage import default_storage
from django.db import connection, transaction

from escalation import opening, watch
from escalation.models import Page
from sla.reactions import TIMER
from supportdesk.accounts import audit
from supportdesk.demo.people import Cast
from supportdesk.notifications.models import Delivery, KeptMail, Notice
from supportdesk.notifications.outbox import clear_timers
from supportdesk.timers import actions as timers
from tickets.models import Attachment, Ticket

ERASED = "demo.erased"


def erase_tickets(cast: Cast, *, at: datetime) -> int:
    """Removes every ticket that the demo's customers have filed, by stories or by visitors; how many.

    Needs the vendor's scope. People, projects and subscriptions stay; ticket numbers go on counting.
    """
    tickets = Ticket.objects.filter(
        requester__user__email__in=[person.email for company in cast.companies for person in company.people]
    )
    numbers = dict(tickets.values_list("id", "number"))
    deliveries = Delivery.objects.filter(ticket_number__in=numbers.values())
    files = list(Attachment.objects.filter(ticket__in=tickets).values_list("file", flat=True))
    timers.clear_many(TIMER, numbers)
    timers.clear_many(watch.TIMER, numbers)
    timers.clear_many(opening.TIMER, Page.objects.filter(ticket__in=tickets).values_list("id", flat=True))
    clear_timers(deliveries.values_list("id", flat=True))
    KeptMail.objects.filter(message_id__in=deliveries.exclude(reference="").values("reference")).delete()
    deliveries.delete()
    Notice.objects.filter(ticket_number__in=numbers.values()).delete()
    with connection.cursor() as cursor:  # timelines are append-only but for this, said aloud and until the commit
        cursor.execute("SELECT set_config('app.erase', 'on', true)")
        tickets.delete()
        cursor.execute("SELECT set_config('app.erase', '', true)")
    audit.record(ERASED, by=None, at=at, tickets=len(numbers))
    transaction.on_commit(partial(_remove, files))
    return len(numbers)


def _remove(files: list[str]) -> None:
    for name in files:
        default_storage.delete(name)
