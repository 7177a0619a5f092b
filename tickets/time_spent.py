"""How much time was spent: on a ticket, and in a period by organization and person; as a file too."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from typing import Any

from django import forms
from django.db.models import Count, JSONField, Q, Subquery, Sum
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from supportdesk.accounts.models import Membership, Organization
from tickets.actions.time import allowances_of
from tickets.export import BOM, safe
from tickets.models import RunningTimer, Ticket, TimeEntry
from tickets.models.ticket import TicketQuerySet
from tickets.models.time_entry import MOST_MINUTES, TimeEntryQuerySet

DAY = {"type": "date"}
MOST_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Total:
    """Minutes, those of them that are billable, and on how many tickets."""

    label: str
    minutes: int
    billable: int
    tickets: int = 0


@dataclass(frozen=True, slots=True)
class Running:
    """A person's timer: on which ticket, by id and number, and since when."""

    ticket_id: int
    number: int
    started_at: datetime


def with_timer_of(tickets: TicketQuerySet, who: Membership) -> TicketQuerySet:
    """With this person's timer on each, wherever it runs (``timer_of`` reads it), at no query of its own."""
    said = JSONObject(ticket="ticket_id", number="ticket__number", started_at="started_at")
    running = RunningTimer.objects.filter(person=who).annotate(said=said).values("said")
    return tickets.annotate(timer=Subquery(running[:1], output_field=JSONField()))


def timer_of(ticket: Ticket, who: Membership) -> Running | None:
    """The person's timer, from a ticket that was read with it; else by a query."""
    if not hasattr(ticket, "timer"):
        row = RunningTimer.objects.filter(person=who).select_related("ticket").first()
        return Running(row.ticket_id, row.ticket.number, row.started_at) if row else None
    said = ticket.timer
    return Running(said["ticket"], said["number"], datetime.fromisoformat(said["started_at"])) if said else None


def in_period(start: date, end: date, organization: Organization | None = None) -> TimeEntryQuerySet:
    """What was spent from the one day to the other, both included."""
    entries = TimeEntry.objects.filter(spent_on__range=(start, end))
    return entries.filter(ticket__organization=organization) if organization else entries


def totals(entries: TimeEntryQuerySet, by: str) -> list[Total]:
    """By the name that ``by`` leads to, the most time first. One query."""
    rows = entries.values(by).annotate(
        spent=Sum("minutes"),
        charged=Sum("minutes", filter=Q(is_billable=True)),
        tickets=Count("ticket", distinct=True),
    )
    return [
        Total(row[by] or "", row["spent"], row["charged"] or 0, row["tickets"]) for row in rows.order_by("-spent", by)
    ]


def spent_csv(entries: TimeEntryQuerySet) -> str:
    """One line an entry, the latest first, at most ``MOST_ROWS``."""
    out = StringIO()
    out.write(BOM)
    writer = csv.writer(out)
    writer.writerow(
        [
            _("Day"),
            _("Ticket"),
            _("Subject"),
            _("Organization"),
            _("Person"),
            _("Minutes"),
            _("Billable"),
            _("Allowance"),
            _("Note"),
        ]
    )
    for each in entries.for_rows()[:MOST_ROWS]:
        writer.writerow(
            [
                each.spent_on.isoformat(),
                each.ticket.number,
                safe(each.ticket.subject),
                safe(each.ticket.organization.name),
                safe(each.person.name),
                each.minutes,
                _("yes") if each.is_billable else _("no"),
                safe(each.allowance),
                safe(each.note),
            ]
        )
    return out.getvalue()


class TimeForm(forms.Form):
    """Minutes on a day, what for, and whether they are charged."""

    prefix = "time"

    minutes = forms.IntegerField(label=gettext_lazy("Minutes"), min_value=1, max_value=MOST_MINUTES)
    spent_on = forms.DateField(label=gettext_lazy("Day"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    note = forms.CharField(label=gettext_lazy("What for"), max_length=300, required=False)
    is_billable = forms.BooleanField(label=gettext_lazy("Billable"), required=False)

    def __init__(self, *args: Any, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = allowances_of(ticket)
        if offered:
            choices = [("", _("No allowance")), *offered.items()]
            self.fields["allowance"] = forms.ChoiceField(label=_("Taken from"), choices=choices, required=False)


class PeriodForm(forms.Form):
    """From which day to which, and of which organization."""

    start = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    end = forms.DateField(label=gettext_lazy("To"), widget=forms.DateInput(attrs=DAY, format="%Y-%m-%d"))
    organization: forms.ModelChoiceField[Organization] = forms.ModelChoiceField(
        queryset=None, label=gettext_lazy("Organization"), required=False, empty_label=gettext_lazy("All")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = Organization.objects.order_by("name")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("start") and data.get("end") and data["end"] < data["start"]:
            self.add_error("end", _("The end must not come before the beginning."))
        return data
