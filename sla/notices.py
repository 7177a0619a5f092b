"""Who is told that a clock is at risk or broken: the assignee and the vendor's leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from sla.models import METRICS
from supportdesk.accounts.models import Membership, TeamMember, Vendor
from supportdesk.jinja import instant
from supportdesk.notifications import actions as notifications
from supportdesk.notifications.actions import EMAIL, INBOX, Occasion
from tickets import paging
from tickets.models import Event
from tickets.models.event import Kind

AT_ONCE = 5
"""More alarms of a kind than this in one moment make one e-mail together instead of one each."""

LISTED = 100
"""So many of them are named in it."""


Told = list[tuple[Event, list[Membership]]]


def tell(alarms: Sequence[Event]) -> None:
    """A notice of each alarm to each person concerned, and e-mails: one for each alarm, or one for all of a kind when
    they are many at once. A warning that comes together with the breach it warned of (after an outage) is not worth a
    message, and what an escalation policy of the vendor sees to is that policy's to tell. The same number of queries
    for any number of alarms."""
    broken = {event.data["clock"] for event in alarms if event.kind == Kind.SLA_BREACHED}
    events = [
        each
        for each in alarms
        if (each.kind == Kind.SLA_BREACHED or each.data["clock"] not in broken) and not notifications.is_muted(each.at)
    ]
    taken_over = paging.seen_to(events)
    events = [each for each in events if each.pk not in taken_over]
    if not events:
        return
    told = _with_people(events)
    slug, zone = Vendor.objects.values_list("slug", "zone").get(pk=events[0].vendor_id)
    words = _Words.of(slug, zone)
    occasions = {event.pk: _occasion(event, words) for event in events}
    notifications.tell_many(((occasions[event.pk], people) for event, people in told), channels=(INBOX,))
    notifications.tell_many(_emails(told, occasions, slug), channels=(EMAIL,))


def _with_people(events: Sequence[Event]) -> Told:
    """Who hears of each: the assignee, or without one the ticket's team; and the leads."""
    leads = list(Membership.objects.leads())
    team_ids = {event.ticket.team_id for event in events if event.ticket.assignee_id is None and event.ticket.team_id}
    members: dict[int, list[Membership]] = {}
    if team_ids:
        rows = TeamMember.objects.filter(team_id__in=team_ids, membership__is_active=True)
        for row in rows.select_related("membership__user"):
            members.setdefault(row.team_id, []).append(row.membership)
    told = []
    for event in events:
        ticket = event.ticket
        holder = [ticket.assignee] if ticket.assignee is not None else members.get(ticket.team_id or 0, [])
        told.append((event, list({person.pk: person for person in (*holder, *leads)}.values())))
    return told


def _emails(told: Told, occasions: dict[int, Occasion], slug: str) -> Iterator[tuple[Occasion, list[Membership]]]:
    by_person: dict[tuple[int, str], Told] = {}
    for event, people in told:
        for person in people:
            by_person.setdefault((person.pk, event.kind), []).append((event, [person]))
    for theirs in by_person.values():
        if len(theirs) <= AT_ONCE:
            yield from ((occasions[event.pk], people) for event, people in theirs)
        else:
            events, people = [event for event, _ in theirs], theirs[0][1]
            yield _bundle(events, [occasions[event.pk] for event in events], slug), people


@dataclass(frozen=True, slots=True)
class _Words:
    """What the messages of one moment have in common, looked up once for all of them."""

    metrics: Mapping[str, str]
    overdue: str
    at_risk: str
    was_due: str
    is_due: str
    path: tuple[str, str]
    zone: str

    @classmethod
    def of(cls, slug: str, zone: str) -> _Words:
        before, _number, after = reverse("desk-ticket", kwargs={"vendor": slug, "number": 0}).rpartition("0")
        return cls(
            metrics={metric: str(name) for metric, name in METRICS},
            overdue=_("Overdue: %(metric)s of #%(number)s, %(subject)s"),
            at_risk=_("At risk: %(metric)s of #%(number)s, %(subject)s"),
            was_due=_("Promised: %(promise)s. It was due at %(due)s and has not been kept."),
            is_due=_("Promised: %(promise)s. It is due at %(due)s."),
            path=(before, after),
            zone=zone,
        )


def _occasion(event: Event, words: _Words) -> Occasion:
    number = event.ticket.number
    return Occasion(
        kind=event.kind,
        title=_title(event, words),
        body=_body(event, words),
        path=f"{words.path[0]}{number}{words.path[1]}",
        key=f"event-{event.pk}",
        at=event.at,
        ticket_number=number,
        thread=f"ticket-{event.ticket.vendor_id}-{number}",
    )


def _bundle(events: Sequence[Event], occasions: Sequence[Occasion], slug: str) -> Occasion:
    """One message about many alarms of a kind, named after the first and the last of them."""
    count = len(events)
    title = (
        _("%(count)s promises are overdue") if events[0].kind == Kind.SLA_BREACHED else _("%(count)s promises at risk")
    ) % {"count": count}
    lines = [f"- {occasion.title}" for occasion in occasions[:LISTED]]
    if count > LISTED:
        lines.append("- " + _("and %(count)s more") % {"count": count - LISTED})
    return Occasion(
        kind=events[0].kind,
        title=title,
        body="\n".join(lines),
        path=reverse("desk-queue", kwargs={"vendor": slug}),
        key=f"events-{events[0].pk}-{events[-1].pk}",
        at=max(event.at for event in events),
    )


def _title(event: Event, words: _Words) -> str:
    metric = words.metrics.get(event.data["metric"], event.data["metric"])
    named = {"number": event.ticket.number, "subject": event.ticket.subject, "metric": metric}
    return (words.overdue if event.kind == Kind.SLA_BREACHED else words.at_risk) % named


def _body(event: Event, words: _Words) -> str:
    """One text for all who are told, so in the vendor's time, which it names."""
    due = instant(datetime.fromisoformat(event.data["due_at"]), words.zone) if event.data["due_at"] else "–"
    promised = {"promise": event.data["promise"], "due": due}
    return (words.was_due if event.kind == Kind.SLA_BREACHED else words.is_due) % promised
